-- The change feed: whatever changes the answer to "may this credential be used?" is announced on the channel latchkey_changes when it
-- is committed, whoever changed it: the service, or a person with psql.
--
-- A message is a list of ids (of tokens, sessions, users, roles and accounts; an id is never used twice), separated by commas, or *,
-- which means anything. Above 100 rows in one statement it names their accounts instead, so that a message stays below the 8,000 bytes
-- that PostgreSQL allows and a bulk change is not a flood.
--
-- NOTIFY serialises the commits that notify (a lock on the whole database is held until the commit is done), so only what matters to
-- verification does: not a name, not a tag, not a use.
--
-- The triggers are ALWAYS: they fire whatever session_replication_role says. Only what logical replication applies passes them by,
-- because it fires no statement triggers: a subscriber is no database for this service.

CREATE FUNCTION latchkey_announce(ids uuid[], accounts uuid[]) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    -- 200 ids of 36 characters and a comma are 7,400 bytes.
    accounts_in_a_message CONSTANT int := 200;
BEGIN
    IF cardinality(ids) = 0 THEN
        RETURN;
    ELSIF cardinality(ids) <= 100 THEN
        PERFORM pg_notify('latchkey_changes', array_to_string(ids, ','));
    ELSIF cardinality(accounts) <= accounts_in_a_message THEN
        PERFORM pg_notify('latchkey_changes', account) FROM unnest(accounts::text[]) AS account;
    ELSE
        PERFORM pg_notify('latchkey_changes', '*');
    END IF;
END
$$;

-- What is cached speaks of the rows as they were, so their ids count. The columns are those that a decision reads.
CREATE FUNCTION latchkey_tokens_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM latchkey_announce(coalesce(array_agg(DISTINCT id), '{}'), coalesce(array_agg(DISTINCT account_id), '{}')) FROM (
        SELECT id, account_id, owner_id, digest, scopes, allowed_ips, expires_at, revoked_at, replaced_digest, replaced_until
        FROM before
        EXCEPT
        SELECT id, account_id, owner_id, digest, scopes, allowed_ips, expires_at, revoked_at, replaced_digest, replaced_until
        FROM after) AS changed;
    RETURN NULL;
END
$$;

CREATE FUNCTION latchkey_sessions_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM latchkey_announce(coalesce(array_agg(DISTINCT id), '{}'), coalesce(array_agg(DISTINCT account_id), '{}')) FROM (
        SELECT id, account_id, user_id, expires_at, ended_at FROM before
        EXCEPT
        SELECT id, account_id, user_id, expires_at, ended_at FROM after) AS changed;
    RETURN NULL;
END
$$;

CREATE FUNCTION latchkey_users_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM latchkey_announce(coalesce(array_agg(DISTINCT id), '{}'), coalesce(array_agg(DISTINCT account_id), '{}')) FROM (
        SELECT id, account_id, role_id, disabled_at FROM before
        EXCEPT
        SELECT id, account_id, role_id, disabled_at FROM after) AS changed;
    RETURN NULL;
END
$$;

CREATE FUNCTION latchkey_roles_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM latchkey_announce(coalesce(array_agg(DISTINCT id), '{}'), coalesce(array_agg(DISTINCT account_id), '{}')) FROM (
        SELECT id, account_id, scopes FROM before
        EXCEPT
        SELECT id, account_id, scopes FROM after) AS changed;
    RETURN NULL;
END
$$;

CREATE FUNCTION latchkey_accounts_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM latchkey_announce(coalesce(array_agg(DISTINCT id), '{}'), coalesce(array_agg(DISTINCT id), '{}')) FROM (
        SELECT id, disabled_at FROM before
        EXCEPT
        SELECT id, disabled_at FROM after) AS changed;
    RETURN NULL;
END
$$;

