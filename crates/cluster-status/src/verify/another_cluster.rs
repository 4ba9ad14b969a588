//! Signs that the cluster is not the one whose entry it is compared with.

use infra_query::Subject;

use super::flux_object::folder;
use super::{Comparison, is_known};

impl Comparison<'_> {
    /// A sign that the cluster is another one. `None` if a Kustomization applies the entry, if the cluster has no Kustomizations, as
    /// before Flux is installed, and if nothing is certain.
    pub(super) fn another_cluster(&self) -> Option<String> {
        let entry = self.facts.metadata().cluster.to_string();
        let live = &self.snapshot.kustomizations;
        if live.is_empty() || self.snapshot.applies(&entry) {
            return None;
        }
        let mut stated = Vec::new();
        for (object, subjects) in self.repository.objects() {
            let paths = subjects.iter().filter_map(|subject| match subject {
                // Others only refer to a Kustomization without a source.
                Subject::Kustomization(_, it) if it.source.is_some() => Some(it.path.as_str()),
                _ => None,
            });
            stated.extend(paths.filter(|path| is_known(path)).map(|path| (object, path)));
        }
        // The Kustomization that applies the entry in the repository applies another folder in the cluster.
        for (object, path) in &stated {
            if folder(path) == folder(&entry)
                && let Some(found) = live.get(*object)
            {
                return Some(format!(
                    "{object} applies {} in this cluster, and {} in the repository",
                    shown_folder(&found.spec.path),
                    shown_folder(path)
                ));
            }
        }
        let mut objects = stated.iter().map(|(object, _)| object);
        let is_whole = objects.all(|object| self.snapshot.is_complete_for(object));
        let is_any_here = stated.iter().any(|(object, path)| {
            let found = live.get(*object);
            found.is_some_and(|found| folder(&found.spec.path) == folder(path))
        });
        (is_whole && !stated.is_empty() && !is_any_here).then(|| {
            let (kustomizations, verb) = match live.len() {
                1 => ("the only Kustomization".to_owned(), "is not one"),
                count => (format!("none of the {count} Kustomizations"), "is one"),
            };
            let entry = shown_folder(&entry);
            format!("{kustomizations} of this cluster {verb} of {entry}")
        })
    }
}

/// A folder of the repository in words.
fn shown_folder(path: &str) -> String {
    match folder(path) {
        "" => "the top of the repository".to_owned(),
        path => crate::message::shown(path),
    }
}
