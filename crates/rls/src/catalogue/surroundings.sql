-- What surrounds the tables, as one row of JSON lists: roles, schemas, functions, sequences.
SELECT
    (SELECT jsonb_agg(jsonb_build_object(
                'name', r.rolname, 'superuser', r.rolsuper, 'bypass_rls', r.rolbypassrls, 'login', r.rolcanlogin,
                'inherit', r.rolinherit,
                'member_of', (WITH RECURSIVE up(oid) AS (
                                  SELECT m.roleid FROM pg_auth_members m WHERE m.member = r.oid
                                  UNION SELECT m.roleid FROM pg_auth_members m JOIN up ON m.member = up.oid)
                              SELECT coalesce(jsonb_agg(pg_get_userbyid(up.oid) ORDER BY pg_get_userbyid(up.oid)), '[]') FROM up)
             ) ORDER BY r.rolname)
     FROM pg_roles r WHERE r.rolname !~ '^pg_') AS roles,

    coalesce((SELECT jsonb_agg(jsonb_build_object('name', n.nspname, 'owner', pg_get_userbyid(n.nspowner),
                'grants', (SELECT coalesce(jsonb_agg(jsonb_build_object('role', role, 'privileges', privileges, 'columns', '[]'::jsonb)
                                                     ORDER BY role), '[]')
                           FROM (SELECT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee)::text END AS role,
                                        jsonb_agg(g.privilege_type ORDER BY g.privilege_type) AS privileges
                                 FROM aclexplode(n.nspacl) g WHERE g.grantee <> n.nspowner GROUP BY 1) granted)
             ) ORDER BY n.nspname)
     FROM pg_namespace n WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'), '[]') AS schemas,

    coalesce((SELECT jsonb_agg(facts ORDER BY facts ->> 'schema', facts ->> 'name', facts ->> 'arguments')
     FROM (SELECT jsonb_build_object(
                'schema', n.nspname, 'name', f.proname, 'arguments', pg_get_function_identity_arguments(f.oid),
                'owner', pg_get_userbyid(f.proowner), 'language', l.lanname,
                'volatility', CASE f.provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' ELSE 'VOLATILE' END,
                'leakproof', f.proleakproof, 'security_definer', f.prosecdef,
                'search_path', (SELECT substr(option, 13) FROM unnest(f.proconfig) option
                                WHERE option LIKE 'search\_path=%'),
                -- Without an access list of its own everybody may execute a function.
                'executable_by', (SELECT coalesce(jsonb_agg(role ORDER BY role), '[]')
                                  FROM (SELECT DISTINCT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee)::text END AS role
                                        FROM aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) g
                                        WHERE g.grantee <> f.proowner AND g.privilege_type = 'EXECUTE') granted)) AS facts
           FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace JOIN pg_language l ON l.oid = f.prolang
           WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
             -- An extension's own functions are its authors' business, unless they lend rights.
             AND (f.prosecdef OR NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
                                             AND d.objid = f.oid AND d.deptype = 'e'))) listed), '[]') AS functions,

    coalesce((SELECT jsonb_agg(jsonb_build_object('schema', n.nspname, 'name', c.relname,
                'owned_by', (SELECT m.nspname || '.' || o.relname || '.' || a.attname
                             FROM pg_depend d JOIN pg_class o ON o.oid = d.refobjid
                             JOIN pg_namespace m ON m.oid = o.relnamespace
                             JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum = d.refobjsubid
                             WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i') LIMIT 1),
                'grants', (SELECT coalesce(jsonb_agg(jsonb_build_object('role', role, 'privileges', privileges, 'columns', '[]'::jsonb)
                                                     ORDER BY role), '[]')
                           FROM (SELECT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee)::text END AS role,
                                        jsonb_agg(g.privilege_type ORDER BY g.privilege_type) AS privileges
                                 FROM aclexplode(c.relacl) g WHERE g.grantee <> c.relowner GROUP BY 1) granted)
             ) ORDER BY n.nspname, c.relname)
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'S' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'), '[]') AS sequences
