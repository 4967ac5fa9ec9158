-- The statements that took most time, each with the plan it had when it was first looked at and the one it has now.
-- Rows of the platform. A statement's text is what was sent: parameters are $1, never values.

CREATE TABLE query_plans (
    org_id uuid NOT NULL DEFAULT app.org_id() CONSTRAINT query_plans_org_fkey REFERENCES orgs (id),
    id uuid NOT NULL,
    statement_hash bytea NOT NULL,
    role text NOT NULL,
    statement text NOT NULL,
    calls bigint NOT NULL,
    total_ms double precision NOT NULL,
    source text NOT NULL,
    counted_since timestamptz,
    examined_at timestamptz NOT NULL,
    baseline jsonb,
    baseline_at timestamptz,
    plan jsonb,
    plan_since timestamptz,
    failure text,
    CONSTRAINT query_plans_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT query_plans_statement_key UNIQUE (org_id, statement_hash),
    CONSTRAINT query_plans_source_known CHECK (source IN ('server', 'pg_stat_statements')),
    CONSTRAINT query_plans_baseline CHECK ((baseline IS NULL) = (baseline_at IS NULL)),
    CONSTRAINT query_plans_plan CHECK ((plan IS NULL) = (plan_since IS NULL)),
    CONSTRAINT query_plans_sizes CHECK (octet_length(statement_hash) = 32 AND char_length(role) <= 63
        AND octet_length(statement) <= 20000 AND char_length(failure) <= 2000)
);
COMMENT ON TABLE query_plans IS 'Statements of the application and how PostgreSQL plans them as the role that runs them.';
COMMENT ON COLUMN query_plans.statement_hash IS 'SHA-256 over role and statement: the text is too long for an index.';
COMMENT ON COLUMN query_plans.baseline IS 'The plan that later ones are compared with: the first, or one that an operator accepted.';
COMMENT ON COLUMN query_plans.plan_since IS 'Since when the plan has its present shape.';
CREATE INDEX query_plans_by_time ON query_plans (org_id, total_ms DESC);

ALTER TABLE query_plans ENABLE ROW LEVEL SECURITY;
ALTER TABLE query_plans FORCE ROW LEVEL SECURITY;
CREATE POLICY query_plans_operator ON query_plans TO bulkhead_operator
    USING ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()))
    WITH CHECK ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()));
GRANT SELECT, DELETE ON query_plans TO bulkhead_operator;
GRANT INSERT (id, statement_hash, role, statement, calls, total_ms, source, counted_since, examined_at, baseline, baseline_at,
              plan, plan_since, failure),
      UPDATE (calls, total_ms, source, counted_since, examined_at, baseline, baseline_at, plan, plan_since, failure)
    ON query_plans TO bulkhead_operator;
-- See app.purge_org().
GRANT SELECT (org_id), DELETE ON query_plans TO bulkhead_definer;
