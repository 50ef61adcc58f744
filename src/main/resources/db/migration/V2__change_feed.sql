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

-- What is cached speaks of the rows as they were, so it is their ids that count. Arguments: the column with the account's id, and the
-- columns that a decision reads; a row in which none of them changed is not announced.
CREATE FUNCTION latchkey_updated() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    ids      uuid[];
    accounts uuid[];
BEGIN
    EXECUTE format('SELECT coalesce(array_agg(DISTINCT id), %L), coalesce(array_agg(DISTINCT %s), %L)
                    FROM (SELECT %s FROM before EXCEPT SELECT %s FROM after) AS changed',
        '{}', TG_ARGV[0], '{}', TG_ARGV[1], TG_ARGV[1]) INTO ids, accounts;
    PERFORM latchkey_announce(ids, accounts);
    RETURN NULL;
END
$$;

-- Arguments: the column with the account's id, and which of the deleted rows matter.
CREATE FUNCTION latchkey_deleted() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    ids      uuid[];
    accounts uuid[];
BEGIN
    EXECUTE format('SELECT coalesce(array_agg(id), %L), coalesce(array_agg(DISTINCT %s), %L) FROM before WHERE %s',
        '{}', TG_ARGV[0], '{}', TG_ARGV[1]) INTO ids, accounts;
    PERFORM latchkey_announce(ids, accounts);
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
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_updated('account_id',
        'id, account_id, owner_id, digest, scopes, allowed_ips, expires_at, revoked_at, replaced_digest, replaced_until');
CREATE TRIGGER feed_update AFTER UPDATE ON session REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_updated('account_id', 'id, account_id, user_id, expires_at, ended_at');
CREATE TRIGGER feed_update AFTER UPDATE ON app_user REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_updated('account_id', 'id, account_id, role_id, disabled_at');
CREATE TRIGGER feed_update AFTER UPDATE ON role REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_updated('account_id', 'id, account_id, scopes');
CREATE TRIGGER feed_update AFTER UPDATE ON account REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_updated('id', 'id, disabled_at');

CREATE TRIGGER feed_delete AFTER DELETE ON personal_access_token REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_deleted('account_id', 'true');
-- Sessions that ended long ago are cleared away all the time, and nobody can use them.
CREATE TRIGGER feed_delete AFTER DELETE ON session REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_deleted('account_id', 'expires_at > now() - interval ''1 hour''');
CREATE TRIGGER feed_delete AFTER DELETE ON app_user REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_deleted('account_id', 'true');
CREATE TRIGGER feed_delete AFTER DELETE ON role REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_deleted('account_id', 'true');
CREATE TRIGGER feed_delete AFTER DELETE ON account REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_deleted('id', 'true');

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
