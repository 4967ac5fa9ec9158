//! Reads a plan as `EXPLAIN (FORMAT JSON, VERBOSE)` writes it.

use bulkhead_model::isolation::{AccessPath, PlanNode, QueryPlan, TableAccess};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::relations::{Relation, Relations};
use crate::{Error, Result};

/// Conditions that are worth showing, in the order in which they apply.
const CONDITIONS: [&str; 9] = [
    "Index Cond",
    "Recheck Cond",
    "TID Cond",
    "Order By",
    "Hash Cond",
    "Merge Cond",
    "Join Filter",
    "One-Time Filter",
    "Filter",
];

/// Tables that a plan reads, as schema and name.
pub(super) fn relations(plan: &Value) -> Vec<(String, String)> {
    let mut names = Vec::new();
    visit(top(plan), &mut |node| {
        if path(node).is_some() {
            names.extend(relation(node));
        }
    });
    names.sort();
    names.dedup();
    names
}

/// The plan with what is known about its tables. `unbound` is the same statement's without policies.
pub(super) fn plan(bound: &Value, unbound: Option<&Value>, known: &Relations) -> Result<QueryPlan> {
    let root = node(top(bound))?;
    let mut tables = Vec::new();
    visit(top(bound), &mut |node| tables.extend(access(node, known)));
    let mut shape = Sha256::new();
    shape_of(&root, &mut shape);
    let fingerprint = shape.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let cost_unbound = unbound.map(|plan| number(top(plan), "Total Cost")).transpose()?;
    Ok(QueryPlan { fingerprint, cost: root.cost, cost_unbound, tables, root })
}

/// EXPLAIN answers a list of one object with the plan in it.
fn top(plan: &Value) -> &Value {
    &plan[0]["Plan"]
}

fn children(node: &Value) -> &[Value] {
    node["Plans"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn visit<'p>(node: &'p Value, look: &mut impl FnMut(&'p Value)) {
    look(node);
    for child in children(node) {
        visit(child, look);
    }
}

fn text<'p>(node: &'p Value, key: &str) -> Option<&'p str> {
    node[key].as_str()
}

fn number(node: &Value, key: &str) -> Result<f64> {
    node[key].as_f64().ok_or_else(|| Error::Unexpected(format!("a plan without {key}")))
}

fn relation(node: &Value) -> Option<(String, String)> {
    Some((text(node, "Schema")?.to_owned(), text(node, "Relation Name")?.to_owned()))
}

fn path(node: &Value) -> Option<AccessPath> {
    match text(node, "Node Type")? {
        "Seq Scan" | "Sample Scan" | "Foreign Scan" => Some(AccessPath::Sequential),
        "Index Scan" => Some(AccessPath::Index),
        "Index Only Scan" => Some(AccessPath::IndexOnly),
        "Bitmap Heap Scan" => Some(AccessPath::Bitmap),
        "Tid Scan" | "Tid Range Scan" => Some(AccessPath::Address),
        _ => None,
    }
}

fn access(node: &Value, known: &Relations) -> Option<TableAccess> {
    let path = path(node)?;
    let name = relation(node)?;
    let unknown = Relation::default();
    let facts = known.get(&name).unwrap_or(&unknown);
    let mut indexes = Vec::new();
    visit(node, &mut |below| {
        if std::ptr::eq(below, node) || text(below, "Node Type") == Some("Bitmap Index Scan") {
            indexes.extend(text(below, "Index Name"));
        }
    });
    Some(TableAccess {
        table: format!("{}.{}", name.0, name.1),
        row_security: facts.row_security,
        tenant_column: facts.tenant_column.clone(),
        path,
        index: (!indexes.is_empty()).then(|| indexes.join(", ")),
        by_tenant_index: finds_tenant(node, facts),
        table_rows: facts.rows,
    })
}

/// Whether the organization is looked up in an index, instead of being compared row by row.
fn finds_tenant(node: &Value, facts: &Relation) -> bool {
    let Some(column) = &facts.tenant_column else { return false };
    match text(node, "Node Type").unwrap_or_default() {
        "Bitmap Heap Scan" | "BitmapAnd" => children(node).iter().any(|child| finds_tenant(child, facts)),
        "BitmapOr" => !children(node).is_empty() && children(node).iter().all(|child| finds_tenant(child, facts)),
        "Index Scan" | "Index Only Scan" | "Bitmap Index Scan" => {
            let leads = text(node, "Index Name").is_some_and(|name| facts.tenant_indexes.iter().any(|i| i == name));
            leads && text(node, "Index Cond").is_some_and(|condition| equates(condition, column))
        }
        _ => false,
    }
}

/// Whether an index condition asks for rows where the column equals something. PostgreSQL writes the index's column on
/// the left: `(users.org_id = $0)`, `(org_id = ANY (…))`, `((t."Org")::text = $1)`.
fn equates(condition: &str, column: &str) -> bool {
    let quoted = format!("\"{}\"", column.replace('"', "\"\""));
    [column, &quoted].into_iter().any(|name| {
        condition.match_indices(name).any(|(at, _)| {
            let begins = condition[..at].ends_with(['(', '.']) || at == 0;
            let mut after = &condition[at + name.len()..];
            if let Some(cast) = after.strip_prefix(")::") {
                after = cast.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
            }
            begins && after.starts_with(" = ")
        })
    })
}

fn node(plan: &Value) -> Result<PlanNode> {
    let conditions = CONDITIONS.iter().filter_map(|name| Some(((*name).to_owned(), text(plan, name)?.to_owned())));
    Ok(PlanNode {
        label: label(plan)?,
        cost: number(plan, "Total Cost")?,
        rows: number(plan, "Plan Rows")?,
        conditions: conditions.collect(),
        children: children(plan).iter().map(node).collect::<Result<_>>()?,
    })
}

/// As the text format of EXPLAIN begins its line.
fn label(plan: &Value) -> Result<String> {
    let kind = text(plan, "Node Type").ok_or_else(|| Error::Unexpected("a plan without Node Type".to_owned()))?;
    let mut label = match (kind, text(plan, "Operation"), text(plan, "Join Type"), text(plan, "Strategy")) {
        ("ModifyTable", Some(operation), ..) => operation.to_owned(),
        (_, _, Some(join), _) if join != "Inner" => format!("{kind} ({join})"),
        ("Aggregate", _, _, Some(strategy)) if strategy != "Plain" => format!("{kind} ({strategy})"),
        _ => kind.to_owned(),
    };
    if text(plan, "Scan Direction") == Some("Backward") {
        label.push_str(" Backward");
    }
    if let Some(index) = text(plan, "Index Name") {
        label.push_str(&format!(" using {index}"));
    }
    let on = relation(plan).map(|(schema, name)| format!("{schema}.{name}"));
    let on = on.or_else(|| ["Function Name", "CTE Name"].iter().find_map(|key| text(plan, key).map(str::to_owned)));
    if let Some(on) = on {
        label.push_str(&format!(" on {on}"));
    }
    Ok(match text(plan, "Subplan Name") {
        Some(name) => format!("{name}: {label}"),
        None => label,
    })
}

fn shape_of(node: &PlanNode, shape: &mut Sha256) {
    shape.update(node.label.len().to_be_bytes());
    shape.update(&node.label);
    shape.update(node.children.len().to_be_bytes());
    for child in &node.children {
        shape_of(child, shape);
    }
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
