-- Supabase splinter 0016, materialized_view_in_api; measured (R10): no policy applies to it, FORCE or not.
-- expect: materialized-view-over-tenants
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE MATERIALIZED VIEW dashboard AS SELECT org_id, count(*) FROM notes GROUP BY org_id;
GRANT SELECT ON dashboard TO bulkhead_app;
