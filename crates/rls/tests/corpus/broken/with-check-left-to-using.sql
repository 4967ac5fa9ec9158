-- R08: without WITH CHECK the USING expression decides what may be written; until somebody changes it for reading.
-- expect: missing-with-check
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
DROP POLICY tenant ON notes;
CREATE POLICY tenant ON notes TO bulkhead_app USING (org_id = (SELECT app.org_id()));
