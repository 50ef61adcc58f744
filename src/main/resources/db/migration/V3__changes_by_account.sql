-- Each message on latchkey_changes names the account that it concerns, so that a server can tell each sidecar of its own account alone:
-- account:id,id,… or *, which means anything. One message for each account; above 100 rows in one statement it names the account itself
-- (account:account), so that a bulk change is not a flood; above 200 accounts it is *. The longest has 37 + 100 * 37 bytes, of the 8,000
-- that PostgreSQL allows.
--
-- A server of the version before does not know this form and looks everything up anew, which is right, and slow while both run.

-- Two lists of the same length: what changed, and whose it is.
CREATE OR REPLACE FUNCTION latchkey_announce(ids uuid[], accounts uuid[]) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    all_accounts uuid[] := ARRAY(SELECT DISTINCT account FROM unnest(accounts) AS account);
BEGIN
    IF cardinality(ids) = 0 THEN
        RETURN;
    ELSIF cardinality(all_accounts) > 200 THEN
        PERFORM pg_notify('latchkey_changes', '*');
    ELSIF cardinality(ids) <= 100 THEN
        PERFORM pg_notify('latchkey_changes', c.account || ':' || string_agg(c.id::text, ','))
        FROM unnest(ids, accounts) AS c (id, account) GROUP BY c.account;
    ELSE
        PERFORM pg_notify('latchkey_changes', account || ':' || account) FROM unnest(all_accounts) AS account;
    END IF;
END
$$;

-- The same two functions serve every table; what a table adds is in its triggers' arguments.
DROP TRIGGER feed_update ON personal_access_token;
DROP TRIGGER feed_delete ON personal_access_token;
DROP TRIGGER feed_update ON session;
DROP TRIGGER feed_delete ON session;
DROP TRIGGER feed_update ON app_user;
DROP TRIGGER feed_delete ON app_user;
DROP TRIGGER feed_update ON role;
DROP TRIGGER feed_delete ON role;
DROP TRIGGER feed_update ON account;
DROP TRIGGER feed_delete ON account;
DROP FUNCTION latchkey_tokens_changed();
DROP FUNCTION latchkey_sessions_changed();
DROP FUNCTION latchkey_users_changed();
DROP FUNCTION latchkey_roles_changed();
DROP FUNCTION latchkey_accounts_changed();
DROP FUNCTION latchkey_deleted();
DROP FUNCTION latchkey_accounts_deleted();
DROP FUNCTION latchkey_sessions_deleted();

-- What is cached speaks of the rows as they were, so it is their ids that count. Arguments: the column with the account's id, and the
-- columns that a decision reads; a row in which none of them changed is not announced.
CREATE FUNCTION latchkey_updated() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    ids      uuid[];
    accounts uuid[];
BEGIN
    EXECUTE format('SELECT coalesce(array_agg(id), %L), coalesce(array_agg(%s), %L)
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
    EXECUTE format('SELECT coalesce(array_agg(id), %L), coalesce(array_agg(%s), %L) FROM before WHERE %s',
        '{}', TG_ARGV[0], '{}', TG_ARGV[1]) INTO ids, accounts;
    PERFORM latchkey_announce(ids, accounts);
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

ALTER TABLE personal_access_token ENABLE ALWAYS TRIGGER feed_update, ENABLE ALWAYS TRIGGER feed_delete;
ALTER TABLE session ENABLE ALWAYS TRIGGER feed_update, ENABLE ALWAYS TRIGGER feed_delete;
ALTER TABLE app_user ENABLE ALWAYS TRIGGER feed_update, ENABLE ALWAYS TRIGGER feed_delete;
ALTER TABLE role ENABLE ALWAYS TRIGGER feed_update, ENABLE ALWAYS TRIGGER feed_delete;
ALTER TABLE account ENABLE ALWAYS TRIGGER feed_update, ENABLE ALWAYS TRIGGER feed_delete;
