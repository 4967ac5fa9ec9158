-- Class: in EXISTS (SELECT FROM members WHERE org_id = org_id) both names mean the inner table, so one membership anywhere
-- opens every row (a recurring question about Supabase policies).
-- expect: policy-ignores-tenant
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE TABLE members (org_id uuid NOT NULL DEFAULT app.org_id(), user_id uuid NOT NULL, PRIMARY KEY (org_id, user_id));
SELECT app.protect('members');
ALTER POLICY tenant ON notes USING (EXISTS (SELECT FROM members m WHERE org_id = m.org_id));
