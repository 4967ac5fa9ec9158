-- One row for every policy and function that it calls. pg_depend leaves PostgreSQL's own functions out, so the calls are
-- read from the expression's tree. It is unpacked once and cut at the markers: a regular expression takes ten times as
-- long.
SELECT DISTINCT unpacked.policy, split_part(piece, ' ', 1)::oid AS function
FROM (SELECT p.oid AS policy, concat(p.polqual, p.polwithcheck) AS tree FROM pg_policy p OFFSET 0) unpacked,
     LATERAL (VALUES (string_to_array(tree, 'funcid ')), -- functions, and those of operators
                     (CASE WHEN strpos(tree, 'fnoid ') > 0 -- aggregates and window functions
                           THEN string_to_array(tree, 'fnoid ') END)) pieces(cut),
     LATERAL unnest(cut, array_prepend(NULL, cut)) marked(piece, before)
WHERE before IS NOT NULL AND piece IS NOT NULL
  -- Of operators only those that somebody made: PostgreSQL's own say nothing.
  AND (right(before, 3) <> ':op' OR split_part(piece, ' ', 1)::oid >= 16384)
