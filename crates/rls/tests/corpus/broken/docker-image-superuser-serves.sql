-- Class: POSTGRES_USER of the official image is a superuser, and the compose file gives it to the application.
-- expect: runtime-superuser
-- runtime: {role}
CREATE ROLE {role} LOGIN SUPERUSER;
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
