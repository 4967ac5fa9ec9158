-- One row for every policy, without a sub-query: so PostgreSQL divides them among workers. Writing thousands of
-- expressions out is most of what reading a catalogue costs.
SELECT p.oid AS policy,
       p.polrelid AS relation,
       p.polname::text AS name,
       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
                     ELSE 'ALL' END AS command,
       p.polpermissive AS permissive,
       p.polroles AS roles,
       pg_get_expr(p.polqual, p.polrelid) AS condition,
       pg_get_expr(p.polwithcheck, p.polrelid) AS with_check
FROM pg_policy p
