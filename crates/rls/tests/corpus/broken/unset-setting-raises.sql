-- Measured (R05): current_setting without missing_ok turns a forgotten context into an error on every page.
-- expect: setting-without-missing-ok
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
ALTER POLICY tenant ON notes USING (org_id = (SELECT nullif(current_setting('app.org_id'), '')::uuid));
