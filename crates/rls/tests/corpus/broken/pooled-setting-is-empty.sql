-- Measured (R05): after its transaction a setting is '' and not NULL, and ''::uuid is an error: only in used connections.
-- expect: setting-without-nullif
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
ALTER POLICY tenant ON notes USING (org_id = (SELECT current_setting('app.org_id', true)::uuid));
