-- Open permissive policies held by a restrictive one for everybody.
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE POLICY fence ON notes AS RESTRICTIVE TO PUBLIC
    USING (org_id = (SELECT app.org_id())) WITH CHECK (org_id = (SELECT app.org_id()));
CREATE POLICY everything ON notes FOR SELECT TO bulkhead_app USING (true);
CREATE POLICY public_ones ON notes FOR UPDATE TO bulkhead_app USING (is_public) WITH CHECK (is_public);
