-- Who holds a role, and who is in a workspace, is listed newest first and a page at a time: each list walks its index.
-- An organization has at most some thousands of either, so the indexes are built in a moment.

CREATE INDEX role_assignments_newest ON role_assignments (org_id, role_id, assigned_at, id);
CREATE INDEX workspace_members_newest ON workspace_members (org_id, workspace_id, added_at, user_id);
-- The first begins with its columns.
DROP INDEX role_assignments_by_role;
