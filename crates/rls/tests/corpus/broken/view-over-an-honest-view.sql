-- Class: the view below has security_invoker, the one above has not, and then the lower one's invoker is the upper one's owner.
-- expect: view-runs-as-owner
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE VIEW titles WITH (security_invoker = true) AS SELECT title FROM notes;
CREATE VIEW report AS SELECT count(*) FROM titles;
GRANT SELECT ON report TO bulkhead_app;
