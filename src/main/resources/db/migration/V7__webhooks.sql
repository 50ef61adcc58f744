-- Webhooks: who wants to hear of what, and what is still to be told.
--
-- webhook_event_log has each event for each webhook, written in the transaction of the change that it tells of. webhook_lane has one row
-- for each webhook and resource of which something is still to be told: it is what servers claim, so that the events of one resource are
-- sent one after the other. The story is told in dev.latchkey.webhook.

CREATE TABLE webhook (
    id         uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name       text NOT NULL,
    url        text NOT NULL,
    -- The token that signs, encrypted with a key derived from LATCHKEY_SECRET; secret_id tells which secret it was.
    token      bytea NOT NULL,
    secret_id  text NOT NULL,
    events     text[] NOT NULL CHECK (cardinality(events) > 0),
    active     boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, id)
);
-- One for each order that the list offers. An account has a hundred webhooks at most: filters need no index.
CREATE INDEX webhook_created ON webhook (account_id, created_at, id);
CREATE INDEX webhook_updated ON webhook (account_id, updated_at, id);
CREATE INDEX webhook_name ON webhook (account_id, left(name, 200), id);

-- Numbers events in the order in which they are told.
CREATE SEQUENCE webhook_event_number;

CREATE TABLE webhook_lane (
    webhook_id  uuid NOT NULL,
    resource_id uuid NOT NULL,
    account_id  uuid NOT NULL,
    -- When a server may claim it: in the future while one has claimed it, and while it waits for the next attempt.
    due_at      timestamptz NOT NULL,
    -- Of the claim: whoever does not know it lost the lane. NULL: not claimed.
    claim       uuid,
    -- The newest event's number: a lane whose newest event is settled goes.
    last_number bigint NOT NULL,
    -- Also finds the next webhook that has a lane.
    PRIMARY KEY (webhook_id, resource_id),
    FOREIGN KEY (account_id, webhook_id) REFERENCES webhook (account_id, id) ON DELETE CASCADE
);
CREATE INDEX webhook_lane_due ON webhook_lane (webhook_id, due_at);

CREATE TABLE webhook_event_log (
    id              uuid PRIMARY KEY,
    account_id      uuid NOT NULL,
    webhook_id      uuid NOT NULL,
    number          bigint NOT NULL,
    event           text NOT NULL,
    resource_id     uuid NOT NULL,
    -- What is sent and signed, byte for byte.
    payload         text NOT NULL,
    status          text NOT NULL CHECK (status IN ('pending', 'delivered', 'dead-letter')),
    attempts        int NOT NULL DEFAULT 0,
    replays         int NOT NULL DEFAULT 0,
    -- From when on it is tried for latchkey.webhook.retry-for: its creation, or its replay.
    tried_from      timestamptz NOT NULL,
    last_attempt_at timestamptz,
    next_attempt_at timestamptz,
    delivered_at    timestamptz,
    -- Of the last attempt.
    response_status int,
    response_body   text,
    error           text,
    duration_ms     int,
    triggered_at    timestamptz NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    FOREIGN KEY (account_id, webhook_id) REFERENCES webhook (account_id, id) ON DELETE CASCADE
);
-- The oldest undelivered events of a lane.
CREATE UNIQUE INDEX webhook_event_log_lane ON webhook_event_log (webhook_id, resource_id, number) WHERE status = 'pending';
-- Lists and filters.
CREATE INDEX webhook_event_log_created ON webhook_event_log (account_id, created_at, id);
CREATE INDEX webhook_event_log_webhook ON webhook_event_log (account_id, webhook_id, created_at, id);
CREATE INDEX webhook_event_log_resource ON webhook_event_log (account_id, resource_id, created_at, id);
CREATE INDEX webhook_event_log_dead ON webhook_event_log (account_id, created_at, id) WHERE status = 'dead-letter';
CREATE INDEX webhook_event_log_waiting ON webhook_event_log (account_id, created_at, id) WHERE status = 'pending';
-- Retention.
CREATE INDEX webhook_event_log_settled ON webhook_event_log (updated_at) WHERE status <> 'pending';
CREATE INDEX webhook_event_log_old ON webhook_event_log (created_at) WHERE status = 'pending';

-- --- What nobody does but time ---
-- Up to which expiry tokens were told of: 'expired', and how many days before. A server that is at it holds the row.
CREATE TABLE token_expiry_watch (
    days_before   int PRIMARY KEY CHECK (days_before >= 0),
    reached_at    timestamptz NOT NULL,
    reached_token uuid NOT NULL
);
CREATE INDEX personal_access_token_expiry ON personal_access_token (expires_at, id) WHERE expires_at IS NOT NULL;

-- Tokens that were used from an address from which they were not used before (of the last ten), until a server tells it.
CREATE TABLE token_sighting (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id      uuid NOT NULL,
    token_id        uuid NOT NULL,
    address         text NOT NULL,
    known_addresses int NOT NULL,
    seen_at         timestamptz NOT NULL,
    FOREIGN KEY (account_id, token_id) REFERENCES personal_access_token (account_id, id) ON DELETE CASCADE
);
CREATE INDEX token_sighting_token ON token_sighting (token_id);

-- Only where somebody wants to know.
CREATE FUNCTION latchkey_token_sighted() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO token_sighting (account_id, token_id, address, known_addresses, seen_at)
    SELECT a.account_id, a.token_id, a.last_used_ip,
           CASE WHEN b.last_used_ip IS NULL THEN 0 ELSE 1 + jsonb_array_length(b.earlier_addresses) END, a.last_used_at
    FROM after a JOIN before b ON b.token_id = a.token_id
    WHERE a.last_used_ip IS DISTINCT FROM b.last_used_ip AND a.last_used_ip IS NOT NULL
      AND NOT b.earlier_addresses @> jsonb_build_array(jsonb_build_object('address', a.last_used_ip))
      AND EXISTS (SELECT 1 FROM webhook w WHERE w.account_id = a.account_id AND w.active
                  AND w.events @> '{personal-access-token.first-used-from-new-address}');
    RETURN NULL;
END
$$;
CREATE TRIGGER sighted AFTER UPDATE ON token_usage REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_token_sighted();
