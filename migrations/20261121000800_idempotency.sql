-- A write that carried an idempotency key (API header or hidden form field) leaves a row in its own transaction,
-- so that it is done once however often it is sent. What it made is kept, not what was answered: the answer is rendered again.

CREATE TABLE idempotency_keys (
    org_id uuid NOT NULL DEFAULT app.org_id(),
    user_id uuid NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    target_kind text NOT NULL,
    target_id text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (org_id, user_id, key),
    CONSTRAINT idempotency_keys_user_fkey FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT idempotency_keys_key_length CHECK (char_length(key) BETWEEN 1 AND 200)
);
CREATE INDEX idempotency_keys_created_idx ON idempotency_keys (created_at);

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY idempotency_keys_tenant ON idempotency_keys TO bulkhead_app
    USING (org_id = (SELECT app.org_id())) WITH CHECK (org_id = (SELECT app.org_id()));
CREATE POLICY idempotency_keys_operator_read ON idempotency_keys FOR SELECT TO bulkhead_operator
    USING ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()));
CREATE POLICY idempotency_keys_operator_insert ON idempotency_keys FOR INSERT TO bulkhead_operator
    WITH CHECK ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()));
GRANT SELECT ON idempotency_keys TO bulkhead_app, bulkhead_operator;
GRANT INSERT (user_id, key, request_hash, target_kind, target_id, created_at) ON idempotency_keys TO bulkhead_app, bulkhead_operator;
