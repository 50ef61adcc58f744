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

-- What is cached speaks of the rows as they were, so it is their ids that count. Arguments: the column with the account's id, and the
-- columns that a decision reads; a row in which none of them changed is not announced.
CREATE OR REPLACE FUNCTION latchkey_updated() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
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
CREATE OR REPLACE FUNCTION latchkey_deleted() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
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
