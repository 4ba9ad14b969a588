//! What questions are asked of: catalogs by convention or by name, or a fresh scan.

use std::cell::RefCell;
use std::fmt::Display;

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::{CatalogStore, ReadError, ToJson};
use clap::ValueEnum;
use flux_scan::{Evaluation, ScannedCluster};
use infra_model::{Diagnostic, Infrastructure};
use infra_query::{self as query, Facts, QueryError};
use infra_query::{Answer, Text};
use serde::Serialize;

use crate::data_folder::{DATA_FOLDER, data_folder};
use crate::exit::printed;
use crate::exit::{Exit, Failure};
use crate::findings_format::{github, sarif};
use crate::freshness_note::FreshnessNote;
use crate::rwenv::Rwenv;
use crate::scan_args::{ScanArgs, ScanOptionArgs};
use crate::terminal::Terminal;

/// What to ask, and how to answer.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Where answers come from")]
pub(crate) struct ModelArgs {
    /// Folder with catalogs. Default: $FLUX_INFRA_GUIDE_DATA, else .claude/skills/flux-infra-guide/data here or in a parent.
    #[arg(long, value_name = "DIR", conflicts_with = "repo")]
    data: Option<Utf8PathBuf>,
    /// Scan this repository in place of reading catalogs.
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
    /// Asks the clone of an rwenv, where nothing else is named.
    pub(crate) fn of_rwenv(&self, rwenv: &Rwenv) -> Self {
        let mut model = self.clone();
        if model.data.is_none() && model.repo.is_none() {
            model.repo = Some(rwenv.repository.clone());
            model.rwenv = Some(rwenv.name.clone());
        }
        model
    }

    /// The facts of the cluster that is asked about.
    pub(crate) fn open<'t>(&'t self, terminal: &'t Terminal) -> Result<Source<'t>, Failure> {
        self.open_clusters(terminal, false)
    }

    /// As [`ModelArgs::open`]; where no cluster is named, with all others.
    pub(crate) fn open_all<'t>(&'t self, terminal: &'t Terminal) -> Result<Source<'t>, Failure> {
        self.open_clusters(terminal, true)
    }

    fn open_clusters<'t>(&'t self, terminal: &'t Terminal, all: bool) -> Result<Source<'t>, Failure> {
        let mut others: Vec<(String, &'static dyn Facts)> = Vec::new();
        let (facts, store, note): (&'static dyn Facts, _, _) = match &self.repo {
            Some(repo) => {
                let clusters = self.scan(repo, terminal, all)?.into_iter();
                let mut clusters = clusters.map(|cluster| cluster.infrastructure);
                let first = clusters.next().unwrap_or_default();
                for cluster in clusters {
                    let facts: &'static Infrastructure = leaked(cluster);
                    others.push((title(facts), facts));
                }
                (leaked(first), None, None)
            }
            None => {
                let data = data_folder(self.data.as_deref())?;
                let note = FreshnessNote::start(terminal, &data);
                let open = |name: Option<&str>| {
                    let store = CatalogStore::open(&data, name);
                    Ok::<_, Failure>(leaked(store.map_err(|error| unreadable(&data, &error))?))
                };
                let named = self.cluster()?;
                let names = match named {
                    None => catalog_emit::cluster_names(&data).map_err(|error| unreadable(&data, &error))?,
                    Some(_) => Vec::new(),
                };
                let (remote, own): (Vec<String>, Vec<String>) =
                    names.into_iter().partition(|name| name.starts_with(REMOTE));
                let is_several = !remote.is_empty() || (all && own.len() > 1);
                let mut own = own.into_iter();
                let store = match own.next().filter(|_| is_several && (all || own.len() == 0)) {
                    Some(first) => open(Some(&first))?,
                    None => open(named)?,
                };
                let (own, remote) = match is_several {
                    true => (own, remote),
                    false => Default::default(),
                };
                for name in own.chain(remote) {
                    let other = open(Some(&name))?;
                    others.push((title(other), other));
                }
                (store, Some(store), Some(note))
            }
        };
        Ok(Source {
            arguments: self,
            terminal,
            facts,
            others,
            store,
            note: RefCell::new(note),
        })
    }

    /// The facts of the cluster that is asked about, and what Flux applies: by a scan in any case, of `default` where no
    /// repository is named.
    pub(crate) fn scanned<'t>(
        &'t self,
        default: &Utf8Path,
        terminal: &'t Terminal,
    ) -> Result<(Source<'t>, Evaluation), Failure> {
        if self.data.is_some() {
            let failure = Failure::usage("no catalog answers this");
            return Err(failure.hint("name the repository with --repo in place of --data"));
        }
        let repo = self.repo.as_deref().unwrap_or(default);
        let clusters = self.scan(repo, terminal, false)?;
        let Some(cluster) = clusters.into_iter().next() else {
            return Err(Failure::input(format!("{repo} holds no cluster")));
        };
        let source = Source {
            arguments: self,
            terminal,
            facts: leaked(cluster.infrastructure),
            others: Vec::new(),
            store: None,
            note: RefCell::new(None),
        };
        Ok((source, cluster.evaluation))
    }

