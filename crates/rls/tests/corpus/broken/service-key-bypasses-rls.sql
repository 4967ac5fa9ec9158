-- Supabase field reports (discussion 38690): the service role, which has BYPASSRLS, ends up where requests are served.
-- expect: runtime-bypasses-rls
-- runtime: {role}
CREATE ROLE {role} LOGIN BYPASSRLS;
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
