//! Clusters of a repository that a question is not about.

use camino::Utf8PathBuf;
use catalog_emit::CatalogStore;
use flux_scan::ScannedCluster;
use infra_query::{Facts, WhyNot};

use crate::answer_source::title;

/// The clusters of a repository that are not asked about. They are searched if the others do not know a name.
pub(crate) enum Closed {
    /// There are none, or they are not known.
    None,
    /// They were scanned with the others.
    Scanned(Vec<ScannedCluster>),
    /// They have catalogs in this folder, beside those of the open cluster.
    Catalogs { data: Utf8PathBuf, open: String },
}

impl Closed {
    /// The meanings in these clusters of a term that the open one does not know.
    pub(crate) fn find(&self, term: &str, open: &dyn Facts) -> Vec<WhyNot> {
        let mut found = Vec::new();
        self.each(|title, facts| found.extend(infra_query::elsewhere(title, facts, term, open)));
        found
    }

    /// Calls `show` with the title and the facts of each.
    pub(crate) fn each(&self, mut show: impl FnMut(&str, &dyn Facts)) {
        match self {
            Closed::None => {}
            Closed::Scanned(clusters) => {
                for cluster in clusters {
                    let facts = &cluster.infrastructure;
                    show(&title(facts), facts);
                }
            }
            Closed::Catalogs { data, open } => {
                let names = catalog_emit::cluster_names(data).unwrap_or_default();
                let others = names.iter().filter(|name| *name != open);
                for store in others.filter_map(|name| CatalogStore::open(data, Some(name)).ok()) {
                    show(&title(&store), &store);
                }
            }
        }
    }
}
