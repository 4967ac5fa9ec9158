-- The audit log. A row is written in the transaction of the change it describes (WriteTx::commit asks for it).
-- Runtime roles may read and append; nobody but the owner may alter, and the owner is held by FORCE.

CREATE TABLE audit_events (
    org_id uuid NOT NULL DEFAULT app.org_id() CONSTRAINT audit_events_org_fkey REFERENCES orgs (id),
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    actor_label text NOT NULL,
    action text NOT NULL,
    target_kind text NOT NULL,
    target_id text NOT NULL,
    target_label text NOT NULL,
    outcome text NOT NULL,
    reason text,
    address inet,
    user_agent text,
    request_id uuid,
    session_id uuid,
    before jsonb,
    after jsonb,
    CONSTRAINT audit_events_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT audit_events_actor_known CHECK (actor_kind IN ('user', 'operator', 'system', 'anonymous')),
    CONSTRAINT audit_events_outcome_known CHECK (outcome IN ('success', 'denied', 'failure')),
    CONSTRAINT audit_events_action_shape CHECK (action ~ '^[a-z_]+\.[a-z_]+$'),
    CONSTRAINT audit_events_sizes CHECK (char_length(actor_label) <= 400 AND char_length(target_label) <= 400
        AND char_length(target_id) <= 200 AND char_length(coalesce(user_agent, '')) <= 400
        AND char_length(coalesce(reason, '')) <= 2000)
);
COMMENT ON COLUMN audit_events.id IS 'UUIDv7, so (org_id, id) is also the order in time.';
-- Cross-tenant reading by operators walks the time order of all organizations.
CREATE INDEX audit_events_by_id ON audit_events (id DESC);
CREATE INDEX audit_events_by_actor ON audit_events (org_id, actor_id, id DESC);
CREATE INDEX audit_events_by_action ON audit_events (org_id, action, id DESC);
CREATE INDEX audit_events_by_target ON audit_events (org_id, target_id, id DESC);

ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_events_tenant_read ON audit_events FOR SELECT TO bulkhead_app
    USING (org_id = (SELECT app.org_id()));
CREATE POLICY audit_events_tenant_append ON audit_events FOR INSERT TO bulkhead_app
    WITH CHECK (org_id = (SELECT app.org_id()));
CREATE POLICY audit_events_operator_read ON audit_events FOR SELECT TO bulkhead_operator
    USING ((SELECT app.operator_id()) IS NOT NULL);
CREATE POLICY audit_events_operator_append ON audit_events FOR INSERT TO bulkhead_operator
    WITH CHECK ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()));
GRANT SELECT ON audit_events TO bulkhead_app, bulkhead_operator;
GRANT INSERT (id, at, actor_kind, actor_id, actor_label, action, target_kind, target_id, target_label, outcome,
              reason, address, user_agent, request_id, session_id, before, after)
    ON audit_events TO bulkhead_app, bulkhead_operator;
