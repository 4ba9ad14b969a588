//! One cluster with what is derived from it once for all sections.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::Infrastructure;
use infra_query::{Graph, Node};
use minijinja::Value;
use serde::Serialize;

use super::example::Example;
use super::platform::{self, Found};
use crate::environment::inert;
use crate::neutralise;

/// One cluster with what is derived from it once.
pub(crate) struct Facts<'a> {
    pub(crate) infra: &'a Infrastructure,
    pub(crate) head: Head,
    pub(crate) found: Vec<Found<'a>>,
    /// Number of services that depend on each service.
    pub(crate) dependents: BTreeMap<&'a str, usize>,
    /// The service that commands and queries show.
    pub(crate) example: Option<Example>,
    /// Longest table of a page, in rows.
    pub(crate) limit: usize,
}

/// Which cluster a table is about.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Head {
    /// Name, where several clusters are catalogued.
    pub(crate) name: Option<String>,
    /// Folder of its data: `data/` or `data/<name>/`.
    pub(crate) data: String,
    /// Path of its entry.
    pub(crate) entry: String,
}

/// Something that has a title and a key: a dependency as people and as the catalogs call it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Titled {
    pub(crate) title: String,
    /// Key or host, where it differs from the title.
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

    /// What a service depends on, each once, as people call it.
    pub(crate) fn targets(&self, key: &str) -> Vec<Titled> {
        let edges = Graph::new(self.infra).talks_to(key);
        let targets: BTreeSet<Node<'_>> = edges.map(|edge| edge.to).collect();
        targets.into_iter().map(|target| self.titled(target)).collect()
    }

    fn titled(&self, target: Node<'_>) -> Titled {
        match target {
            Node::External(host) => {
                // A host says little by itself; a name that people chose says enough.
                let known = self
                    .infra
                    .knowledge
                    .externals
                    .get(host)
                    .filter(|_| host.contains('.'));
                match known.and_then(|known| known.value.description.clone()) {
                    Some(title) if title != host => Titled {
                        title,
                        key: Some(host.to_owned()),
                    },
                    _ => Titled {
                        title: host.to_owned(),
                        key: None,
                    },
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

    /// Title of the component that a service is, if it is the only or most used one of its kind.
    fn title_of(&self, key: &str) -> Option<&'static str> {
        let found = self.found.iter().find(|found| found.service == Some(key))?;
        let first = platform::named(&self.found, found.component.id)?;
        (first.service == Some(key)).then_some(found.component.title)
    }

    /// A table with as many rows as a page shows.
    pub(crate) fn rows<T>(&self, mut rows: Vec<T>) -> Rows<T> {
        let more = rows.len().saturating_sub(self.limit);
        rows.truncate(self.limit);
        Rows { rows, more }
    }

    /// Notes that people wrote for a section, neutralised.
    pub(crate) fn note(&self, names: &[&str]) -> Option<Value> {
        let text = names
            .iter()
            .find_map(|name| self.infra.knowledge.notes.get(*name))?;
        (!text.trim().is_empty()).then(|| inert(neutralise::markdown(text.trim_end())))
    }
}

/// The rows of a table as far as a page shows them.
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

/// One per section: the notes of each cluster, each text once.
pub(crate) fn notes(all: &[Facts<'_>], names: &[&str]) -> Vec<Value> {
    let mut notes: Vec<Value> = Vec::new();
    for facts in all {
        if let Some(note) = facts.note(names)
            && !notes.contains(&note)
        {
            notes.push(note);
        }
    }
    notes
}
