//! What questions are asked of: catalogs by convention or by name, or a fresh scan.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Display;

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::{CatalogStore, ReadError, ToJson};
use clap::ValueEnum;
use flux_scan::{Evaluation, ScannedCluster};
use infra_model::{Diagnostic, Infrastructure};
use infra_query::{self as query, Facts, Matched, QueryError};
use infra_query::{Answer, Text};
use plain_text::Command;
use serde::Serialize;

use crate::closed_clusters::Closed;
use crate::data_folder::{DATA_FOLDERS, data_folder};
use crate::exit::printed;
use crate::exit::{Exit, Failure};
use crate::findings_format::{github, sarif};
use crate::freshness_note::FreshnessNote;
use crate::report;
use crate::rwenv::Rwenv;
use crate::scan_args::{ScanArgs, ScanOptionArgs};
use crate::several_clusters::{self, Candidate, Folding, OfCluster};
use crate::terminal::Terminal;

/// What to ask, and how to answer.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Where answers come from")]
pub(crate) struct ModelArgs {
    /// Folder with catalogs. Default: $FLUX_INFRA_GUIDE_DATA, else .claude/skills/flux-infra-guide/data here or in a parent within the repository.
    #[arg(long, value_name = "DIR", conflicts_with = "repo")]
    data: Option<Utf8PathBuf>,
    /// Scan this repository in place of reading catalogs, with the scan options of `regen --help`.
    #[arg(long, value_name = "DIR")]
    repo: Option<Utf8PathBuf>,
    /// Text for people, JSON for programs.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Print every ready-made command (kubectl, flux, LogQL, PromQL) in place of the answer.
    #[arg(long)]
    next: bool,
    #[command(flatten)]
    scan: ScanOptionArgs,
    /// The rwenv whose clone is scanned, which decides between clusters.
    #[arg(skip)]
    rwenv: Option<String>,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Text,
    Json,
    /// SARIF, of `lint` alone.
    Sarif,
    /// Annotations of GitHub Actions, of `lint` alone.
    Github,
}

impl ModelArgs {
    /// The same, of a repository that is scanned.
    pub(crate) fn scanning(self, repository: &Utf8Path) -> Self {
        ModelArgs {
            repo: Some(repository.to_owned()),
            ..self
        }
    }

    /// Asks the clone of an rwenv, where nothing else is named.
    pub(crate) fn of_rwenv(&self, rwenv: &Rwenv) -> Self {
        let mut model = self.clone();
        if model.data.is_none() && model.repo.is_none() {
            model.repo = Some(rwenv.repository.clone());
            model.rwenv = Some(rwenv.name.clone());
        }
        model
    }

    /// The same, of the repository of this folder where an option is given that only a scan heeds.
    pub(crate) fn scanning_if_asked(&self) -> Self {
        match self.repo.is_none() && self.data.is_none() && self.scan.of_scan_alone().is_some() {
            true => self.clone().scanning(Utf8Path::new(".")),
            false => self.clone(),
        }
    }

    /// The facts of the cluster that is asked about; where none is named, of all.
    ///
    /// # Errors
    /// [`Failure`] also for options that would do nothing.
    pub(crate) fn open<'t>(&'t self, terminal: &'t Terminal) -> Result<Source<'t>, Failure> {
        if self.scan.fail_on.is_some() {
            let failure = Failure::usage("--fail-on does nothing for a question");
            return Err(failure.hint("`flux-infra-guide lint --fail-on SEVERITY` fails on findings"));
        }
        self.open_for_findings(terminal)
    }

