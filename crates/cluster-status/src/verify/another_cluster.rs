//! Signs that another cluster was asked than the one whose entry it is held against.

use infra_query::Subject;

use super::flux_object::folder;
use super::{Comparison, is_known};

impl Comparison<'_> {
    /// What in the cluster says that it is another one. `None` where a Kustomization applies the entry, where the cluster has no
    /// Kustomizations at all, as before Flux is installed, and where nothing is certain.
    pub(super) fn another_cluster(&self) -> Option<String> {
        let entry = self.facts.metadata().cluster.to_string();
        let live = &self.snapshot.kustomizations;
        if live.is_empty() || self.snapshot.applies(&entry) {
            return None;
        }
        let mut stated = Vec::new();
        for (object, subjects) in self.repository.objects() {
            let paths = subjects.iter().filter_map(|subject| match subject {
                // Without a source it is only named by others.
                Subject::Kustomization(_, it) if it.source.is_some() => Some(it.path.as_str()),
                _ => None,
            });
            stated.extend(paths.filter(|path| is_known(path)).map(|path| (object, path)));
        }
        // The Kustomization that applies the entry here applies another folder there.
        for (object, path) in &stated {
            if folder(path) != folder(&entry) {
                continue;
            }
            if let Some(found) = live.get(*object) {
                return Some(format!(
                    "{object} applies {} in this cluster, and {} in the repository",
                    shown_folder(&found.spec.path),
                    shown_folder(path)
                ));
            }
        }
        let is_whole = stated
            .iter()
            .all(|(object, _)| self.snapshot.is_complete_for(object));
        let is_any_here = stated.iter().any(|(object, path)| {
            live.get(*object)
                .is_some_and(|found| folder(&found.spec.path) == folder(path))
        });
        (is_whole && !stated.is_empty() && !is_any_here).then(|| {
            let count = live.len();
            let kustomizations = if count == 1 {
                "the only Kustomization".to_owned()
            } else {
                format!("none of the {count} Kustomizations")
            };
            let verb = if count == 1 { "is not one" } else { "is one" };
            format!(
                "{kustomizations} of this cluster {verb} of {}",
                shown_folder(&entry)
            )
        })
    }
}

/// A folder of the repository as it is told.
fn shown_folder(path: &str) -> String {
    match folder(path) {
        "" => "the top of the repository".to_owned(),
        path => crate::message::shown(path),
    }
}
