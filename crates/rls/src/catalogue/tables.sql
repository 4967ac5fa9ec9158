-- One row for every table, view and foreign table outside PostgreSQL's own schemas.
-- $1: names of the tenant column, the preferred first. $2, $3: the table of the organizations as schema.name, and its key.
WITH relation AS (
    SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition, c.relowner, c.relrowsecurity, c.relforcerowsecurity,
           coalesce((SELECT option_value::boolean FROM pg_options_to_table(c.reloptions)
                     WHERE option_name = 'security_invoker'), false) AS security_invoker,
           -- In the list of organizations the row's own key says whose it is.
           (SELECT a.attnum FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              AND CASE WHEN n.nspname || '.' || c.relname = $2 THEN a.attname = $3 ELSE a.attname = ANY ($1) END
            ORDER BY array_position($1, a.attname::text) LIMIT 1
           ) AS tenant_attnum,
           c.relacl
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
),
foreign_keys AS (
    SELECT k.conrelid,
           jsonb_agg(jsonb_build_object(
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
               ) ORDER BY k.conname) AS foreign_keys
    FROM pg_constraint k JOIN relation r ON r.oid = k.conrelid JOIN relation o ON o.oid = k.confrelid
    WHERE k.contype = 'f'
    GROUP BY k.conrelid
)
SELECT r.oid AS relation,
       r.nspname::text AS schema,
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

       coalesce((SELECT jsonb_agg(jsonb_build_object(
                    'name', a.attname, 'data_type', format_type(a.atttypid, a.atttypmod), 'nullable', NOT a.attnotnull,
                    'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
                    'generated', a.attgenerated <> '', 'identity', a.attidentity <> '') ORDER BY a.attnum)
                 FROM pg_attribute a
                 LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                 WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]') AS columns,

       coalesce((SELECT jsonb_agg(a.attname ORDER BY k.n)
                 FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, n), pg_attribute a
                 WHERE i.indrelid = r.oid AND i.indisprimary AND k.n <= i.indnkeyatts
                   AND a.attrelid = r.oid AND a.attnum = k.attnum), '[]') AS primary_key,

       coalesce((SELECT jsonb_agg(jsonb_build_object(
                    'name', o.relname, 'primary', i.indisprimary, 'predicate', pg_get_expr(i.indpred, i.indrelid),
                    -- A plain column by its bare name, an expression as PostgreSQL writes it.
                    'columns', (SELECT jsonb_agg(coalesce(a.attname, pg_get_indexdef(i.indexrelid, n, true)::name) ORDER BY n)
                                FROM generate_series(1, i.indnkeyatts::int) n
                                LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = i.indkey[n - 1])
                    ) ORDER BY o.relname)
                 FROM pg_index i JOIN pg_class o ON o.oid = i.indexrelid
                 WHERE i.indrelid = r.oid AND i.indisunique), '[]') AS unique_keys,

       coalesce((SELECT jsonb_agg(jsonb_build_object('name', k.conname, 'expression', pg_get_expr(k.conbin, k.conrelid))
                                  ORDER BY k.conname)
                 FROM pg_constraint k WHERE k.conrelid = r.oid AND k.contype = 'c'), '[]') AS checks,

       (SELECT n.nspname || '.' || o.relname
        FROM pg_inherits h JOIN pg_class o ON o.oid = h.inhparent JOIN pg_namespace n ON n.oid = o.relnamespace
        WHERE h.inhrelid = r.oid ORDER BY h.inhseqno LIMIT 1) AS parent,

       coalesce((SELECT jsonb_agg(name ORDER BY name)
                 FROM (SELECT DISTINCT n.nspname || '.' || o.relname AS name
                       FROM pg_rewrite w
                       JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
                                       AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.oid
                       JOIN pg_class o ON o.oid = d.refobjid JOIN pg_namespace n ON n.oid = o.relnamespace
                       WHERE w.ev_class = r.oid AND r.relkind IN ('v', 'm')) read), '[]') AS reads,

       CASE WHEN r.relkind IN ('v', 'm') THEN pg_get_viewdef(r.oid) END AS definition,

       coalesce((SELECT jsonb_agg(jsonb_build_object('name', t.tgname, 'function', n.nspname || '.' || f.proname,
                                                     'definition', pg_get_triggerdef(t.oid)) ORDER BY t.tgname)
                 FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid JOIN pg_namespace n ON n.oid = f.pronamespace
                 WHERE t.tgrelid = r.oid AND NOT t.tgisinternal), '[]') AS triggers,

       (SELECT jsonb_build_object('name', a.attname, 'data_type', format_type(a.atttypid, a.atttypmod),
                                  'nullable', NOT a.attnotnull, 'default', pg_get_expr(d.adbin, d.adrelid))
        FROM pg_attribute a
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = r.oid AND a.attnum = r.tenant_attnum) AS tenant_column,

       (SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i
        WHERE i.indrelid = r.oid AND i.indisvalid AND i.indpred IS NULL AND i.indkey[0] = r.tenant_attnum
        ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1) AS tenant_index,

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

       coalesce(k.foreign_keys, '[]') AS foreign_keys
FROM relation r
LEFT JOIN foreign_keys k ON k.conrelid = r.oid
ORDER BY r.nspname, r.relname
