-- Supabase splinter 0028/0029: EXECUTE is PUBLIC's by default, and REST interfaces offer every function.
-- expect: definer-executable-by-public
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE FUNCTION app.all_titles() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS 'SELECT title FROM notes';
