-- Sessions: rows of our own behind tower-sessions. The cookie's value never reaches the database, only its SHA-256.

CREATE TABLE sessions (
    org_id uuid NOT NULL DEFAULT app.org_id(),
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL CONSTRAINT sessions_token_key UNIQUE,
    method text NOT NULL,
    assurance smallint NOT NULL DEFAULT 1,
    user_agent text NOT NULL DEFAULT '',
    address inet,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    idle_seconds integer NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_reason text,
    data jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT sessions_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT sessions_user_fkey FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT sessions_method_known CHECK (method IN ('password', 'invitation')),
    CONSTRAINT sessions_assurance_known CHECK (assurance BETWEEN 1 AND 3),
    CONSTRAINT sessions_idle_positive CHECK (idle_seconds > 0),
    CONSTRAINT sessions_token_length CHECK (octet_length(token_hash) = 32),
    CONSTRAINT sessions_revoked_why CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL))
);
CREATE INDEX sessions_live_by_user ON sessions (org_id, user_id, last_seen_at DESC) WHERE revoked_at IS NULL;
CREATE INDEX sessions_expiry_idx ON sessions (expires_at);

ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY sessions_tenant ON sessions TO bulkhead_app
    USING (org_id = (SELECT app.org_id())) WITH CHECK (org_id = (SELECT app.org_id()));
CREATE POLICY sessions_operator_read ON sessions FOR SELECT TO bulkhead_operator
    USING ((SELECT app.operator_id()) IS NOT NULL);
CREATE POLICY sessions_operator_revoke ON sessions FOR UPDATE TO bulkhead_operator
    USING ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()))
    WITH CHECK ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()));
-- token_hash is never readable by a runtime role: look-ups go through app.enter().
GRANT SELECT (org_id, id, user_id, method, assurance, user_agent, address, created_at, last_seen_at,
              idle_seconds, expires_at, revoked_at, revoked_reason) ON sessions TO bulkhead_app;
GRANT INSERT (id, user_id, token_hash, method, assurance, user_agent, address, created_at, last_seen_at,
              idle_seconds, expires_at), UPDATE (revoked_at, revoked_reason) ON sessions TO bulkhead_app;
GRANT SELECT (org_id, id, user_id, last_seen_at, idle_seconds, expires_at, revoked_at) ON sessions TO bulkhead_operator;
GRANT UPDATE (revoked_at, revoked_reason) ON sessions TO bulkhead_operator;
