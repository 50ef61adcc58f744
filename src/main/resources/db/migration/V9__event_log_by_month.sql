-- The event log in parts of a month each (UTC): an old month is dropped as a whole, and nothing is deleted row by row.
--
-- What there is becomes the part of this month, without being copied; it takes as long as it takes to build five indexes. A server
-- of the version before goes on writing and reading.

DROP TRIGGER event_log_rows ON event_log;
DROP INDEX event_log_resource;
ALTER TABLE event_log DROP CONSTRAINT event_log_pkey;
ALTER TABLE event_log ALTER COLUMN id SET NOT NULL;
ALTER TABLE event_log RENAME TO event_log_former;
ALTER INDEX event_log_created RENAME TO event_log_former_created;
ALTER INDEX event_log_user RENAME TO event_log_former_user;
ALTER INDEX event_log_action RENAME TO event_log_former_action;

CREATE TABLE event_log (
    id              uuid NOT NULL,
    -- NULL: a refused sign-in that named no account of ours.
    account_id      uuid REFERENCES account (id) ON DELETE CASCADE,
    action          text NOT NULL,
    resource        text NOT NULL,
    resource_id     uuid,
    changes         jsonb NOT NULL DEFAULT '[]',
    user_id         uuid,
    credential_type text,
    credential_id   uuid,
    ip_address      text,
    user_agent      text,
    request_id      text,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (created_at, id)
) PARTITION BY RANGE (created_at);

DO $$
DECLARE
    latest CONSTANT timestamp := greatest(now(), (SELECT max(created_at) FROM event_log_former)) AT TIME ZONE 'UTC';
    part   CONSTANT text := 'event_log_' || to_char(latest, 'YYYY_MM');
BEGIN
    EXECUTE format('ALTER TABLE event_log_former RENAME TO %I', part);
    EXECUTE format('ALTER TABLE event_log ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%L)', part,
                   (date_trunc('month', latest) + interval '1 month') AT TIME ZONE 'UTC');
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER event_log_truncate', part);
END
$$;

-- One for each filter that may be used without a period; the order is that of the list.
CREATE INDEX event_log_created ON event_log (account_id, created_at, id);
CREATE INDEX event_log_action ON event_log (account_id, action, created_at, id);
CREATE INDEX event_log_user ON event_log (account_id, user_id, created_at, id);
CREATE INDEX event_log_kind ON event_log (account_id, resource, created_at, id);
CREATE INDEX event_log_resource ON event_log (account_id, resource_id, created_at, id);
CREATE INDEX event_log_credential ON event_log (account_id, credential_id, created_at, id);
CREATE INDEX event_log_address ON event_log (account_id, ip_address, created_at, id);

CREATE TRIGGER event_log_rows BEFORE UPDATE OR DELETE ON event_log
    FOR EACH ROW EXECUTE FUNCTION event_log_is_append_only();
CREATE TRIGGER event_log_truncate BEFORE TRUNCATE ON event_log
    FOR EACH STATEMENT EXECUTE FUNCTION event_log_is_append_only();

-- For what no month's part takes, so that nothing that happens is refused for want of one.
CREATE TABLE event_log_other PARTITION OF event_log DEFAULT;
CREATE TRIGGER event_log_truncate BEFORE TRUNCATE ON event_log_other
    FOR EACH STATEMENT EXECUTE FUNCTION event_log_is_append_only();

-- Also where a replica applies changes.
DO $$
DECLARE
    part regclass;
BEGIN
    FOR part IN SELECT relid FROM pg_partition_tree('event_log') LOOP
        EXECUTE format('ALTER TABLE ONLY %s ENABLE ALWAYS TRIGGER event_log_rows', part);
        EXECUTE format('ALTER TABLE ONLY %s ENABLE ALWAYS TRIGGER event_log_truncate', part);
    END LOOP;
END
$$;

-- Makes the part of a month, with what fell into the one for everything else; false if there is one. Rather not than waiting for
-- locks, and others behind it. As the log's owner: a service that may do no more than write needs it, and it takes nothing away.
CREATE FUNCTION latchkey_event_log_month(month date) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
    SET lock_timeout = '2s' AS $$
DECLARE
    part  CONSTANT text := 'event_log_' || to_char(month, 'YYYY_MM');
    first CONSTANT timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'UTC';
    next  CONSTANT timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    -- Servers do this at the same time.
    PERFORM pg_advisory_xact_lock(hashtext('latchkey_event_log_month'));
    IF to_regclass(part) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE event_log INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
    IF EXISTS (SELECT FROM event_log_other WHERE created_at >= first AND created_at < next) THEN
        PERFORM set_config('latchkey.purge', 'on', true);
        EXECUTE format('WITH moved AS (DELETE FROM event_log_other WHERE created_at >= $1 AND created_at < $2 RETURNING *)
                        INSERT INTO %I SELECT * FROM moved', part) USING first, next;
        PERFORM set_config('latchkey.purge', '', true);
    END IF;
    EXECUTE format('ALTER TABLE event_log ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', part, first, next);
    EXECUTE format('CREATE TRIGGER event_log_truncate BEFORE TRUNCATE ON %I
                    FOR EACH STATEMENT EXECUTE FUNCTION event_log_is_append_only()', part);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER event_log_rows, ENABLE ALWAYS TRIGGER event_log_truncate', part);
    RETURN true;
EXCEPTION
    -- A part that is there has that month, too: a clock was far ahead when the log was divided.
    WHEN invalid_object_definition THEN
        RETURN false;
END
$$;

-- Drops the oldest part if all that it has is older than that, and answers its name; NULL if there is none. Only for its owner.
CREATE FUNCTION latchkey_event_log_forget(before timestamptz) RETURNS text LANGUAGE plpgsql SET search_path FROM CURRENT
    SET lock_timeout = '2s' AS $$
DECLARE
    part text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('latchkey_event_log_month'));
    SELECT c.relname INTO part FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'event_log'::regclass AND c.relname ~ '^event_log_[0-9]{4}_[0-9]{2}$'
      AND (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') AT TIME ZONE 'UTC' <= before
    ORDER BY c.relname LIMIT 1;
    IF part IS NOT NULL THEN
        EXECUTE format('DROP TABLE %I', part);
    END IF;
    RETURN part;
END
$$;

SELECT latchkey_event_log_month((date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n))::date)
FROM generate_series(0, 2) AS n;
