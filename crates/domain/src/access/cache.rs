//! Roles of organizations, kept for as long as the number that came with the session is theirs.

use bulkhead_authz::access::Roles;
use bulkhead_model::OrgId;
use std::sync::{Arc, Mutex, PoisonError};

/// Lines of all graphs that are kept together, at most: some dozens of megabytes. Whoever asked last stays longest.
const KEPT: usize = 1_000_000;
/// What a graph counts for beside its lines, so that empty ones are not kept without end.
const EACH: usize = 500;

/// By organization and version: another version is another graph, so nothing has to be told that one changed.
#[derive(Default)]
pub(crate) struct Graphs(Mutex<Vec<(OrgId, i64, Arc<Roles>)>>);

impl Graphs {
    pub(crate) fn recall(&self, org: OrgId, version: i64) -> Option<Arc<Roles>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().position(|(of, at, _)| (*of, *at) == (org, version))?;
        kept[..=found].rotate_right(1);
        Some(Arc::clone(&kept[0].2))
    }

    /// Keeps a graph, unless a newer one is there already.
    pub(crate) fn keep(&self, org: OrgId, version: i64, graph: &Arc<Roles>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.iter().any(|(of, at, _)| *of == org && *at > version) {
            return;
        }
        kept.retain(|(of, ..)| *of != org);
        kept.insert(0, (org, version, Arc::clone(graph)));
        let mut left = KEPT;
        kept.retain(|(_, _, graph)| {
            let weight = graph.lines_in_all() + EACH;
            let fits = weight <= left;
            left = left.saturating_sub(weight);
            fits
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn org(number: usize) -> OrgId {
        OrgId::from_uuid(Uuid::from_u128(number as u128))
    }

    #[test]
    fn a_graph_is_of_one_organization_at_one_version() {
        let (graphs, graph) = (Graphs::default(), Roles::of_console());
        graphs.keep(org(1), 2, &graph);
        assert!(graphs.recall(org(1), 2).is_some());
        assert!(
            graphs.recall(org(1), 1).is_none()
                && graphs.recall(org(1), 3).is_none()
                && graphs.recall(org(2), 2).is_none()
        );
        graphs.keep(org(1), 1, &graph);
        assert!(graphs.recall(org(1), 2).is_some(), "an older one takes no newer one's place");
        graphs.keep(org(1), 3, &graph);
        assert!(graphs.recall(org(1), 2).is_none() && graphs.recall(org(1), 3).is_some());
    }

    #[test]
    fn memory_has_an_end_and_whoever_asked_last_stays() {
        let (graphs, graph) = (Graphs::default(), Roles::of_console());
        let fit = KEPT / (graph.lines_in_all() + EACH);
        for number in 0..fit {
            graphs.keep(org(number), 1, &graph);
        }
        assert!(graphs.recall(org(0), 1).is_some(), "just so");
        graphs.keep(org(fit), 1, &graph);
        assert!(graphs.recall(org(0), 1).is_some() && graphs.recall(org(fit), 1).is_some());
        assert!(graphs.recall(org(1), 1).is_none(), "nobody asked for it since");
    }
}
