-- One text that is another one once anything was written that the other queries here read, or that decides how they write
-- an expression. Of every row of PostgreSQL's own tables it takes the version, which a change always replaces: where the row
-- is and which transaction wrote it.
SELECT concat_ws(' ', current_setting('server_version_num'), pg_postmaster_start_time(), pg_conf_load_time(), d.oid, d.datname,
                 rows.hash, roles.hash)
FROM pg_database d,
     (SELECT sum(hashtextextended(kind || ctid::text || xmin::text, 0)) AS hash
      FROM (SELECT 'attrdef' AS kind, ctid, xmin FROM pg_attrdef
            UNION ALL SELECT 'attribute', ctid, xmin FROM pg_attribute
            UNION ALL SELECT 'class', ctid, xmin FROM pg_class
            UNION ALL SELECT 'collation', ctid, xmin FROM pg_collation
            UNION ALL SELECT 'constraint', ctid, xmin FROM pg_constraint
            UNION ALL SELECT 'depend', ctid, xmin FROM pg_depend
                      WHERE classid = 'pg_class'::regclass AND refobjsubid > 0 AND deptype IN ('a', 'i')
                         OR classid = 'pg_proc'::regclass AND deptype = 'e'
            UNION ALL SELECT 'description', ctid, xmin FROM pg_description WHERE classoid = 'pg_class'::regclass
            UNION ALL SELECT 'index', ctid, xmin FROM pg_index
            UNION ALL SELECT 'inherits', ctid, xmin FROM pg_inherits
            UNION ALL SELECT 'language', ctid, xmin FROM pg_language
            UNION ALL SELECT 'members', ctid, xmin FROM pg_auth_members
            UNION ALL SELECT 'namespace', ctid, xmin FROM pg_namespace
            UNION ALL SELECT 'operator', ctid, xmin FROM pg_operator
            UNION ALL SELECT 'policy', ctid, xmin FROM pg_policy
            UNION ALL SELECT 'proc', ctid, xmin FROM pg_proc
            UNION ALL SELECT 'rewrite', ctid, xmin FROM pg_rewrite
            UNION ALL SELECT 'setting', ctid, xmin FROM pg_db_role_setting
            UNION ALL SELECT 'trigger', ctid, xmin FROM pg_trigger
            UNION ALL SELECT 'type', ctid, xmin FROM pg_type) version) rows,
     -- The table behind this view is for superusers only.
     (SELECT sum(hashtextextended(r::text, 0)) AS hash
      FROM (SELECT oid, rolname, rolsuper, rolinherit, rolcanlogin, rolbypassrls FROM pg_roles) r) roles
WHERE d.datname = current_database()