    /// As [`ModelArgs::open`], for a command that heeds `--fail-on`.
    ///
    /// # Errors
    /// As [`ModelArgs::open`].
    pub(crate) fn open_for_findings<'t>(&'t self, terminal: &'t Terminal) -> Result<Source<'t>, Failure> {
        if let (None, Some(option)) = (&self.repo, self.scan.of_scan_alone()) {
            let failure = Failure::usage(format!("{option} does nothing where catalogs answer"));
            return Err(failure.hint(format!(
                "add --repo DIR, which scans the repository with it; or give {option} to `regen`, which writes the catalogs"
            )));
        }
        let mut clusters: Vec<(String, &'static dyn Facts)> = Vec::new();
        let (stores, note, closed) = match &self.repo {
            Some(repo) => {
                let (scanned, closed) = self.scan(repo, terminal, true)?;
                for cluster in scanned {
                    let facts: &'static Infrastructure = leaked(cluster.infrastructure);
                    clusters.push((title(facts), facts));
                }
                (Vec::new(), None, Closed::Scanned(closed))
            }
            None => {
                let data = data_folder(self.data.as_deref())?;
                let note = FreshnessNote::start(terminal, &data);
                let open = |name: Option<&str>| {
                    let store = CatalogStore::open(&data, name);
                    Ok::<_, Failure>(leaked(store.map_err(|error| unreadable(&data, &error))?))
                };
                let named = self.cluster()?;
                let mut names = match named {
                    None => catalog_emit::cluster_names(&data).map_err(|error| unreadable(&data, &error))?,
                    Some(_) => Vec::new(),
                };
                // Those that others reach come last.
                names.sort_by_key(|name| name.starts_with(REMOTE));
                let mut stores = Vec::new();
                match names.as_slice() {
                    [] | [_] => stores.push(open(named)?),
                    names => {
                        for name in names {
                            stores.push(open(Some(name))?);
                        }
                    }
                }
                for store in &stores {
                    clusters.push((title(*store), *store));
                }
                let closed = named.map_or(Closed::None, |name| Closed::Catalogs {
                    data: data.clone(),
                    open: name.to_owned(),
                });
                (stores, Some(note), closed)
            }
        };
        let mut clusters = clusters.into_iter();
        let Some((_, facts)) = clusters.next() else {
            return Err(Failure::input("there is no cluster"));
        };
        Ok(Source {
            arguments: self,
            terminal,
            facts,
            others: clusters.collect(),
            stores,
            closed,
            note: RefCell::new(note),
            live: None,
        })
    }

    /// Adds what names the repository or its catalogs to a command.
    pub(crate) fn repeat(&self, mut command: Command) -> Command {
        let data = self.data.as_ref().map(|folder| ("--data", folder));
        let repo = self.repo.as_ref().map(|folder| ("--repo", folder));
        // The clone of an rwenv follows from its name.
        for (option, folder) in data.into_iter().chain(repo.filter(|_| self.rwenv.is_none())) {
            command = command.literal(option).text(folder.as_str());
        }
        command
    }

    /// The facts of the cluster that is asked about, where none is named of all, and what Flux applies to each: by a scan in any
    /// case, of `default` where no repository is named.
    pub(crate) fn scanned<'t>(
        &'t self,
        default: &Utf8Path,
        terminal: &'t Terminal,
    ) -> Result<(Source<'t>, Evaluations), Failure> {
        if self.data.is_some() {
            let failure = Failure::usage("no catalog answers this");
            return Err(failure.hint("name the repository with --repo in place of --data"));
        }
        let repo = self.repo.as_deref().unwrap_or(default);
        let (scanned, _) = self.scan(repo, terminal, true)?;
        let mut evaluations = Evaluations::default();
        let mut clusters: Vec<(String, &'static dyn Facts)> = Vec::new();
        for cluster in scanned {
            let facts: &'static Infrastructure = leaked(cluster.infrastructure);
            evaluations.0.insert(title(facts), cluster.evaluation);
            clusters.push((title(facts), facts));
        }
        let mut clusters = clusters.into_iter();
        let Some((_, facts)) = clusters.next() else {
            return Err(Failure::input(format!("{repo} holds no cluster")));
        };
        let source = Source {
            arguments: self,
            terminal,
            facts,
            others: clusters.collect(),
            stores: Vec::new(),
            closed: Closed::None,
            note: RefCell::new(None),
            live: None,
        };
        Ok((source, evaluations))
    }

    /// The cluster that is asked about, and after it the remote ones that it reaches; with `all`, all others. Also those that
    /// are not asked about.
    fn scan(
        &self,
        repo: &Utf8Path,
        terminal: &Terminal,
        all: bool,
    ) -> Result<(Vec<ScannedCluster>, Vec<ScannedCluster>), Failure> {
        let mut options = self.scan.clone();
        // A cluster may be asked for by the name that its catalogs have, which only a scan of all finds out.
        let name = match options.cluster.as_slice() {
            [name] if !name.contains('=') && !repo.join(name).is_dir() => Some(name.clone()),
            _ => None,
        };
        if name.is_some() {
            options.cluster.clear();
        }
        let arguments = ScanArgs {
            repository: repo.to_owned(),
            rwenv: self.rwenv.clone(),
            options,
        };
        let mut clusters = arguments.scan(terminal)?.scan.clusters;
        report::not_cached(terminal, &clusters);
        let names: Vec<String> = clusters
            .iter()
            .map(|cluster| format!("{} ({})", cluster.name, cluster.entry))
            .collect();
        let names = names.join(", ");
        let mut closed = Vec::new();
        if let Some(name) = &name {
            let remote = format!("{REMOTE}{name}");
            let is_asked = |cluster: &ScannedCluster| [name, &remote].contains(&&cluster.name);
            (clusters, closed) = clusters.into_iter().partition(is_asked);
        }
        let own = clusters
            .iter()
            .filter(|cluster| cluster.reached_by.is_none())
            .count();
        match (clusters.len(), name) {
            (1, _) => Ok((clusters, closed)),
            (_, None) if all || own == 1 => Ok((clusters, closed)),
            (_, Some(name)) => Err(Failure::input(format!(
                "{repo} holds no cluster {name}: there is {names}"
            ))
            .hint("give the name or the path of one to --cluster")),
            (_, None) => Err(Failure::usage(format!("{repo} holds several clusters: {names}"))
                .hint("give the name or the path of one to --cluster")),
        }
    }

    /// Whether the repository of this folder may be read for what its catalogs do not hold: not where others are named.
    pub(crate) fn may_scan(&self) -> bool {
        self.data.is_none()
    }

    /// Whether the answer is for people to read, and no list of commands.
    pub(crate) fn is_text(&self) -> bool {
        self.format == Format::Text && !self.next
    }

    /// Whether a cluster is named, in place of being found by a scan.
    pub(crate) fn names_cluster(&self) -> bool {
        !self.scan.cluster.iter().all(|name| name.contains('='))
    }

    fn cluster(&self) -> Result<Option<&str>, Failure> {
        match self.scan.cluster.as_slice() {
            [] => Ok(None),
            [name] => Ok(Some(name)),
            _ => Err(Failure::usage("a question is about one cluster").hint("give --cluster once")),
        }
    }
}

/// What Flux applies, by cluster.
#[derive(Default)]
pub(crate) struct Evaluations(BTreeMap<String, Evaluation>);

impl Evaluations {
    /// That of the cluster with these facts.
    pub(crate) fn of(&self, facts: &dyn Facts) -> Option<&Evaluation> {
        self.0.get(&title(facts))
    }
}

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

impl Source<'_> {
    /// Answers a question about a name, or with `--next` prints the commands for what the name means: for every cluster that is
    /// open, equal answers once.
    pub(crate) fn ask<A: Answer + Display + ToJson>(
        &self,
        name: &str,
        question: impl Fn(&'static dyn Facts, &str) -> Result<A, QueryError>,
    ) -> Result<Exit, Failure> {
        self.ask_named(name, Folding::OF_THING, |_, facts, name| question(facts, name))
    }

    /// As [`Source::ask`], of a question that is told what the cluster is called. `folding` says when one answer
    /// stands for all.
    pub(crate) fn ask_named<A: Answer + Display + ToJson>(
        &self,
        name: &str,
        folding: Folding,
        question: impl Fn(&str, &'static dyn Facts, &str) -> Result<A, QueryError>,
    ) -> Result<Exit, Failure> {
        if self.others.is_empty() {
            return match question(&title(self.facts), self.facts, name) {
                Ok(_) if folding.is_of_thing() && self.is_elsewhere(name) => {
                    self.miss(QueryError::NotFound(infra_query::NotFound {
                        term: name.to_owned(),
                        ..infra_query::NotFound::default()
                    }))
                }
                Ok(answer) => self.answer(name, &answer),
                Err(error) => self.miss(error),
            };
        }
        let mut answers = Vec::new();
        let mut not_applied = Vec::new();
        let mut misses = Vec::new();
        for (title, facts) in self.clusters() {
            match question(&title, facts, name) {
                Ok(answer) => {
                    let answer = self.of_cluster(title, facts, name, &answer)?;
                    answers.push(candidate(facts, name, answer));
                }
                Err(error) if error.is_not_applied() => not_applied.push(self.why_not(title, &error)?),
                Err(error) => misses.push((title, error)),
            }
        }
        let is_found = !answers.is_empty();
        let folds = self.arguments.is_text();
        let (mut answers, mut others) = match folds {
            true => several_clusters::folded(answers, folding),
            false => (answers.into_iter().map(|it| it.answer).collect(), Vec::new()),
        };
        answers.append(&mut not_applied);
        let is_absent = |error: &QueryError| !matches!(error, QueryError::Ambiguous { .. });
        let absent = misses.iter().filter(|(_, error)| is_absent(error));
        let absent: Vec<String> = absent.map(|(title, _)| title.clone()).collect();
        if folds {
            let ambiguous = misses.iter().filter(|(_, error)| !is_absent(error));
            others.extend(ambiguous.map(|(title, error)| several_clusters::ambiguous(title, error)));
        }
        // That it means several things says more than that it means nothing.
        misses.sort_by_key(|(_, error)| matches!(error, QueryError::NotFound(_)));
        match (answers.is_empty(), misses.into_iter().next()) {
            (true, Some((_, error))) => self.miss(error),
            _ => {
                let most = several_clusters::MOST_TEXT;
                let printed = self.print_of_clusters(answers, &others, &absent, most);
                if is_found {
                    printed
                } else {
                    printed.map(|_| Exit::NotFound)
                }
            }
        }
    }

    /// Whether a name is no more than a value or a part of names here, and that of something in a cluster that is not asked about.
    fn is_elsewhere(&self, name: &str) -> bool {
        let hits = query::find(self.facts, name).unwrap_or_default();
        let is_value = |hit: &query::Hit<'_>| hit.matched >= Matched::Field;
        !hits.is_empty()
            && hits.iter().all(is_value)
            && self
                .closed
                .find(name, self.facts)
                .iter()
                .any(|why| why.entry.name == name.rsplit('/').next().unwrap_or(name))
    }

    /// Why a name is not applied in one of several clusters, in the format that is asked for.
    fn why_not(&self, cluster: String, error: &QueryError) -> Result<OfCluster, Failure> {
        Ok(OfCluster {
            cluster,
            text: match error {
                QueryError::NotFound(missing) => missing.to_string(),
                error => format!("{error}\n"),
            },
            json: match self.arguments.format {
                Format::Json => Some(error.to_json().map_err(Failure::output)?),
                _ => None,
            },
        })
    }

    /// Answers a question about all clusters that are open, each under its name where there are several.
    pub(crate) fn answer_all<A: Answer + Display + ToJson>(
        &self,
        question: impl Fn(&'static dyn Facts) -> A,
    ) -> Result<Exit, Failure> {
        self.answer_each(self.all_facts().map(question), usize::MAX)
    }

    /// Prints the answers to a question about all clusters that are open, in their order, until there are `most` bytes.
    pub(crate) fn answer_each<A: Answer + Display + ToJson>(
        &self,
        answers: impl IntoIterator<Item = A>,
        most: usize,
    ) -> Result<Exit, Failure> {
        let mut of_clusters = Vec::new();
        for ((title, facts), answer) in self.clusters().zip(answers) {
            if self.others.is_empty() {
                return self.answer("", &answer);
            }
            of_clusters.push(self.of_cluster(title, facts, "", &answer)?);
        }
        self.print_of_clusters(of_clusters, &[], &[], most)
    }

    /// As [`Source::answer_each`], of answers that some clusters have not.
    pub(crate) fn answer_some<A: Answer + Display + ToJson>(
        &self,
        answers: impl IntoIterator<Item = Option<A>>,
        most: usize,
    ) -> Result<Exit, Failure> {
        let mut of_clusters = Vec::new();
        let mut absent = Vec::new();
        for ((title, facts), answer) in self.clusters().zip(answers) {
            match answer {
                Some(answer) if self.others.is_empty() => return self.answer("", &answer),
                Some(answer) => of_clusters.push(self.of_cluster(title, facts, "", &answer)?),
                None => absent.push(title),
            }
        }
        self.print_of_clusters(of_clusters, &[], &absent, most)
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
        clusters.filter(|(title, _)| !title.starts_with(REMOTE)).collect()
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
        let mut clusters = self.clusters();
        let found =
            clusters.find(|(title, facts)| title == name || facts.metadata().cluster.as_str() == name);
        found.map(|(_, facts)| facts).ok_or_else(|| {
            let names: Vec<String> = self.clusters().map(|(title, _)| title).collect();
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

    /// The answer for one of several clusters, in the format that is asked for.
    fn of_cluster<A: Answer + Display + ToJson>(
        &self,
        cluster: String,
        facts: &'static dyn Facts,
        name: &str,
        answer: &A,
    ) -> Result<OfCluster, Failure> {
        let next = self.arguments.next.then(|| query::next(facts, name, answer));
        Ok(OfCluster {
            cluster,
            text: match &next {
                Some(next) => next.to_string(),
                None => answer.to_string(),
            },
            json: match (self.arguments.format, &next) {
                (Format::Json, Some(next)) => Some(next.to_json().map_err(Failure::output)?),
                (Format::Json, None) => Some(answer.to_json().map_err(Failure::output)?),
                (Format::Text, _) => None,
                (Format::Sarif | Format::Github, _) => return Err(only_findings()),
            },
        })
    }

    /// Prints the answers for several clusters: equal ones once, below the names of their clusters, until there are `most` bytes.
    fn print_of_clusters(
        &self,
        answers: Vec<OfCluster>,
        others: &[String],
        absent: &[String],
        most: usize,
    ) -> Result<Exit, Failure> {
        let groups = several_clusters::grouped(answers);
        let text = match self.arguments.format {
            Format::Json => {
                let values = several_clusters::json(groups, absent);
                plain_text::json::escaped(&format!("{values:#}\n")).into_owned()
            }
            _ => several_clusters::text(&groups, others, absent, most),
        };
        self.check()?;
        self.print_note();
        printed(self.show(&text))?;
        Ok(Exit::Done)
    }

    /// Prints the answer to a question about a name, which may be empty, or with `--next` its commands.
    pub(crate) fn answer<A: Answer + Display + ToJson>(
        &self,
        name: &str,
        answer: &A,
    ) -> Result<Exit, Failure> {
        if self.arguments.next {
            return self.print(&query::next(self.facts, name, answer));
        }
        self.print(answer)
    }

    /// Prints a report, or with `--next` its commands.
    pub(crate) fn report(&self, report: &(impl Display + Serialize), next: &[String]) -> Result<(), Failure> {
        let text = match self.arguments.format {
            _ if self.arguments.next => next.iter().map(|command| format!("{command}\n")).collect(),
            Format::Text => report.to_string(),
            Format::Json => {
                let value = serde_json::to_value(report).map_err(Failure::output)?;
                plain_text::json::escaped(&format!("{value:#}\n")).into_owned()
            }
            Format::Sarif | Format::Github => return Err(only_findings()),
        };
        self.check()?;
        self.print_note();
        printed(self.show(&text))
    }

    /// Says that a question has no answer.
    pub(crate) fn miss(&self, mut error: QueryError) -> Result<Exit, Failure> {
        if let QueryError::NotFound(missing) = &mut error
            && missing.not_applied.is_empty()
            && !missing.is_search
            && (query::find(self.facts, &missing.term).is_err() || self.is_elsewhere(&missing.term))
        {
            missing.not_applied = self.closed.find(&missing.term, self.facts);
        }
        if let QueryError::NotFound(missing) = &mut error
            && let Some(none) = &mut missing.kind
            && !self.others.is_empty()
        {
            let clusters: Vec<String> = self.clusters().map(|(title, _)| title).collect();
            none.of = format!("clusters {}", clusters.join(", "));
            none.not_at_hand.clear();
        }
        self.check()?;
        self.print_note();
        if self.arguments.format == Format::Json {
            printed(self.terminal.out(&json(&error, None)?))?;
        }
        if let QueryError::NotFound(missing) = &error
            && !missing.not_applied.is_empty()
        {
            // That something is not applied, and why, is what the question wanted to know.
            if self.arguments.format == Format::Text {
                printed(self.show(&missing.to_string()))?;
            }
            return Ok(Exit::NotFound);
        }
        let missed = match &error {
            QueryError::NotFound(missing) if missing.others.is_empty() => Some(missing.term.clone()),
            QueryError::NoKey { holder, key, .. } => Some(format!("{holder}/{key}")),
            _ => None,
        };
        let hint = match &error {
            QueryError::NotFound(missing) => match query::list::state_of(&missing.term) {
                Some(state) => Some(in_state(state)),
                None if missing.is_search || missing.kind.is_some() || !missing.others.is_empty() => None,
                None => Some(ELSEWHERE.to_owned()),
            },
            _ => Some(ELSEWHERE.to_owned()),
        };
        let failure = Failure {
            missed,
            ..Failure::new(Exit::NotFound, error)
        };
        Err(match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        })
    }

    /// Says that a text is found nowhere.
    pub(crate) fn miss_of_search(&self, text: &str) -> Result<Exit, Failure> {
        self.miss(QueryError::NotFound(query::NotFound {
            term: text.to_owned(),
            is_search: true,
            ..query::NotFound::default()
        }))
    }

    /// Prints findings in the format that is asked for where that is one of findings alone, and says whether it was.
    pub(crate) fn print_findings<'a>(
        &self,
        findings: impl IntoIterator<Item = &'a Diagnostic>,
    ) -> Result<bool, Failure> {
        let text = match self.arguments.format {
            Format::Sarif => sarif::document(findings),
            Format::Github => github::annotations(findings),
            Format::Text | Format::Json => return Ok(false),
        };
        self.check()?;
        self.print_note();
        printed(self.terminal.out(&text))?;
        Ok(true)
    }

    /// Exit code by `--fail-on`.
    pub(crate) fn exit(&self) -> Exit {
        let mut exits = self
            .all_facts()
            .map(|facts| self.arguments.scan.exit(facts.diagnostics()));
        exits.find(|exit| *exit != Exit::Done).unwrap_or(Exit::Done)
    }

    fn print(&self, answer: &(impl Text + Display + ToJson)) -> Result<Exit, Failure> {
        let text = match self.arguments.format {
            Format::Text => match &self.live {
                Some(live) => format!("live: {}\n{answer}", plain_text::printable(live)),
                None => answer.to_string(),
            },
            Format::Json => json(answer, self.live.as_deref())?,
            Format::Sarif | Format::Github => return Err(only_findings()),
        };
        self.check()?;
        self.print_note();
        printed(self.show(&text))?;
        Ok(Exit::Done)
    }

    /// Prints an answer in its format: one for readers in colours, where they show.
    fn show(&self, text: &str) -> std::io::Result<()> {
        match self.arguments.format {
            Format::Text => self.terminal.answer(text),
            _ => self.terminal.out(text),
        }
    }

    /// Says that the catalogs are old, where they are.
    fn print_note(&self) {
        if let (Some(note), Some(store)) = (self.note.take(), self.stores.first()) {
            note.print(self.terminal, &store.metadata().generated_from);
        }
    }

    /// Whether everything that the answer rests on could be read.
    fn check(&self) -> Result<(), Failure> {
        for store in &self.stores {
            store
                .check()
                .map_err(|error| Failure::input(error).hint(error.hint()))?;
        }
        Ok(())
    }
}

/// What lists the things in a state.
pub(crate) fn in_state(state: &str) -> String {
    let command = Command::new("flux-infra-guide list --where").text(state).finish();
    format!("`{}` lists what is {state}", command.unwrap_or_default())
}

/// An answer with what the name means in its cluster.
fn candidate(facts: &dyn Facts, name: &str, answer: OfCluster) -> Candidate {
    let hits = query::find(facts, name).unwrap_or_default();
    let first = hits.first();
    let about = first.map(|hit| {
        let title = hit.subject.title();
        let place = hit.subject.place().map(|place| format!(", {place}"));
        plain_text::printable_name(&format!("{title}{}", place.unwrap_or_default())).into_owned()
    });
    Candidate {
        answer,
        // What nothing is called is asked for by a key or a variable.
        is_exact: first.is_none_or(|hit| hit.matched < Matched::Namespace || hit.matched == Matched::Kind),
        is_part: first.is_some_and(|hit| matches!(hit.matched, Matched::Part | Matched::Words)),
        services: facts.services().iter().count(),
        about,
    }
}

fn only_findings() -> Failure {
    Failure::usage("only findings have this format").hint("ask `lint` for it")
}

/// Where a name may be found that is unknown.
const ELSEWHERE: &str =
    "`flux-infra-guide grep TEXT` searches every field, `flux-infra-guide list services` names them all";

/// How the names of clusters begin that are reached by `spec.kubeConfig`.
const REMOTE: &str = "remote/";

/// What a cluster is called where several are answered for.
pub(crate) fn title(facts: &dyn Facts) -> String {
    let metadata = facts.metadata();
    let name = match &metadata.cluster_name {
        Some(name) => name.clone(),
        None => metadata.cluster.to_string(),
    };
    if !name.starts_with(REMOTE) {
        return name;
    }
    let reached = facts.kustomizations().iter().find_map(|(key, kustomization)| {
        let config = kustomization.kube_config.as_ref()?;
        Some(format!("{name} (by kubeConfig {config} of Kustomization {key})"))
    });
    reached.unwrap_or(name)
}

/// Leaks what is asked on purpose: the process exits next, and to drop it can take longer than the question.
fn leaked<T>(facts: T) -> &'static T {
    Box::leak(Box::new(facts))
}

/// Catalogs that cannot be read. Folders around the one with the catalogs are named often: then the hint names it.
fn unreadable(data: &Utf8Path, error: &ReadError) -> Failure {
    let [usual, agents] = DATA_FOLDERS;
    let inner = ["data", "flux-infra-guide/data", usual, agents].map(|inner| data.join(inner));
    let inner = inner.iter().find(|folder| folder.is_dir());
    match (error, inner) {
        (ReadError::NoCatalogs { .. }, Some(inner)) => {
            Failure::input(error).hint(format!("did you mean --data {inner}?"))
        }
        _ => Failure::input(error).hint(error.hint()),
    }
}

/// An answer as JSON, with what is known of the cluster as its member `live`.
fn json(answer: &impl ToJson, live: Option<&str>) -> Result<String, Failure> {
    let mut value = answer.to_json().map_err(Failure::output)?;
    if let (Some(live), Some(members)) = (live, value.as_object_mut()) {
        members.insert("live".to_owned(), live.into());
    }
    Ok(plain_text::json::escaped(&format!("{value:#}\n")).into_owned())
}
