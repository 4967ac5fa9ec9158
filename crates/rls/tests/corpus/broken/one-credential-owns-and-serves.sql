-- Class: the framework's migrations run with the credential that serves requests, so the application owns its tables
-- and can drop every policy (Rails, Django and Laravel by default).
-- expect: owned-by-runtime
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
ALTER TABLE notes OWNER TO bulkhead_app;
