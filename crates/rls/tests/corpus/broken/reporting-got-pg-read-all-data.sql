-- Class: reporting was given pg_read_all_data (PostgreSQL 14), which grants SELECT on every table there will ever be.
-- expect: runtime-member-of-stronger
-- runtime: {role}
CREATE ROLE {role} LOGIN;
GRANT pg_read_all_data TO {role};
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
