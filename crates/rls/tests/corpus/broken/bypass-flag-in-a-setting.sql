-- Class: a boolean setting, app.bypass_rls, for background jobs; any injected SET turns it on (citus and hasura guides).
-- expect: policy-by-setting
-- implies: policy-ignores-tenant policy-admits-others
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
ALTER POLICY tenant ON notes USING (org_id = (SELECT app.org_id()) OR coalesce(nullif(current_setting('app.bypass_rls', true), ''), 'false')::boolean);
