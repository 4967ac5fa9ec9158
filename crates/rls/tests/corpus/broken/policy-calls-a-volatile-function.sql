-- Class: a function without STABLE is volatile; it runs for every row, and what it answers may change while it does.
-- expect: policy-volatile-function
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE FUNCTION app.is_open() RETURNS boolean LANGUAGE sql RETURN true;
ALTER POLICY tenant ON notes USING (org_id = (SELECT app.org_id()) AND app.is_open());
