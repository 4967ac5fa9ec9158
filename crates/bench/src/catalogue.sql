-- Somebody else's database as large as the largest that is promised: 500 tables, 5 000 policies, ten rows of two
-- organizations in every table. $condition: what every policy requires of the organization.
CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO bulkhead_app;
CREATE FUNCTION app.org_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.org_id', true), '')::uuid;
DO $$
BEGIN
    FOR t IN 1..500 LOOP
        EXECUTE format('CREATE TABLE t%s (org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
                        parent uuid, kind text, note text, made_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (org_id, id),
                        FOREIGN KEY (org_id, parent) REFERENCES t%s (org_id, id))', t, greatest(t - 1, 1));
        EXECUTE format('INSERT INTO t%s (org_id, kind, note)
                        SELECT CASE n %% 2 WHEN 0 THEN ''0d0d0d0d-0000-4000-8000-00000000000d''::uuid
                                           ELSE ''0e0e0e0e-0000-4000-8000-00000000000e'' END, n::text, ''a note''
                        FROM generate_series(1, 10) n', t);
        EXECUTE format('ALTER TABLE t%s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON t%s TO bulkhead_app', t);
        FOR p IN 1..10 LOOP
            EXECUTE format('CREATE POLICY p%s ON t%s TO bulkhead_app USING ($condition AND kind = %L)
                            WITH CHECK ($condition AND kind = %L)', p, t, p, p);
        END LOOP;
    END LOOP;
END $$;
