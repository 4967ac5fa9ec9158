-- An OR of which every branch compares the organization; a sub-query that is held by it.
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE TABLE members (org_id uuid NOT NULL DEFAULT app.org_id(), user_id uuid NOT NULL, PRIMARY KEY (org_id, user_id));
SELECT app.protect('members');
ALTER POLICY tenant ON notes USING ((org_id = (SELECT app.org_id()) AND is_public)
    OR (org_id = (SELECT app.org_id()) AND EXISTS (SELECT FROM members m WHERE m.org_id = notes.org_id)));