    /// The cluster that is asked about, and after it the remote ones that it reaches; with `all`, all others.
    fn scan(&self, repo: &Utf8Path, terminal: &Terminal, all: bool) -> Result<Vec<ScannedCluster>, Failure> {
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
            ..ScanArgs::default()
        };
        let mut clusters = arguments.scan(terminal)?.scan.clusters;
        let names: Vec<String> = clusters
            .iter()
            .map(|cluster| format!("{} ({})", cluster.name, cluster.entry))
            .collect();
        let names = names.join(", ");
        if let Some(name) = &name {
            let remote = format!("{REMOTE}{name}");
            clusters.retain(|cluster| [name, &remote].contains(&&cluster.name));
        }
        let own = clusters
            .iter()
            .filter(|cluster| cluster.reached_by.is_none())
            .count();
        match (clusters.len(), name) {
            (1, _) => Ok(clusters),
            (_, None) if all || own == 1 => Ok(clusters),
            (_, Some(name)) => Err(Failure::input(format!(
                "{repo} holds no cluster {name}: there is {names}"
            ))
            .hint("give the name or the path of one to --cluster")),
            (_, None) => Err(Failure::usage(format!("{repo} holds several clusters: {names}"))
                .hint("give the name or the path of one to --cluster")),
        }
    }

    fn cluster(&self) -> Result<Option<&str>, Failure> {
        match self.scan.cluster.as_slice() {
            [] => Ok(None),
            [name] => Ok(Some(name)),
            _ => Err(Failure::usage("a question is about one cluster").hint("give --cluster once")),
        }
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
    store: Option<&'static CatalogStore>,
    /// What is found out meanwhile about the age of the catalogs.
    note: RefCell<Option<FreshnessNote>>,
}

