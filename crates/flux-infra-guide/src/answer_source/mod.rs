//! Facts that questions are asked of, and the output of answers.

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

/// The clusters that a question is about, and the output of its answer.
pub(crate) struct Source<'t> {
    arguments: &'t ModelArgs,
    terminal: &'t Terminal,
    /// The facts of the first cluster.
    pub(crate) facts: &'static dyn Facts,
    /// Titles and facts of further clusters: remote ones that the first one reaches, or all.
    others: Vec<(String, &'static dyn Facts)>,
    /// The catalogs that the facts are read from.
    stores: Vec<&'static CatalogStore>,
    /// The clusters of the repository that are not asked about.
    closed: Closed,
    /// The age of the catalogs, which is determined in the background.
    note: RefCell<Option<FreshnessNote>>,
    /// The readiness in the cluster, in one line.
    pub(crate) live: Option<String>,
}

impl<'t> Source<'t> {
    /// A source of these clusters; `None` if there are none.
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

    /// The source, with the catalogs that its facts are read from.
    pub(crate) fn read_from(self, stores: Vec<&'static CatalogStore>, note: Option<FreshnessNote>) -> Self {
        Source {
            stores,
            note: RefCell::new(note),
            ..self
        }
    }

    /// The source, with the clusters of the repository that are not asked about.
    pub(crate) fn with_closed(self, closed: Closed) -> Self {
        Source { closed, ..self }
    }

    /// Title and facts of every open cluster.
    fn clusters(&self) -> impl Iterator<Item = (String, &'static dyn Facts)> {
        let own = (title(self.facts), self.facts);
        std::iter::once(own).chain(self.others.iter().cloned())
    }

    /// Calls `show` for every known cluster of the repository, including those that are not asked about.
    pub(crate) fn each_cluster(&self, mut show: impl FnMut(&str, &dyn Facts)) {
        for (title, facts) in self.clusters() {
            show(&title, facts);
        }
        self.closed.each(show);
    }

    /// Calls `show` for every known cluster of the repository that is not asked about.
    pub(crate) fn each_closed_cluster(&self, show: impl FnMut(&str, &dyn Facts)) {
        self.closed.each(show);
    }

    /// Title and facts of every open cluster that is not remote.
    pub(crate) fn own_clusters(&self) -> Vec<(String, &'static dyn Facts)> {
        let clusters = self.clusters();
        clusters.filter(|(_, facts)| !is_remote(*facts)).collect()
    }

    /// Asks only this cluster from now on.
    pub(crate) fn keep_only(&mut self, facts: &'static dyn Facts) {
        self.facts = facts;
        self.others.clear();
    }

    /// Adds the options that name the repository or its catalogs to a command.
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

    /// The facts of every open cluster.
    pub(crate) fn all_facts(&self) -> impl Iterator<Item = &'static dyn Facts> {
        self.clusters().map(|(_, facts)| facts)
    }
}

/// The objects that Flux applies, by cluster.
#[derive(Default)]
pub(crate) struct Evaluations(BTreeMap<String, Evaluation>);

impl Evaluations {
    /// Adds the evaluation of the cluster with these facts.
    pub(crate) fn insert(&mut self, facts: &dyn Facts, evaluation: Evaluation) {
        self.0.insert(title(facts), evaluation);
    }

    /// The evaluation of the cluster with these facts.
    pub(crate) fn of(&self, facts: &dyn Facts) -> Option<&Evaluation> {
        self.0.get(&title(facts))
    }
}

/// The name of a cluster in catalogs.
fn name(facts: &dyn Facts) -> String {
    let metadata = facts.metadata();
    match &metadata.cluster_name {
        Some(name) => name.clone(),
        None => metadata.cluster.to_string(),
    }
}

/// Whether a name means a cluster. The name of a remote one may be given without its prefix.
pub(crate) fn is_called(cluster: &str, name: &str) -> bool {
    cluster == name || cluster.strip_prefix(REMOTE) == Some(name)
}

/// The title of a cluster in answers for several.
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
