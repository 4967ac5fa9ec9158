-- Class: the policy's function may not be executed by the role it is for: every statement fails, and no check sees why.
-- expect: policy-not-seen
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE FUNCTION app.is_open() RETURNS boolean LANGUAGE sql STABLE RETURN true;
REVOKE EXECUTE ON FUNCTION app.is_open() FROM PUBLIC;
ALTER POLICY tenant ON notes USING (org_id = (SELECT app.org_id()) AND app.is_open());
