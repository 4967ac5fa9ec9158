//! Graphs of roles, kept for as long as the number that came with the session is theirs.

use bulkhead_authz::graph::RoleGraph;
use bulkhead_model::OrgId;
use std::sync::{Arc, Mutex, PoisonError};

/// Organizations whose graph is kept.
const KEPT: usize = 256;

/// By organization and version: another version is another graph, so nothing has to be told that one changed.
#[derive(Default)]
pub(crate) struct Graphs(Mutex<Vec<(OrgId, i64, Arc<RoleGraph>)>>);

impl Graphs {
    pub(crate) fn recall(&self, org: OrgId, version: i64) -> Option<Arc<RoleGraph>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().position(|(of, at, _)| (*of, *at) == (org, version))?;
        kept[..=found].rotate_right(1);
        Some(Arc::clone(&kept[0].2))
    }

    /// Keeps a graph, unless a newer one is there already.
    pub(crate) fn keep(&self, org: OrgId, version: i64, graph: &Arc<RoleGraph>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.iter().any(|(of, at, _)| *of == org && *at > version) {
            return;
        }
        kept.retain(|(of, ..)| *of != org);
        kept.insert(0, (org, version, Arc::clone(graph)));
        kept.truncate(KEPT);
    }
}
