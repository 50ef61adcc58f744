-- What an account demands of tokens, its end, and the second factor of its people.
--
-- A server of the version before goes on issuing by the longest lifetime alone, and lets people with a second factor in without it:
-- switch two-factor authentication on, and tighten policies, when all servers are new.

ALTER TABLE account
    ADD COLUMN website               text NOT NULL DEFAULT '',
    -- When what is left of a deleted account goes; it is disabled meanwhile.
    ADD COLUMN purge_after           timestamptz,
    -- A longest lifetime demands an end by itself.
    ADD COLUMN token_expiry_required boolean NOT NULL DEFAULT false,
    -- CIDR ranges in canonical form from which tokens may be used at all; NULL: any address.
    ADD COLUMN token_allowed_ips     text[] CHECK (cardinality(token_allowed_ips) > 0),
    ADD COLUMN token_denied_scopes   text[] NOT NULL DEFAULT '{}',
    -- Tokens that were not used for so many days are revoked; NULL: none are.
    ADD COLUMN token_max_idle_days   integer CHECK (token_max_idle_days > 0),
    ADD COLUMN tokens_per_user       integer NOT NULL DEFAULT 500 CHECK (tokens_per_user > 0);
CREATE INDEX account_purge ON account (purge_after) WHERE purge_after IS NOT NULL;
CREATE INDEX account_idle ON account (id) WHERE token_max_idle_days IS NOT NULL;

-- A decision reads the account's ranges now.
DROP TRIGGER feed_update ON account;
CREATE TRIGGER feed_update AFTER UPDATE ON account REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_updated('id', 'id, disabled_at, token_allowed_ips');
ALTER TABLE account ENABLE ALWAYS TRIGGER feed_update;

ALTER TABLE app_user
    -- Of RFC 6238, encrypted; there before two_factor_enabled, until the person has shown to have it.
    ADD COLUMN two_factor_secret    bytea,
    ADD COLUMN two_factor_secret_id text,
    -- The time step of the newest code that was accepted: neither it nor an older one is accepted again.
    ADD COLUMN two_factor_step      bigint NOT NULL DEFAULT 0;

-- What lets a person in once who has lost the device: SHA-256 of each code.
CREATE TABLE recovery_code (
    account_id uuid NOT NULL,
    user_id    uuid NOT NULL,
    digest     bytea NOT NULL CHECK (octet_length(digest) = 32),
    PRIMARY KEY (user_id, digest),
    FOREIGN KEY (account_id, user_id) REFERENCES app_user (account_id, id) ON DELETE CASCADE
);
