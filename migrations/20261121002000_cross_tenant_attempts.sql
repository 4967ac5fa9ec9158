-- Who aimed at what is not theirs, and the alerts raised over it. Both belong to the platform organization: an
-- organization learns of an attempt from its own audit log, without learning about the other one.
--
-- The organizations involved are named by id and short name, without a foreign key: a row outlives the organization.

CREATE TABLE isolation_alerts (
    org_id uuid NOT NULL DEFAULT app.org_id() CONSTRAINT isolation_alerts_org_fkey REFERENCES orgs (id),
    id uuid NOT NULL,
    actor_org_id uuid NOT NULL,
    actor_org_slug text NOT NULL,
    actor_id uuid NOT NULL,
    actor_label text NOT NULL,
    status text NOT NULL DEFAULT 'open',
    attempts integer NOT NULL,
    opened_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    handled_by text,
    handled_at timestamptz,
    note text,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT isolation_alerts_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT isolation_alerts_status_known CHECK (status IN ('open', 'acknowledged', 'closed')),
    CONSTRAINT isolation_alerts_sizes CHECK (char_length(note) <= 2000 AND char_length(actor_label) <= 400)
);
-- One alert an actor until it is closed, whatever two replicas see at once.
CREATE UNIQUE INDEX isolation_alerts_live ON isolation_alerts (org_id, actor_id) WHERE status <> 'closed';

CREATE TABLE access_attempts (
    org_id uuid NOT NULL DEFAULT app.org_id() CONSTRAINT access_attempts_org_fkey REFERENCES orgs (id),
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor_org_id uuid NOT NULL,
    actor_org_slug text NOT NULL,
    actor_id uuid NOT NULL,
    actor_label text NOT NULL,
    address inet,
    user_agent text,
    request_id uuid,
    surface text NOT NULL,
    route text NOT NULL,
    answered_with integer NOT NULL,
    aimed_kind text NOT NULL,
    aimed_id text NOT NULL,
    owner_org_id uuid,
    owner_org_slug text NOT NULL,
    alert_id uuid,
    CONSTRAINT access_attempts_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT access_attempts_alert_fkey FOREIGN KEY (org_id, alert_id) REFERENCES isolation_alerts (org_id, id),
    CONSTRAINT access_attempts_surface_known CHECK (surface IN ('org', 'path', 'query', 'body', 'database')),
    CONSTRAINT access_attempts_answer CHECK (answered_with BETWEEN 200 AND 599),
    CONSTRAINT access_attempts_sizes CHECK (char_length(actor_label) <= 400 AND char_length(route) <= 200
        AND char_length(aimed_id) <= 200 AND char_length(coalesce(user_agent, '')) <= 400)
);
COMMENT ON COLUMN access_attempts.answered_with IS 'The HTTP status: 404 as for anything that does not exist, 200 where a filter simply found nothing.';
COMMENT ON COLUMN access_attempts.owner_org_id IS 'NULL where the database itself refused a row: it does not say whose.';
COMMENT ON COLUMN access_attempts.id IS 'UUIDv7, so (org_id, id) is also the order in time.';
CREATE INDEX access_attempts_by_actor ON access_attempts (org_id, actor_id, at DESC);
CREATE INDEX access_attempts_by_alert ON access_attempts (org_id, alert_id);

ALTER TABLE isolation_alerts ENABLE ROW LEVEL SECURITY;
ALTER TABLE isolation_alerts FORCE ROW LEVEL SECURITY;
CREATE POLICY isolation_alerts_operator ON isolation_alerts TO bulkhead_operator
    USING ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()))
    WITH CHECK ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()));
GRANT SELECT ON isolation_alerts TO bulkhead_operator;
GRANT INSERT (id, actor_org_id, actor_org_slug, actor_id, actor_label, attempts, opened_at, last_at),
      UPDATE (status, attempts, last_at, handled_by, handled_at, note, version) ON isolation_alerts TO bulkhead_operator;

-- Append only, but for the alert that an attempt led to.
ALTER TABLE access_attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_attempts FORCE ROW LEVEL SECURITY;
CREATE POLICY access_attempts_operator ON access_attempts TO bulkhead_operator
    USING ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()))
    WITH CHECK ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()));
GRANT SELECT ON access_attempts TO bulkhead_operator;
GRANT INSERT (id, at, actor_org_id, actor_org_slug, actor_id, actor_label, address, user_agent, request_id, surface, route,
              answered_with, aimed_kind, aimed_id, owner_org_id, owner_org_slug),
      UPDATE (alert_id) ON access_attempts TO bulkhead_operator;
-- app.purge_org() empties every table with an org_id, and stops where it may not.
GRANT SELECT (org_id), DELETE ON isolation_alerts, access_attempts TO bulkhead_definer;
