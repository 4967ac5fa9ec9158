-- Measured (R11): search_path is fixed, but pg_temp is not in it, and so comes first.
-- expect: definer-temp-schema
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE FUNCTION app.count_notes() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public AS 'SELECT count(*) FROM notes';
REVOKE EXECUTE ON FUNCTION app.count_notes() FROM PUBLIC;
