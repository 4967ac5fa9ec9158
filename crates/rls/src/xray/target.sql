-- Everything the X-ray needs to know about one table and one role, as one JSON object; no row where there is no such table.
-- $1: schema, $2: table, $3: the role's oid, $4: names of the tenant column, the preferred first.
SELECT jsonb_build_object(
    'oid', c.oid::bigint,
    'schema', n.nspname, 'name', c.relname, 'kind', c.relkind, 'owner', pg_get_userbyid(c.relowner),
    'heap', c.relkind = 'p' OR coalesce((SELECT amname = 'heap' FROM pg_am WHERE oid = c.relam), false),
    'rls_enabled', c.relrowsecurity, 'rls_forced', c.relforcerowsecurity,

    'columns', coalesce((
        SELECT jsonb_agg(jsonb_build_object(
            'name', a.attname,
            'data_type', format_type(a.atttypid, a.atttypmod),
            'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
            'generated', CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END,
            'identity', a.attidentity <> '',
            'always', a.attidentity = 'a',
            'equality', coalesce(e.operator, '='),
            'may_select', has_column_privilege(r.oid, c.oid, a.attnum, 'SELECT'),
            'may_insert', has_column_privilege(r.oid, c.oid, a.attnum, 'INSERT'),
            'may_update', has_column_privilege(r.oid, c.oid, a.attnum, 'UPDATE')) ORDER BY a.attnum)
        FROM pg_attribute a
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        -- Under an empty search_path, `=` would not find the operator of a type that an extension brought.
        LEFT JOIN LATERAL (
            SELECT format('OPERATOR(%I.%s)', o_n.nspname, o.oprname) AS operator
            FROM pg_opclass k
            JOIN pg_amop m ON m.amopfamily = k.opcfamily AND m.amoplefttype = k.opcintype
                          AND m.amoprighttype = k.opcintype AND m.amopstrategy = 3
            JOIN pg_am am ON am.oid = k.opcmethod AND am.amname = 'btree'
            JOIN pg_operator o ON o.oid = m.amopopr
            JOIN pg_namespace o_n ON o_n.oid = o.oprnamespace AND o_n.nspname <> 'pg_catalog'
            WHERE k.opcdefault AND k.opcintype = a.atttypid LIMIT 1
        ) e ON true
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'),

    'key', coalesce((
        SELECT jsonb_agg(a.attname ORDER BY k.n)
        FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, n), pg_attribute a
        WHERE i.indrelid = c.oid AND i.indisprimary AND k.n <= i.indnkeyatts
          AND a.attrelid = c.oid AND a.attnum = k.attnum), '[]'),

    'tenant_column', (
        SELECT a.attname FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = ANY ($4)
        ORDER BY array_position($4, a.attname::text) LIMIT 1),

    -- PostgreSQL tries permissive policies from the last name to the first, and stops at the first that is true.
    'policies', coalesce((
        SELECT jsonb_agg(jsonb_build_object(
            'name', p.polname, 'permissive', p.polpermissive,
            'command', CASE p.polcmd WHEN '*' THEN 'ALL' WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT'
                                     WHEN 'w' THEN 'UPDATE' ELSE 'DELETE' END,
            'using', pg_get_expr(p.polqual, p.polrelid), 'with_check', pg_get_expr(p.polwithcheck, p.polrelid))
            ORDER BY p.polname DESC)
        FROM pg_policy p
        -- A policy is for a role when the role has the rights of one it is TO; 0 stands for PUBLIC.
        WHERE p.polrelid = c.oid
          AND EXISTS (SELECT 1 FROM unnest(p.polroles) t(role) WHERE t.role = 0 OR pg_has_role(r.oid, t.role, 'USAGE'))
        ), '[]'),
    'policies_for_others', (
        SELECT count(*) FROM pg_policy p
        WHERE p.polrelid = c.oid
          AND NOT EXISTS (SELECT 1 FROM unnest(p.polroles) t(role) WHERE t.role = 0 OR pg_has_role(r.oid, t.role, 'USAGE'))),

    -- Triggers that people made, with what fires them: bit 0 for each row, 1 before, 2 INSERT, 3 DELETE, 4 UPDATE.
    'triggers', coalesce((
        SELECT jsonb_agg(jsonb_build_object('name', t.tgname, 'kind', t.tgtype) ORDER BY t.tgname)
        FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')), '[]'),
    'rewritten', EXISTS (SELECT 1 FROM pg_rewrite w WHERE w.ev_class = c.oid),

    'role', jsonb_build_object(
        'name', r.rolname, 'superuser', r.rolsuper, 'bypass_rls', r.rolbypassrls,
        'owns', pg_has_role(r.oid, c.relowner, 'USAGE'),
        'usage', has_schema_privilege(r.oid, n.oid, 'USAGE'),
        'may_select', has_table_privilege(r.oid, c.oid, 'SELECT'),
        'may_insert_any', has_any_column_privilege(r.oid, c.oid, 'INSERT'),
        'may_delete', has_table_privilege(r.oid, c.oid, 'DELETE'),
        'can_become', coalesce((
            SELECT jsonb_agg(o.rolname ORDER BY o.rolname) FROM pg_roles o
            WHERE o.oid <> r.oid AND (o.rolsuper OR o.rolbypassrls OR o.oid = c.relowner)
              AND NOT r.rolsuper AND pg_has_role(r.oid, o.oid, 'MEMBER')), '[]'),
        -- What a session of the role starts with, from the weakest to the strongest source, as name=value.
        'starts_with', coalesce((
            SELECT jsonb_agg(s.setting ORDER BY d.setrole <> 0, d.setdatabase <> 0)
            FROM pg_db_role_setting d, unnest(d.setconfig) s(setting)
            WHERE d.setrole IN (0, r.oid)
              AND d.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))), '[]')),

    'inspector', jsonb_build_object(
        'name', current_user,
        'may_select', has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE'),
        'bound_by_policies', row_security_active(c.oid)))
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_roles r ON r.oid = $3
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
