-- Measured (R12): checks of foreign keys see past policies, so a row of A hangs on a user of B, and the error tells who exists.
-- expect: foreign-key-crosses-tenants
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE UNIQUE INDEX ON notes (id);
CREATE TABLE comments (org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL, note uuid NOT NULL REFERENCES notes (id), PRIMARY KEY (org_id, id));
SELECT app.protect('comments');
