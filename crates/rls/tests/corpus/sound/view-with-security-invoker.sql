-- A view, and one over it, that read with the rights of who asks.
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE VIEW titles WITH (security_invoker = true) AS SELECT org_id, title FROM notes;
CREATE VIEW report WITH (security_invoker = true) AS SELECT count(*) FROM titles;
CREATE MATERIALIZED VIEW for_the_owner AS SELECT count(*) FROM notes;
GRANT SELECT ON titles, report TO bulkhead_app;
