-- CVE-2018-1058: before PostgreSQL 15 everybody may create in public, and what is made there answers to names without a schema.
-- expect: schema-create-granted
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
GRANT CREATE ON SCHEMA public TO bulkhead_app;
