//! What an attacker has to know besides the catalogue: types, rights, functions, and the text of what policies call.

use std::collections::BTreeMap;

use serde::Deserialize;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};

use super::error::{Result, while_};

/// Reads through a copy; nothing in here is the organizations' data.
#[derive(Debug)]
pub(super) struct Survey {
    /// By table (`schema.name`) and column.
    pub types: BTreeMap<(String, String), TypeFacts>,
    /// Bounds of partitions, by the partitioned table: what rows may look like to find a place.
    pub bounds: BTreeMap<String, Vec<String>>,
    /// What each runtime role may do, by role and table.
    pub rights: BTreeMap<(String, String), Rights>,
    /// Functions that a runtime role may execute.
    pub functions: Vec<Callable>,
    /// The text of every function and policy: where settings, defaults and channels are named.
    pub texts: Vec<String>,
}

/// A column's type as far as making values needs it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct TypeFacts {
    /// The innermost type's name as the catalogue has it: `uuid`, `text`, `_int4`.
    pub base: String,
    /// The labels of an enum.
    pub labels: Vec<String>,
    /// CHECK constraints of domains: name and expression.
    pub checks: Vec<(String, String)>,
    /// The length of `varchar(n)`.
    pub length: Option<usize>,
}

/// The columns a role may read, give and change.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Rights {
    pub readable: Vec<String>,
    pub insertable: Vec<String>,
    pub updatable: Vec<String>,
}

/// A function that somebody may call.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Callable {
    /// `schema.name(arguments)`, as the catalogue's facts write it.
    pub signature: String,
    /// Its name, quoted, without arguments.
    pub name: String,
    /// The types of what it is given, as SQL.
    pub arguments: Vec<String>,
    /// Everything before the body, for replacing it: `"a"."f"(x uuid) RETURNS SETOF t`.
    pub header: String,
    /// Runtime roles that may execute it.
    pub roles: Vec<String>,
}

/// Surveys the copy.
pub(super) async fn survey(copy: &mut PgConnection, roles: &[String]) -> Result<Survey> {
    let doing = "surveying the copy";
    let types = sqlx::query(TYPES).fetch_all(&mut *copy).await.map_err(while_(doing))?;
    let bounds = sqlx::query(BOUNDS).fetch_all(&mut *copy).await.map_err(while_(doing))?;
    let rights = sqlx::query(RIGHTS).bind(roles).fetch_all(&mut *copy).await.map_err(while_(doing))?;
    let functions = sqlx::query(FUNCTIONS).bind(roles).fetch_all(&mut *copy).await.map_err(while_(doing))?;
    let texts = sqlx::query_scalar(TEXTS).fetch_all(copy).await.map_err(while_(doing))?;
    let read = || -> sqlx::Result<Survey> {
        Ok(Survey {
            types: types
                .iter()
                .map(|row| Ok(((row.try_get(0)?, row.try_get(1)?), row.try_get::<Json<TypeFacts>, _>(2)?.0)))
                .collect::<sqlx::Result<_>>()?,
            bounds: bounds.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<sqlx::Result<_>>()?,
            rights: rights
                .iter()
                .map(|row| Ok(((row.try_get(0)?, row.try_get(1)?), row.try_get::<Json<Rights>, _>(2)?.0)))
                .collect::<sqlx::Result<_>>()?,
            functions: functions
                .iter()
                .map(|row| Ok(row.try_get::<Json<Callable>, _>(0)?.0))
                .collect::<sqlx::Result<_>>()?,
            texts,
        })
    };
    read().map_err(while_(doing))
}

