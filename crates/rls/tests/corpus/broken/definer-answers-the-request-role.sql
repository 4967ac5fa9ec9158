-- Class: a definer function to get around a policy that was in the way; nobody looks at it again.
-- expect: definer-executable-by-runtime
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE FUNCTION app.all_titles() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS 'SELECT title FROM notes';
REVOKE EXECUTE ON FUNCTION app.all_titles() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.all_titles() TO bulkhead_app;
