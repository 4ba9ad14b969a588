//! What a question is asked of, and how its answer is printed.

mod ask;
mod miss;
mod print;

use std::cell::RefCell;
use std::collections::BTreeMap;

use catalog_emit::CatalogStore;
use flux_scan::Evaluation;
use infra_query::{Facts, REMOTE, is_remote};
use plain_text::Command;

use crate::closed_clusters::Closed;
use crate::exit::Failure;
use crate::freshness_note::FreshnessNote;
use crate::model_args::ModelArgs;
use crate::terminal::Terminal;

/// What a question is asked of, and how its answer is printed.
pub(crate) struct Source<'t> {
    arguments: &'t ModelArgs,
    terminal: &'t Terminal,
    /// The facts.
    pub(crate) facts: &'static dyn Facts,
    /// The facts of further clusters, with what to call them: those that this one reaches, or all.
    others: Vec<(String, &'static dyn Facts)>,
    /// The catalogs that they are read from.
    stores: Vec<&'static CatalogStore>,
    /// The clusters of the repository that are not asked about.
    closed: Closed,
    /// What is found out meanwhile about the age of the catalogs.
    note: RefCell<Option<FreshnessNote>>,
    /// How what is asked about is in the cluster, in one line.
    pub(crate) live: Option<String>,
}

impl<'t> Source<'t> {
    /// These clusters, the first of them the one that is asked about; none where there are none.
    pub(crate) fn new(
        arguments: &'t ModelArgs,
        terminal: &'t Terminal,
        clusters: Vec<(String, &'static dyn Facts)>,
    ) -> Option<Self> {
        let mut clusters = clusters.into_iter();
        let (_, facts) = clusters.next()?;
        Some(Source {
            arguments,
            terminal,
            facts,
            others: clusters.collect(),
            stores: Vec::new(),
            closed: Closed::None,
            note: RefCell::new(None),
            live: None,
        })
    }

    /// The same, read from catalogs.
    pub(crate) fn read_from(self, stores: Vec<&'static CatalogStore>, note: Option<FreshnessNote>) -> Self {
        Source {
            stores,
            note: RefCell::new(note),
            ..self
        }
    }

    /// The same, where the repository has clusters that are not asked about.
    pub(crate) fn beside(self, closed: Closed) -> Self {
        Source { closed, ..self }
    }

    /// Every cluster that is open, with what to call it.
    fn clusters(&self) -> impl Iterator<Item = (String, &'static dyn Facts)> {
        let own = (title(self.facts), self.facts);
        std::iter::once(own).chain(self.others.iter().cloned())
    }

    /// Shows every cluster of the repository that is known, those that are not asked about too.
    pub(crate) fn each_cluster(&self, mut show: impl FnMut(&str, &dyn Facts)) {
        for (title, facts) in self.clusters() {
            show(&title, facts);
        }
        self.closed.each(show);
    }

    /// Shows every cluster of the repository that is known and not asked about.
    pub(crate) fn each_closed_cluster(&self, show: impl FnMut(&str, &dyn Facts)) {
        self.closed.each(show);
    }

    /// The clusters that are open, without those that others reach: what to call each, and its facts.
    pub(crate) fn own_clusters(&self) -> Vec<(String, &'static dyn Facts)> {
        let clusters = self.clusters();
        clusters.filter(|(_, facts)| !is_remote(*facts)).collect()
    }

    /// Asks one cluster of several from now on.
    pub(crate) fn keep(&mut self, facts: &'static dyn Facts) {
        self.facts = facts;
        self.others.clear();
    }

    /// Adds what names the repository or its catalogs to a command.
    pub(crate) fn repeat(&self, command: Command) -> Command {
        self.arguments.repeat(command)
    }

    /// The facts of a cluster by its name.
    pub(crate) fn cluster(&self, name: &str) -> Result<&'static dyn Facts, Failure> {
        let mut clusters = self.all_facts();
        let found = clusters
            .find(|facts| is_called(&self::name(*facts), name) || facts.metadata().cluster.as_str() == name);
        found.ok_or_else(|| {
            let names: Vec<String> = self.all_facts().map(self::name).collect();
            Failure::usage(format!(
                "there is no cluster {name}: there is {}",
                names.join(", ")
            ))
        })
    }

    /// As [`ModelArgs::is_text`].
    pub(crate) fn is_for_people(&self) -> bool {
        self.arguments.is_text()
    }

    /// The facts of every cluster that is open.
    pub(crate) fn all_facts(&self) -> impl Iterator<Item = &'static dyn Facts> {
        self.clusters().map(|(_, facts)| facts)
    }
}

/// What Flux applies, by cluster.
#[derive(Default)]
pub(crate) struct Evaluations(BTreeMap<String, Evaluation>);

impl Evaluations {
    /// Adds that of the cluster with these facts.
    pub(crate) fn insert(&mut self, facts: &dyn Facts, evaluation: Evaluation) {
        self.0.insert(title(facts), evaluation);
    }

    /// That of the cluster with these facts.
    pub(crate) fn of(&self, facts: &dyn Facts) -> Option<&Evaluation> {
        self.0.get(&title(facts))
    }
}

/// The name of a cluster, as catalogs have it.
fn name(facts: &dyn Facts) -> String {
    let metadata = facts.metadata();
    match &metadata.cluster_name {
        Some(name) => name.clone(),
        None => metadata.cluster.to_string(),
    }
}

/// Whether a cluster is meant by a name; one that others reach also by what tells it apart.
pub(crate) fn is_called(cluster: &str, name: &str) -> bool {
    cluster == name || cluster.strip_prefix(REMOTE) == Some(name)
}

/// What a cluster is called where several are answered for.
pub(crate) fn title(facts: &dyn Facts) -> String {
    let name = name(facts);
    if !is_remote(facts) {
        return name;
    }
    let reached = facts.kustomizations().iter().find_map(|(key, kustomization)| {
        let config = kustomization.kube_config.as_ref()?;
        Some(format!("{name} (by kubeConfig {config} of Kustomization {key})"))
    });
    reached.unwrap_or(name)
}
