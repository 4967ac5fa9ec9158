-- Class: GRANT SELECT … TO PUBLIC from a tutorial, in a database with a reporting login that has no policies to its name.
-- expect: granted-to-public
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
GRANT SELECT ON notes TO PUBLIC;
