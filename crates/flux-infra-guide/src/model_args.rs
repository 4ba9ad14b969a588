//! What questions are asked of: catalogs by convention or by name, or a fresh scan.

use std::cell::RefCell;
use std::fmt::Display;

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::{CatalogStore, ReadError, ToJson};
use clap::ValueEnum;
use infra_model::{Diagnostic, Infrastructure};
use infra_query::{self as query, Facts, QueryError};
use infra_query::{Answer, Text};

use crate::data_folder::{DATA_FOLDER, data_folder};
use crate::exit::printed;
use crate::exit::{Exit, Failure};
use crate::findings_format::{github, sarif};
use crate::freshness_note::FreshnessNote;
use crate::scan_args::{ScanArgs, ScanOptionArgs};
use crate::terminal::Terminal;

/// What to ask, and how to answer.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Where answers come from")]
pub(crate) struct ModelArgs {
    /// Folder with catalogs. Default: $FLUX_INFRA_GUIDE_DATA, else .claude/skills/flux-infra-guide/data here or in a parent.
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
    /// The facts of the cluster that is asked about.
    pub(crate) fn open<'t>(&'t self, terminal: &'t Terminal) -> Result<Source<'t>, Failure> {
        let (facts, store, note): (&'static dyn Facts, _, _) = match &self.repo {
            Some(repo) => (leaked(self.scan(repo, terminal)?), None, None),
            None => {
                let data = data_folder(self.data.as_deref())?;
                let note = FreshnessNote::start(terminal, &data);
                let store = CatalogStore::open(&data, self.cluster()?);
                let store = leaked(store.map_err(|error| unreadable(&data, &error))?);
                (store, Some(store), Some(note))
            }
        };
        Ok(Source {
            arguments: self,
            terminal,
            facts,
            store,
            note: RefCell::new(note),
        })
    }

    fn scan(&self, repo: &Utf8Path, terminal: &Terminal) -> Result<Infrastructure, Failure> {
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
            clusters.retain(|cluster| cluster.name == *name);
        }
        match (clusters.len(), name) {
            (1, _) => Ok(clusters.remove(0).infrastructure),
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
        question: impl FnOnce(&'static dyn Facts, &str) -> Result<A, QueryError>,
    ) -> Result<Exit, Failure> {
        match question(self.facts, name) {
            Ok(answer) => self.answer(name, &answer),
            Err(error) => self.miss(error),
        }
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

    /// Says that a question has no answer.
    pub(crate) fn miss(&self, error: QueryError) -> Result<Exit, Failure> {
        self.check()?;
        self.print_note();
        if self.arguments.format == Format::Json {
            printed(self.terminal.out(&json(&error)?))?;
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
