-- Class: ALTER DEFAULT PRIVILEGES were too much work, so the application became a member of the owner.
-- expect: runtime-member-of-owner
-- runtime: {role}
CREATE ROLE {role} LOGIN;
GRANT bulkhead_owner TO {role};
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
ALTER TABLE notes OWNER TO bulkhead_owner;
