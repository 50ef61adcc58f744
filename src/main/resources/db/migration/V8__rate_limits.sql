-- Rate limits, and among how many processes they are divided. A server of the version before enforces none.

-- Requests in a window; both or neither. Of a token: its own; of an account: that of tokens without their own.
ALTER TABLE personal_access_token
    ADD COLUMN rate_limit_requests       integer CHECK (rate_limit_requests > 0),
    ADD COLUMN rate_limit_window_seconds integer CHECK (rate_limit_window_seconds > 0),
    ADD CONSTRAINT personal_access_token_rate_limit CHECK ((rate_limit_requests IS NULL) = (rate_limit_window_seconds IS NULL));
ALTER TABLE account
    ADD COLUMN rate_limit_requests       integer CHECK (rate_limit_requests > 0),
    ADD COLUMN rate_limit_window_seconds integer CHECK (rate_limit_window_seconds > 0),
    -- Whether no token's own limit may be wider.
    ADD COLUMN rate_limit_is_maximum     boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT account_rate_limit CHECK ((rate_limit_requests IS NULL) = (rate_limit_window_seconds IS NULL));

-- A decision reads them.
DROP TRIGGER feed_update ON personal_access_token;
CREATE TRIGGER feed_update AFTER UPDATE ON personal_access_token REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_updated('account_id',
        'id, account_id, owner_id, digest, scopes, allowed_ips, expires_at, revoked_at, replaced_digest, replaced_until, '
        'rate_limit_requests, rate_limit_window_seconds');
DROP TRIGGER feed_update ON account;
CREATE TRIGGER feed_update AFTER UPDATE ON account REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_updated('id',
        'id, disabled_at, token_allowed_ips, rate_limit_requests, rate_limit_window_seconds, rate_limit_is_maximum');
ALTER TABLE personal_access_token ENABLE ALWAYS TRIGGER feed_update;
ALTER TABLE account ENABLE ALWAYS TRIGGER feed_update;

-- How many sidecars of an account are connected to a server. Of a server that is gone the rows go, too.
CREATE TABLE sidecar_count (
    account_id uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    server_id  uuid NOT NULL REFERENCES server (id) ON DELETE CASCADE,
    sidecars   integer NOT NULL,
    PRIMARY KEY (account_id, server_id)
);
CREATE INDEX sidecar_count_server ON sidecar_count (server_id);
