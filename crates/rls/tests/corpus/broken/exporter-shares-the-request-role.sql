-- Class: the metrics exporter shares the application's login and needs pg_monitor: statements of every session are readable.
-- expect: runtime-reads-statistics
-- runtime: {role}
CREATE ROLE {role} LOGIN;
GRANT pg_monitor TO {role};
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