-- Deleted rows of any of these tables but account, whose id is its account.
CREATE FUNCTION latchkey_deleted() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM latchkey_announce(coalesce(array_agg(id), '{}'), coalesce(array_agg(DISTINCT account_id), '{}')) FROM before;
    RETURN NULL;
END
$$;

CREATE FUNCTION latchkey_accounts_deleted() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM latchkey_announce(coalesce(array_agg(id), '{}'), coalesce(array_agg(id), '{}')) FROM before;
    RETURN NULL;
END
$$;

-- Sessions that ended long ago are cleared away all the time, and nobody can use them.
CREATE FUNCTION latchkey_sessions_deleted() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM latchkey_announce(coalesce(array_agg(id), '{}'), coalesce(array_agg(DISTINCT account_id), '{}'))
    FROM before WHERE expires_at > now() - interval '1 hour';
    RETURN NULL;
END
$$;

CREATE FUNCTION latchkey_truncated() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM pg_notify('latchkey_changes', '*');
    RETURN NULL;
END
$$;

CREATE TRIGGER feed_update AFTER UPDATE ON personal_access_token REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_tokens_changed();
CREATE TRIGGER feed_update AFTER UPDATE ON session REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_sessions_changed();
CREATE TRIGGER feed_update AFTER UPDATE ON app_user REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_users_changed();
CREATE TRIGGER feed_update AFTER UPDATE ON role REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_roles_changed();
CREATE TRIGGER feed_update AFTER UPDATE ON account REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_accounts_changed();

CREATE TRIGGER feed_delete AFTER DELETE ON personal_access_token REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_deleted();
CREATE TRIGGER feed_delete AFTER DELETE ON session REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_sessions_deleted();
CREATE TRIGGER feed_delete AFTER DELETE ON app_user REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_deleted();
CREATE TRIGGER feed_delete AFTER DELETE ON role REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_deleted();
CREATE TRIGGER feed_delete AFTER DELETE ON account REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_accounts_deleted();

CREATE TRIGGER feed_truncate AFTER TRUNCATE ON personal_access_token FOR EACH STATEMENT EXECUTE FUNCTION latchkey_truncated();
CREATE TRIGGER feed_truncate AFTER TRUNCATE ON session FOR EACH STATEMENT EXECUTE FUNCTION latchkey_truncated();
CREATE TRIGGER feed_truncate AFTER TRUNCATE ON app_user FOR EACH STATEMENT EXECUTE FUNCTION latchkey_truncated();
CREATE TRIGGER feed_truncate AFTER TRUNCATE ON role FOR EACH STATEMENT EXECUTE FUNCTION latchkey_truncated();
CREATE TRIGGER feed_truncate AFTER TRUNCATE ON account FOR EACH STATEMENT EXECUTE FUNCTION latchkey_truncated();

ALTER TABLE personal_access_token ENABLE ALWAYS TRIGGER feed_update, ENABLE ALWAYS TRIGGER feed_delete, ENABLE ALWAYS TRIGGER feed_truncate;
ALTER TABLE session ENABLE ALWAYS TRIGGER feed_update, ENABLE ALWAYS TRIGGER feed_delete, ENABLE ALWAYS TRIGGER feed_truncate;
ALTER TABLE app_user ENABLE ALWAYS TRIGGER feed_update, ENABLE ALWAYS TRIGGER feed_delete, ENABLE ALWAYS TRIGGER feed_truncate;
ALTER TABLE role ENABLE ALWAYS TRIGGER feed_update, ENABLE ALWAYS TRIGGER feed_delete, ENABLE ALWAYS TRIGGER feed_truncate;
ALTER TABLE account ENABLE ALWAYS TRIGGER feed_update, ENABLE ALWAYS TRIGGER feed_delete, ENABLE ALWAYS TRIGGER feed_truncate;

-- Each server writes its row four times a second: without an index on what changes, in place (a HOT update), and with room for it.
DROP INDEX server_heartbeat;
ALTER TABLE server SET (fillfactor = 20);
