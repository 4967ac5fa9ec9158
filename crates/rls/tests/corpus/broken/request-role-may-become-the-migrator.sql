-- Class: one login for all, made a member of the migrator for convenience; SET ROLE goes past every policy.
-- expect: runtime-member-of-stronger
-- runtime: {role}
CREATE ROLE {role} LOGIN NOINHERIT;
GRANT bulkhead_migrator TO {role};
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
