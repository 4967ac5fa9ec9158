-- Class: support merges two customers by an UPDATE of the tenant column; the history goes with it.
-- expect: tenant-column-mutable
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
GRANT SELECT, UPDATE ON notes TO bulkhead_operator;
CREATE POLICY operator_edit ON notes FOR UPDATE TO bulkhead_operator USING ((SELECT app.operator_id()) IS NOT NULL)
    WITH CHECK ((SELECT app.operator_id()) IS NOT NULL);
