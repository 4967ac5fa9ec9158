-- Class: the table between two tables has no tenant column; whose its rows are is looked up by a sub-query.
-- expect: no-tenant-column
-- implies: policy-ignores-tenant
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE TABLE tags (note uuid NOT NULL, tag text NOT NULL, PRIMARY KEY (note, tag));
ALTER TABLE tags ENABLE ROW LEVEL SECURITY;
ALTER TABLE tags FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tags TO bulkhead_app USING (EXISTS (SELECT FROM notes WHERE id = note))
    WITH CHECK (EXISTS (SELECT FROM notes WHERE id = note));
GRANT SELECT, INSERT ON tags TO bulkhead_app;
