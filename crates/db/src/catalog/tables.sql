-- One row for every table, view and foreign table outside PostgreSQL's own schemas.
WITH relation AS (
    SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition, c.relowner, c.relrowsecurity, c.relforcerowsecurity,
           coalesce((SELECT option_value::boolean FROM pg_options_to_table(c.reloptions)
                     WHERE option_name = 'security_invoker'), false) AS security_invoker,
           -- orgs is the list of organizations: there, the row's own id says whose it is.
           (SELECT a.attnum FROM pg_attribute a
            WHERE a.attrelid = c.oid AND NOT a.attisdropped
              AND a.attname = CASE WHEN n.nspname = 'public' AND c.relname = 'orgs' THEN 'id' ELSE 'org_id' END
           ) AS tenant_attnum,
           c.relacl
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
)
SELECT r.nspname::text AS schema,
       r.relname::text AS name,
       CASE WHEN r.relispartition AND r.relkind IN ('r', 'p') THEN 'partition'
            ELSE CASE r.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned' WHEN 'v' THEN 'view'
                                WHEN 'm' THEN 'materialized_view' ELSE 'foreign' END
       END AS kind,
       pg_get_userbyid(r.relowner)::text AS owner,
       obj_description(r.oid, 'pg_class') AS comment,
       r.relrowsecurity AS rls_enabled,
       r.relforcerowsecurity AS rls_forced,
       r.security_invoker,

       (SELECT jsonb_build_object('name', a.attname, 'data_type', format_type(a.atttypid, a.atttypmod),
                                  'nullable', NOT a.attnotnull, 'default', pg_get_expr(d.adbin, d.adrelid))
        FROM pg_attribute a
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = r.oid AND a.attnum = r.tenant_attnum) AS tenant_column,

       (SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i
        WHERE i.indrelid = r.oid AND i.indisvalid AND i.indpred IS NULL AND i.indkey[0] = r.tenant_attnum
        ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1) AS tenant_index,

       coalesce((SELECT jsonb_agg(jsonb_build_object(
                    'name', p.polname, 'command', p.polcmd, 'permissive', p.polpermissive,
                    'roles', (SELECT jsonb_agg(CASE role WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(role)::text END ORDER BY role)
                              FROM unnest(p.polroles) role),
                    'using', pg_get_expr(p.polqual, p.polrelid),
                    'with_check', pg_get_expr(p.polwithcheck, p.polrelid)) ORDER BY p.polname)
                 FROM pg_policy p WHERE p.polrelid = r.oid), '[]') AS policies,

       coalesce((SELECT jsonb_agg(jsonb_build_object('role', role, 'privileges', privileges) ORDER BY role)
                 FROM (SELECT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee)::text END AS role,
                              jsonb_agg(g.privilege_type ORDER BY g.privilege_type) AS privileges
                       FROM aclexplode(r.relacl) g WHERE g.grantee <> r.relowner
                       GROUP BY 1) granted), '[]') AS table_grants,

       coalesce((SELECT jsonb_agg(jsonb_build_object('role', role, 'privilege', privilege_type, 'columns', columns)
                                  ORDER BY role, privilege_type)
                 FROM (SELECT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee)::text END AS role,
                              g.privilege_type, jsonb_agg(a.attname ORDER BY a.attnum) AS columns
                       FROM pg_attribute a, aclexplode(a.attacl) g
                       WHERE a.attrelid = r.oid AND NOT a.attisdropped AND g.grantee <> r.relowner
                       GROUP BY 1, 2) granted), '[]') AS column_grants,

       coalesce((SELECT jsonb_agg(jsonb_build_object(
                    'name', k.conname,
                    'columns', (SELECT jsonb_agg(a.attname ORDER BY u.n)
                                FROM unnest(k.conkey) WITH ORDINALITY u(attnum, n)
                                JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum),
                    'references', o.nspname || '.' || o.relname,
                    'referenced_columns', (SELECT jsonb_agg(a.attname ORDER BY u.n)
                                FROM unnest(k.confkey) WITH ORDINALITY u(attnum, n)
                                JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum),
                    'to_tenant_table', o.tenant_attnum IS NOT NULL,
                    'keeps_tenant', coalesce(
                        array_position(k.conkey, r.tenant_attnum) = array_position(k.confkey, o.tenant_attnum), false)
                    ) ORDER BY k.conname)
                 FROM pg_constraint k JOIN relation o ON o.oid = k.confrelid
                 WHERE k.conrelid = r.oid AND k.contype = 'f'), '[]') AS foreign_keys
FROM relation r
ORDER BY r.nspname, r.relname
