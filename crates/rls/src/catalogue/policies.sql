-- One row for every policy, and nothing in it that is aggregated, sorted or packed: for thousands of policies that
-- takes longer than writing their expressions out.
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
