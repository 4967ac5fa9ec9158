-- Operators read everything while they act and write in one organization; the list of organizations itself.
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE TABLE orgs (id uuid PRIMARY KEY, name text NOT NULL, slug text NOT NULL UNIQUE);
ALTER TABLE orgs ENABLE ROW LEVEL SECURITY;
ALTER TABLE orgs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orgs FOR SELECT TO bulkhead_app USING (id = (SELECT app.org_id()));
CREATE POLICY operator_read ON orgs FOR SELECT TO bulkhead_operator USING ((SELECT app.operator_id()) IS NOT NULL);
CREATE POLICY operator_add ON orgs FOR INSERT TO bulkhead_operator
    WITH CHECK ((SELECT app.operator_id()) IS NOT NULL AND id = (SELECT app.org_id()));
GRANT SELECT ON orgs TO bulkhead_app;
GRANT SELECT, INSERT ON orgs TO bulkhead_operator;
CREATE POLICY operator_read ON notes FOR SELECT TO bulkhead_operator USING ((SELECT app.operator_id()) IS NOT NULL);
CREATE POLICY operator_add ON notes FOR INSERT TO bulkhead_operator
    WITH CHECK ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()));
GRANT SELECT ON notes TO bulkhead_operator;
GRANT INSERT (id, title) ON notes TO bulkhead_operator;
