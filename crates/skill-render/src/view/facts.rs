//! A cluster with derived data that several sections share.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::Infrastructure;
use infra_query::{Graph, Node};
use minijinja::Value;
use serde::Serialize;

use super::example::Example;
use super::platform::{self, Found};
use crate::environment::inert;
use plain_text::notes;

/// A cluster with derived data.
pub(crate) struct Facts<'a> {
    pub(crate) infra: &'a Infrastructure,
    pub(crate) head: Head,
    pub(crate) found: Vec<Found<'a>>,
    /// Number of services that depend on each service.
    pub(crate) dependents: BTreeMap<&'a str, usize>,
    /// The service in example commands and queries.
    pub(crate) example: Option<Example>,
    /// Longest table of a page, in rows.
    pub(crate) limit: usize,
}

/// The cluster of a table.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Head {
    /// Name, if several clusters are catalogued.
    pub(crate) name: Option<String>,
    /// Folder of its data: `data/` or `data/<name>/`.
    pub(crate) data: String,
    /// Path of its entry.
    pub(crate) entry: String,
}

/// A dependency, with the names that people and the catalogs use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Titled {
    pub(crate) title: String,
    /// Key or host, if it differs from the title.
    pub(crate) key: Option<String>,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(name: Option<&str>, infra: &'a Infrastructure, limit: usize) -> Self {
        let dependents = platform::dependents(infra);
        let found = platform::recognise(infra);
        let example = Example::choose(infra, &found, &dependents);
        let head = Head {
            name: name.map(str::to_owned),
            data: name.map_or_else(|| "data/".to_owned(), |name| format!("data/{name}/")),
            entry: infra.metadata.cluster.to_string(),
        };
        Facts {
            infra,
            head,
            found,
            dependents,
            example,
            limit,
        }
    }

    /// The distinct dependencies of a service.
    pub(crate) fn targets(&self, key: &str) -> Vec<Titled> {
        let edges = Graph::new(self.infra).talks_to(key);
        let targets: BTreeSet<Node<'_>> = edges.map(|edge| edge.to).collect();
        targets.into_iter().map(|target| self.titled(target)).collect()
    }

    fn titled(&self, target: Node<'_>) -> Titled {
        match target {
            Node::External(host) => {
                // A host says little by itself. A name that people chose needs no description.
                let known = self.infra.knowledge.externals.get(host);
                let title = known.filter(|_| host.contains('.'));
                let title = title.and_then(|known| known.value.description.clone());
                let title = title.filter(|title| title != host);
                Titled {
                    key: title.is_some().then(|| host.to_owned()),
                    title: title.unwrap_or_else(|| host.to_owned()),
                }
            }
            node => {
                let key = node.key();
                let title = self.title_of(key).unwrap_or(key);
                Titled {
                    title: title.to_owned(),
                    key: (!title.eq_ignore_ascii_case(key)).then(|| key.to_owned()),
                }
            }
        }
    }

    /// Title of the component of a service, if the service is the most used one of its kind.
    fn title_of(&self, key: &str) -> Option<&'static str> {
        let found = self.found.iter().find(|found| found.service == Some(key))?;
        let first = platform::named(&self.found, found.component.id)?;
        (first.service == Some(key)).then_some(found.component.title)
    }

    /// The recognised components inside or outside of observability, each once a namespace.
    pub(crate) fn components(&self, is_observability: bool) -> Vec<&Found<'a>> {
        let of_section = |it: &&Found<'_>| it.component.category.is_observability() == is_observability;
        let mut components: Vec<&Found<'a>> = Vec::new();
        for found in self.found.iter().filter(of_section) {
            let (title, namespace) = (found.component.title, found.namespace);
            let is_same = |it: &&Found<'_>| it.component.title == title && it.namespace == namespace;
            if !components.iter().any(is_same) {
                components.push(found);
            }
        }
        components
    }

    /// A table with as many rows as a page shows.
    pub(crate) fn rows<T>(&self, rows: impl IntoIterator<Item = T>) -> Rows<T> {
        let mut rows = rows.into_iter();
        Rows {
            rows: rows.by_ref().take(self.limit).collect(),
            more: rows.count(),
        }
    }

    /// Notes that people wrote for a section, quoted unless the knowledge file is trusted.
    pub(crate) fn note(&self, names: &[&str]) -> Option<Value> {
        let knowledge = &self.infra.knowledge;
        let note = names.iter().find_map(|name| knowledge.notes.get(*name))?;
        let text = note.value.trim_end();
        if text.trim().is_empty() {
            return None;
        }
        Some(inert(match (knowledge.trusted, &note.place) {
            (true, _) => notes::trusted(text),
            (false, Some(place)) => notes::quoted(text, &place.to_string()),
            (false, None) => notes::quoted(text, "flux-infra-guide.yaml"),
        }))
    }
}

/// The rows of a table that a page shows.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Rows<T> {
    pub(crate) rows: Vec<T>,
    /// How many are left out.
    pub(crate) more: usize,
}

/// At most `limit` items and `… (n more)`, for one cell.
pub(crate) fn listed(items: &[String], limit: usize) -> Vec<String> {
    let mut shown: Vec<_> = items.iter().take(limit).cloned().collect();
    if items.len() > limit {
        shown.push(format!("… ({} more)", items.len() - limit));
    }
    shown
}

/// The notes of all clusters for a section, each text once.
pub(crate) fn notes(all: &[Facts<'_>], names: &[&str]) -> Vec<Value> {
    unique(all.iter().filter_map(|facts| facts.note(names)))
}

/// The distinct items in their order.
pub(crate) fn unique<T: PartialEq>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut found = Vec::new();
    for item in items {
        if !found.contains(&item) {
            found.push(item);
        }
    }
    found
}
