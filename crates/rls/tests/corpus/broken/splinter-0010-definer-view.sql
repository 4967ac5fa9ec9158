-- Supabase splinter 0010, security_definer_view; measured (R09): a view reads with its owner's rights.
-- expect: view-runs-as-owner
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE VIEW titles AS SELECT title FROM notes;
GRANT SELECT ON titles TO bulkhead_app;