impl Source<'_> {
    /// Answers a question about a name, or with `--next` prints the commands for what the name means.
    pub(crate) fn ask<A: Answer + Display + ToJson>(
        &self,
        name: &str,
        question: impl Fn(&'static dyn Facts, &str) -> Result<A, QueryError>,
    ) -> Result<Exit, Failure> {
        match question(self.facts, name) {
            Ok(answer) => self.answer(name, &answer),
            Err(error @ QueryError::NotFound { .. }) => {
                let others = self.others.iter();
                let answers: Vec<(&str, A)> = others
                    .filter_map(|(title, facts)| Some((title.as_str(), question(*facts, name).ok()?)))
                    .collect();
                match answers.is_empty() {
                    true => self.miss(error),
                    false => self.print_of_clusters(&answers),
                }
            }
            Err(error) => self.miss(error),
        }
    }

    /// Answers a question about all clusters that are open, each under its name where there are several.
    pub(crate) fn answer_all<A: Answer + Display + ToJson>(
        &self,
        question: impl Fn(&'static dyn Facts) -> A,
    ) -> Result<Exit, Failure> {
        if self.others.is_empty() || self.arguments.next {
            return self.answer("", &question(self.facts));
        }
        let own = title(self.facts);
        let others = self.others.iter().map(|(title, facts)| (title.as_str(), *facts));
        let clusters = std::iter::once((own.as_str(), self.facts)).chain(others);
        let answers: Vec<(&str, A)> = clusters.map(|(title, facts)| (title, question(facts))).collect();
        self.print_of_clusters(&answers)
    }

    /// Prints one answer for each of several clusters.
    fn print_of_clusters<A: Answer + Display + ToJson>(
        &self,
        answers: &[(&str, A)],
    ) -> Result<Exit, Failure> {
        let mut text = String::new();
        let mut values = Vec::new();
        for (title, answer) in answers {
            text.push_str(&format!(
                "cluster {}:\n{answer}",
                plain_text::printable_name(title)
            ));
            if self.arguments.format == Format::Json {
                let answer = answer.to_json().map_err(Failure::output)?;
                values.push(serde_json::json!({"cluster": title, "answer": answer}));
            }
        }
        if self.arguments.format == Format::Json {
            let values = serde_json::Value::Array(values);
            text = plain_text::json::escaped(&format!("{values:#}\n")).into_owned();
        }
        self.check()?;
        self.print_note();
        printed(self.terminal.out(&text))?;
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
            Format::Sarif | Format::Github => {
                return Err(Failure::usage("only findings have this format").hint("ask `lint` for it"));
            }
        };
        self.check()?;
        self.print_note();
        printed(self.terminal.out(&text))
    }

    /// Says that a question has no answer.
    pub(crate) fn miss(&self, error: QueryError) -> Result<Exit, Failure> {
        self.check()?;
        self.print_note();
        if self.arguments.format == Format::Json {
            printed(self.terminal.out(&json(&error)?))?;
        }
        if let QueryError::NotFound(missing) = &error
            && !missing.not_applied.is_empty()
        {
            // That something is not applied, and why, is what the question wanted to know.
            if self.arguments.format == Format::Text {
                printed(self.terminal.out(&missing.to_string()))?;
            }
            return Ok(Exit::NotFound);
        }
        Err(Failure::new(Exit::NotFound, error).hint(
            "`flux-infra-guide grep TEXT` searches every field, `flux-infra-guide list services` names them all",
        ))
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
        self.arguments.scan.exit(self.facts.diagnostics())
    }

    fn print(&self, answer: &(impl Text + Display + ToJson)) -> Result<Exit, Failure> {
        let text = match self.arguments.format {
            Format::Text => answer.to_string(),
            Format::Json => json(answer)?,
            Format::Sarif | Format::Github => {
                return Err(Failure::usage("only findings have this format").hint("ask `lint` for it"));
            }
        };
        self.check()?;
        self.print_note();
        printed(self.terminal.out(&text))?;
        Ok(Exit::Done)
    }

    /// Says that the catalogs are old, where they are.
    fn print_note(&self) {
        if let (Some(note), Some(store)) = (self.note.take(), self.store) {
            note.print(self.terminal, &store.metadata().generated_from);
        }
    }

    /// Whether everything that the answer rests on could be read.
    fn check(&self) -> Result<(), Failure> {
        match self.store.map(CatalogStore::check) {
            Some(Err(error)) => Err(Failure::input(error).hint(error.hint())),
            _ => Ok(()),
        }
    }
}

/// How the names of clusters begin that are reached by `spec.kubeConfig`.
const REMOTE: &str = "remote/";

/// What a cluster is called where several are answered for.
fn title(facts: &dyn Facts) -> String {
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
    let inner = ["data", "flux-infra-guide/data", DATA_FOLDER].map(|inner| data.join(inner));
    let inner = inner.iter().find(|folder| folder.is_dir());
    match (error, inner) {
        (ReadError::NoCatalogs { .. }, Some(inner)) => {
            Failure::input(error).hint(format!("did you mean --data {inner}?"))
        }
        _ => Failure::input(error).hint(error.hint()),
    }
}

fn json(answer: &impl ToJson) -> Result<String, Failure> {
    let value = answer.to_json().map_err(Failure::output)?;
    Ok(plain_text::json::escaped(&format!("{value:#}\n")).into_owned())
}
