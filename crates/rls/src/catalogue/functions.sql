-- The functions of calls.sql. $1: their oids.
SELECT f.oid AS function,
       n.nspname || '.' || f.proname || '(' || pg_get_function_identity_arguments(f.oid) || ')' AS signature,
       CASE f.provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' ELSE 'VOLATILE' END AS volatility,
       f.proleakproof AS leakproof,
       f.prosecdef AS security_definer,
       f.oid < 16384 AS built_in
FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
WHERE f.oid = ANY ($1)
ORDER BY n.nspname, f.proname, f.oid
