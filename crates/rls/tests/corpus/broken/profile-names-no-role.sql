-- Class: the role was renamed, and the check goes on looking at one that is not there: green because nothing was seen.
-- expect: runtime-role-missing
-- runtime: nobody_signs_in_as_this
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
