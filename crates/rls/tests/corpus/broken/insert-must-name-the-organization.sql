-- Class: without a default from the context every INSERT passes the organization, until one passes the wrong one.
-- expect: tenant-column-without-default
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
ALTER TABLE notes ALTER COLUMN org_id DROP DEFAULT;
