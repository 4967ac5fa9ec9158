-- Measured (R15): GRANT ALL gives TRUNCATE, which empties the table for every organization.
-- expect: unrestrained-privilege
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
GRANT ALL ON notes TO bulkhead_app;
