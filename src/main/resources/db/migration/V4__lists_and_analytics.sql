-- What people look at: tokens by their last use, the use of a token and of an account over time, sessions, users, roles, the event log.
--
-- A server of the version before goes on writing what it counts of each token, but nothing of accounts: while both run, the
-- use of accounts lacks what the older one judged.

-- --- The last use of each token ---
-- A row for each token from its creation on, so that an index can sort all tokens of an account by it.
ALTER TABLE token_usage
    ADD COLUMN account_id uuid,
    -- The newest addresses before last_used_ip, newest first, at most nine: [{"address": …, "lastUsedAt": …}].
    ADD COLUMN earlier_addresses jsonb NOT NULL DEFAULT '[]',
    -- NULL: never used.
    ALTER COLUMN last_used_at DROP NOT NULL;
UPDATE token_usage u SET account_id = t.account_id FROM personal_access_token t WHERE t.id = u.token_id;
INSERT INTO token_usage (token_id, account_id) SELECT id, account_id FROM personal_access_token ON CONFLICT DO NOTHING;
ALTER TABLE token_usage
    ALTER COLUMN account_id SET NOT NULL,
    DROP CONSTRAINT token_usage_token_id_fkey,
    ADD FOREIGN KEY (account_id, token_id) REFERENCES personal_access_token (account_id, id) ON DELETE CASCADE;
CREATE INDEX token_usage_last_used ON token_usage (account_id, (coalesce(last_used_at, '-infinity'::timestamptz)), token_id);

CREATE FUNCTION latchkey_token_is_unused() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO token_usage (token_id, account_id) SELECT id, account_id FROM made;
    RETURN NULL;
END
$$;
CREATE TRIGGER usage_begins AFTER INSERT ON personal_access_token REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_token_is_unused();

-- For a server of the version before, which does not say whose the token is.
CREATE FUNCTION latchkey_usage_account() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    NEW.account_id := (SELECT account_id FROM personal_access_token WHERE id = NEW.token_id);
    RETURN NEW;
END
$$;
CREATE TRIGGER usage_account BEFORE INSERT ON token_usage
    FOR EACH ROW WHEN (NEW.account_id IS NULL) EXECUTE FUNCTION latchkey_usage_account();

-- --- Use over time ---
-- Of an account in an hour, by outcome: what all its tokens have in token_usage_hourly, those included that were deleted since.
CREATE TABLE account_usage_hourly (
    account_id uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    hour       timestamptz NOT NULL,
    outcome    text NOT NULL,
    uses       bigint NOT NULL,
    PRIMARY KEY (account_id, hour, outcome)
);
INSERT INTO account_usage_hourly (account_id, hour, outcome, uses)
SELECT t.account_id, u.hour, u.outcome, sum(u.uses) FROM token_usage_hourly u JOIN personal_access_token t ON t.id = u.token_id
GROUP BY t.account_id, u.hour, u.outcome;

-- Of a token in a day (UTC), to find the tokens of an account that are used most.
CREATE TABLE token_usage_daily (
    account_id uuid NOT NULL,
    token_id   uuid NOT NULL,
    day        date NOT NULL,
    -- The refused ones included.
    uses       bigint NOT NULL,
    refused    bigint NOT NULL,
    PRIMARY KEY (account_id, token_id, day),
    FOREIGN KEY (account_id, token_id) REFERENCES personal_access_token (account_id, id) ON DELETE CASCADE
);
INSERT INTO token_usage_daily (account_id, token_id, day, uses, refused)
SELECT t.account_id, t.id, (u.hour AT TIME ZONE 'UTC')::date, sum(u.uses),
       coalesce(sum(u.uses) FILTER (WHERE u.outcome <> 'ALLOWED'), 0)
FROM token_usage_hourly u JOIN personal_access_token t ON t.id = u.token_id
GROUP BY t.account_id, t.id, (u.hour AT TIME ZONE 'UTC')::date;
CREATE INDEX token_usage_daily_day ON token_usage_daily (account_id, day);

-- --- Sessions ---
-- The newest refresh token of a session tells when it was last used. Also finds all of a session's, as the index before did.
CREATE INDEX refresh_token_newest ON refresh_token (session_id, created_at);
DROP INDEX refresh_token_session;

-- --- People ---
-- A sign-in that names no account.
CREATE INDEX app_user_email_anywhere ON app_user (lower(email));
CREATE INDEX app_user_created ON app_user (account_id, created_at, id);
CREATE INDEX app_user_words ON app_user
    USING gin (to_tsvector('simple', translate(email, '@.+-_', '     ') || ' ' || first_name || ' ' || last_name));
CREATE INDEX role_created ON role (account_id, created_at, id);

-- --- Event log ---
CREATE INDEX event_log_user ON event_log (account_id, user_id, created_at, id);
CREATE INDEX event_log_action ON event_log (account_id, action, created_at, id);
