-- Class: a condition's own function raises a notice with what it was given, before it is known whose row that is (R26).
-- expect: policy-leaky-function
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE FUNCTION app.is_visible(title text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN RAISE NOTICE 'judging %', title; RETURN true; END $$;
ALTER POLICY tenant ON notes USING (app.is_visible(title) AND org_id = (SELECT app.org_id()));
