-- The foundation: accounts and their people, tokens, sessions, the event log.
--
-- Isolation between accounts is kept by the database too: every reference between rows that have an account is a composite
-- foreign key that carries account_id, so that no row can point at another account's row, whatever the application does.
-- Ids are UUID version 7, made by the application (PostgreSQL 15 has no uuidv7()). Times are timestamptz.

CREATE TABLE account (
    id                         uuid PRIMARY KEY,
    alias                      text NOT NULL CHECK (alias ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    company                    text NOT NULL,
    email                      text,
    -- Longest lifetime of a token in seconds; NULL: no limit, and tokens without expiry are allowed.
    max_token_lifetime_seconds bigint CHECK (max_token_lifetime_seconds > 0),
    disabled_at                timestamptz,
    created_at                 timestamptz NOT NULL,
    updated_at                 timestamptz NOT NULL
);
CREATE UNIQUE INDEX account_alias ON account (alias);

CREATE TABLE role (
    id          uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name        text NOT NULL,
    description text,
    scopes      text[] NOT NULL,
    -- Reserved roles are made by the service, follow its scope catalogue and cannot be changed.
    reserved    boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    UNIQUE (account_id, id)
);
CREATE UNIQUE INDEX role_name ON role (account_id, name);

CREATE TABLE app_user (
    id            uuid PRIMARY KEY,
    account_id    uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    role_id       uuid NOT NULL,
    email         text NOT NULL,
    first_name    text NOT NULL DEFAULT '',
    last_name     text NOT NULL DEFAULT '',
    -- Argon2id in PHC string form; NULL: cannot sign in with a password.
    password_hash text,
    disabled_at   timestamptz,
    last_login_at timestamptz,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    UNIQUE (account_id, id),
    FOREIGN KEY (account_id, role_id) REFERENCES role (account_id, id)
);
CREATE UNIQUE INDEX app_user_email ON app_user (account_id, lower(email));
CREATE INDEX app_user_role ON app_user (account_id, role_id);

CREATE TABLE personal_access_token (
    id              uuid PRIMARY KEY,
    account_id      uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    owner_id        uuid NOT NULL,
    -- The token that made this one, if a token did.
    parent_id       uuid,
    name            text NOT NULL,
    description     text,
    -- SHA-256 of the whole token text: the only form in which a token is stored.
    digest          bytea NOT NULL CHECK (octet_length(digest) = 32),
    hint            text NOT NULL,
    scopes          text[] NOT NULL CHECK (cardinality(scopes) > 0),
    -- CIDR ranges in canonical form; NULL: any address.
    allowed_ips     text[] CHECK (cardinality(allowed_ips) > 0),
    tags            text[] NOT NULL DEFAULT '{}',
    expires_at      timestamptz,
    revoked_at      timestamptz,
    -- After a rotation with a grace period: the old value's digest, and until when it is accepted.
    replaced_digest bytea CHECK (octet_length(replaced_digest) = 32),
    replaced_until  timestamptz,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    CHECK ((replaced_digest IS NULL) = (replaced_until IS NULL)),
    UNIQUE (account_id, id),
    FOREIGN KEY (account_id, owner_id) REFERENCES app_user (account_id, id) ON DELETE CASCADE,
    FOREIGN KEY (account_id, parent_id) REFERENCES personal_access_token (account_id, id) ON DELETE SET NULL (parent_id)
);
-- Verification: one index probe each.
CREATE UNIQUE INDEX personal_access_token_digest ON personal_access_token (digest);
CREATE UNIQUE INDEX personal_access_token_replaced_digest ON personal_access_token (replaced_digest) WHERE replaced_digest IS NOT NULL;
-- Lists: one index for each order that the API offers, and one for a user's own.
CREATE INDEX personal_access_token_created ON personal_access_token (account_id, created_at, id);
CREATE INDEX personal_access_token_updated ON personal_access_token (account_id, updated_at, id);
-- A name of 255 characters may have more bytes than an entry of an index: its beginning sorts.
CREATE INDEX personal_access_token_name ON personal_access_token (account_id, left(name, 200), id);
CREATE INDEX personal_access_token_expires ON personal_access_token (account_id, (coalesce(expires_at, 'infinity'::timestamptz)), id);
CREATE INDEX personal_access_token_owner ON personal_access_token (account_id, owner_id, created_at, id);
-- Filters: by scope, by tag, by word.
CREATE INDEX personal_access_token_scopes ON personal_access_token USING gin (scopes);
CREATE INDEX personal_access_token_tags ON personal_access_token USING gin (tags);
CREATE INDEX personal_access_token_words ON personal_access_token
    USING gin (to_tsvector('simple', name || ' ' || coalesce(description, '') || ' ' || hint));
-- Descendants of a token.
CREATE INDEX personal_access_token_parent ON personal_access_token (parent_id) WHERE parent_id IS NOT NULL;

-- Apart from the tokens, so that recording a use never touches (nor announces) a token.
CREATE TABLE token_usage (
    token_id     uuid PRIMARY KEY REFERENCES personal_access_token (id) ON DELETE CASCADE,
    last_used_at timestamptz NOT NULL,
    last_used_ip text
);

-- How often a token was used in an hour, by outcome: ALLOWED, or why it was refused.
CREATE TABLE token_usage_hourly (
    token_id uuid NOT NULL REFERENCES personal_access_token (id) ON DELETE CASCADE,
    hour     timestamptz NOT NULL,
    outcome  text NOT NULL,
    uses     bigint NOT NULL,
    PRIMARY KEY (token_id, hour, outcome)
);

CREATE TABLE session (
    id         uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    user_id    uuid NOT NULL,
    created_at timestamptz NOT NULL,
    -- The absolute end; refreshing does not move it.
    expires_at timestamptz NOT NULL,
    ended_at   timestamptz,
    address    text,
    user_agent text,
    FOREIGN KEY (account_id, user_id) REFERENCES app_user (account_id, id) ON DELETE CASCADE
);
CREATE INDEX session_of_user ON session (account_id, user_id);
CREATE INDEX session_by_end ON session (expires_at);

CREATE TABLE refresh_token (
    digest     bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    session_id uuid NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    -- When it was exchanged for its successor; presenting it again later is a sign of theft.
    used_at    timestamptz
);
CREATE INDEX refresh_token_session ON refresh_token (session_id);

CREATE TABLE idempotency_key (
    account_id    uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    credential_id uuid NOT NULL,
    method        text NOT NULL,
    path          text NOT NULL,
    key           text NOT NULL,
    body_hmac     bytea NOT NULL,
    resource_id   uuid NOT NULL,
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (account_id, credential_id, method, path, key)
);
CREATE INDEX idempotency_key_created ON idempotency_key (created_at);

-- Machines that may introspect tokens or act as sidecars, for one account.
CREATE TABLE client (
    id            uuid PRIMARY KEY,
    account_id    uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    kind          text NOT NULL CHECK (kind IN ('introspection', 'sidecar')),
    name          text NOT NULL,
    secret_digest bytea NOT NULL CHECK (octet_length(secret_digest) = 32),
    disabled_at   timestamptz,
    created_at    timestamptz NOT NULL
);
CREATE INDEX client_account ON client (account_id, created_at);

-- Private keys are encrypted with a key derived from LATCHKEY_SECRET; secret_id tells which secret it was.
CREATE TABLE signing_key (
    id          uuid PRIMARY KEY,
    purpose     text NOT NULL,
    algorithm   text NOT NULL,
    public_key  bytea NOT NULL,
    private_key bytea NOT NULL,
    secret_id   text NOT NULL,
    created_at  timestamptz NOT NULL,
    retired_at  timestamptz
);
-- One current key for each purpose, even when several replicas start at once.
CREATE UNIQUE INDEX signing_key_current ON signing_key (purpose) WHERE retired_at IS NULL;

CREATE TABLE server (
    id           uuid PRIMARY KEY,
    started_at   timestamptz NOT NULL,
    heartbeat_at timestamptz NOT NULL
);
CREATE INDEX server_heartbeat ON server (heartbeat_at);

CREATE TABLE event_log (
    id              uuid PRIMARY KEY,
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
    created_at      timestamptz NOT NULL
);
CREATE INDEX event_log_created ON event_log (account_id, created_at, id);
CREATE INDEX event_log_resource ON event_log (account_id, resource_id, created_at);

-- Append-only. Only the purge of an account, which says so in its transaction, may delete.
CREATE FUNCTION event_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('latchkey.purge', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the event log is append-only';
END
$$;
CREATE TRIGGER event_log_rows BEFORE UPDATE OR DELETE ON event_log
    FOR EACH ROW EXECUTE FUNCTION event_log_is_append_only();
CREATE TRIGGER event_log_truncate BEFORE TRUNCATE ON event_log
    FOR EACH STATEMENT EXECUTE FUNCTION event_log_is_append_only();
