-- cyoda-go#363: "policies exist" tests stayed green while the owner, who ran the tests and the migrations, read every row.
-- expect: rls-not-forced
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
ALTER TABLE notes NO FORCE ROW LEVEL SECURITY;
