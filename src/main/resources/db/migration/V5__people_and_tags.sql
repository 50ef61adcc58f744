-- What is known of people, the links by which they set a password, and tags.
--
-- A server of the version before takes no notice of the new columns; what it writes is valid.

ALTER TABLE app_user
    ADD COLUMN company            text NOT NULL DEFAULT '',
    ADD COLUMN tags               text[] NOT NULL DEFAULT '{}',
    -- JSON: [{"key": …, "value": …}], in the order in which they were given.
    ADD COLUMN metadata           text NOT NULL DEFAULT '[]',
    ADD COLUMN two_factor_enabled boolean NOT NULL DEFAULT false,
    -- At sign-in and whenever a session is refreshed.
    ADD COLUMN last_seen_at       timestamptz;
CREATE INDEX app_user_tags ON app_user USING gin (tags);

-- An invitation, or the permission to reset a password: whoever has the secret sets a password, once. One for each user: a new one
-- takes the place of the former.
CREATE TABLE password_link (
    -- SHA-256 of the secret.
    digest     bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    account_id uuid NOT NULL,
    user_id    uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (account_id, user_id),
    FOREIGN KEY (account_id, user_id) REFERENCES app_user (account_id, id) ON DELETE CASCADE
);
CREATE INDEX password_link_end ON password_link (expires_at);

-- Tokens and users carry the names of their tags; here is what the names mean.
CREATE TABLE tag (
    id          uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name        text NOT NULL,
    description text,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    UNIQUE (account_id, id)
);
CREATE UNIQUE INDEX tag_name ON tag (account_id, name);
CREATE INDEX tag_created ON tag (account_id, created_at, id);
INSERT INTO tag (id, account_id, name, created_at, updated_at)
SELECT gen_random_uuid(), t.account_id, tag, min(t.created_at), min(t.created_at)
FROM personal_access_token t, unnest(t.tags) AS tag GROUP BY t.account_id, tag;