const TYPES: &str = "
    SELECT n.nspname || '.' || c.relname, a.attname::text,
           jsonb_build_object('base', b.base, 'labels', b.labels, 'checks', b.checks, 'length',
               CASE WHEN b.base IN ('varchar', 'bpchar') AND b.typmod > 4 THEN b.typmod - 4 END)
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped,
    LATERAL (
        WITH RECURSIVE inner_type(oid, typmod, depth) AS (
            SELECT a.atttypid, a.atttypmod, 0
            UNION ALL
            SELECT t.typbasetype, t.typtypmod, i.depth + 1
            FROM inner_type i JOIN pg_type t ON t.oid = i.oid WHERE t.typtype = 'd')
        SELECT (SELECT t.typname::text FROM inner_type i JOIN pg_type t ON t.oid = i.oid ORDER BY depth DESC LIMIT 1) AS base,
               (SELECT typmod FROM inner_type ORDER BY depth DESC LIMIT 1) AS typmod,
               (SELECT coalesce(jsonb_agg(e.enumlabel ORDER BY e.enumsortorder), '[]')
                FROM inner_type i JOIN pg_enum e ON e.enumtypid = i.oid) AS labels,
               (SELECT coalesce(jsonb_agg(jsonb_build_array(k.conname, pg_get_expr(k.conbin, 0)) ORDER BY k.conname), '[]')
                FROM inner_type i JOIN pg_constraint k ON k.contypid = i.oid AND k.contype = 'c') AS checks
    ) b
    WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'";

const BOUNDS: &str = "
    SELECT p.nspname || '.' || o.relname, array_agg(pg_get_expr(c.relpartbound, c.oid) ORDER BY c.relname)
    FROM pg_inherits h
    JOIN pg_class c ON c.oid = h.inhrelid AND c.relpartbound IS NOT NULL
    JOIN pg_class o ON o.oid = h.inhparent
    JOIN pg_namespace p ON p.oid = o.relnamespace
    GROUP BY 1";

const RIGHTS: &str = "
    SELECT r.rolname::text, n.nspname || '.' || c.relname,
           jsonb_build_object(
               'readable', coalesce(jsonb_agg(a.attname ORDER BY a.attnum)
                               FILTER (WHERE has_column_privilege(r.oid, c.oid, a.attnum, 'SELECT')), '[]'),
               'insertable', coalesce(jsonb_agg(a.attname ORDER BY a.attnum)
                               FILTER (WHERE has_column_privilege(r.oid, c.oid, a.attnum, 'INSERT')), '[]'),
               'updatable', coalesce(jsonb_agg(a.attname ORDER BY a.attnum)
                               FILTER (WHERE has_column_privilege(r.oid, c.oid, a.attnum, 'UPDATE')), '[]'))
    FROM pg_roles r, pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE r.rolname = ANY ($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
    GROUP BY 1, 2";

/// Functions of extensions are their authors', and triggers cannot be called.
const FUNCTIONS: &str = "
    SELECT jsonb_build_object(
               'signature', n.nspname || '.' || f.proname || '(' || pg_get_function_identity_arguments(f.oid) || ')',
               'name', quote_ident(n.nspname) || '.' || quote_ident(f.proname),
               'arguments', (SELECT coalesce(jsonb_agg(format_type(t, NULL) ORDER BY k), '[]')
                             FROM unnest(f.proargtypes) WITH ORDINALITY u(t, k)),
               'header', quote_ident(n.nspname) || '.' || quote_ident(f.proname) || '('
                         || pg_get_function_arguments(f.oid) || ') RETURNS ' || pg_get_function_result(f.oid),
               'roles', (SELECT coalesce(jsonb_agg(r.rolname ORDER BY r.rolname), '[]') FROM pg_roles r
                         WHERE r.rolname = ANY ($1) AND has_function_privilege(r.oid, f.oid, 'EXECUTE')
                           AND has_schema_privilege(r.oid, n.oid, 'USAGE')))
    FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
    WHERE f.prokind = 'f' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
      AND f.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e')
      AND EXISTS (SELECT FROM pg_roles r WHERE r.rolname = ANY ($1) AND has_function_privilege(r.oid, f.oid, 'EXECUTE')
                    AND has_schema_privilege(r.oid, n.oid, 'USAGE'))
    ORDER BY n.nspname, f.proname, f.oid";

const TEXTS: &str = "
    SELECT pg_get_functiondef(f.oid) FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
    WHERE f.prokind = 'f' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e')
    UNION ALL
    SELECT concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) FROM pg_policy p
    ORDER BY 1";
