//! Options of queries turn into the model they ask: catalogs by convention or by name, or a fresh scan.

use std::fmt::Display;

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::answers::ToJson;
use catalog_emit::{Ask, ReadError, ScanRecord, Staleness};
use clap::ValueEnum;
use infra_model::Infrastructure;
use infra_query::next_steps::Answer;
use infra_query::{self as query, QueryError, Question};
use source_tree::DiskTree;

use crate::commands::printed;
use crate::exit::{Exit, Failure};
use crate::freshness;
use crate::git::Repository;
use crate::scan_args::{ScanArgs, ScanOptionArgs};
use crate::terminal::Terminal;

/// Names the data folder in place of the convention.
const DATA_VARIABLE: &str = "FLUX_INFRA_GUIDE_DATA";
/// Where `regen` writes catalogs in a project.
const DATA_FOLDER: &str = ".claude/skills/flux-infra-guide/data";

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
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Text,
    Json,
}

impl ModelArgs {
    /// The model of the cluster that is asked about.
    pub(crate) fn load(&self, terminal: &Terminal) -> Result<&'static Infrastructure, Failure> {
        match &self.repo {
            Some(repo) => self.scan(repo, terminal),
            None => self.read(terminal),
        }
        .map(kept)
    }

    /// As much of the model as a question about a name looks at.
    pub(crate) fn load_for(
        &self,
        terminal: &Terminal,
        question: Question,
        name: &str,
    ) -> Result<&'static Infrastructure, Failure> {
        let ask = Ask {
            question,
            term: name,
            next: self.next,
        };
        self.load_part(terminal, |data, cluster| {
            catalog_emit::load_part(data, cluster, ask)
        })
    }

    /// As much of the model as `part` takes of catalogs; all of it where it takes none.
    pub(crate) fn load_part(
        &self,
        terminal: &Terminal,
        part: impl FnOnce(&Utf8Path, Option<&str>) -> Result<Option<Infrastructure>, ReadError>,
    ) -> Result<&'static Infrastructure, Failure> {
        if self.repo.is_none() {
            let data = data_folder(self.data.as_deref())?;
            let part = part(&data, self.cluster()?).map_err(|error| unreadable(&data, &error))?;
            if let Some(part) = part {
                self.remark(terminal, &data, &part);
                return Ok(kept(part));
            }
        }
        self.load(terminal)
    }

    /// Exit code by `--fail-on`.
    pub(crate) fn exit(&self, infrastructure: &Infrastructure) -> Exit {
        self.scan.exit(&infrastructure.diagnostics)
    }

    /// Answers a question about a name, or with `--next` prints the commands for what the name means.
    pub(crate) fn ask<'a, A: Answer + Display + ToJson>(
        &self,
        terminal: &Terminal,
        infrastructure: &'a Infrastructure,
        name: &str,
        question: impl FnOnce(&'a Infrastructure, &str) -> Result<A, QueryError>,
    ) -> Result<Exit, Failure> {
        let answer = question(infrastructure, name);
        match &answer {
            Ok(found) if self.next => self.print(terminal, &query::next(infrastructure, name, found)),
            _ => self.answer(terminal, answer),
        }
    }

    /// Answers a question about no name, or with `--next` prints its commands.
    pub(crate) fn tell<A: Answer + Display + ToJson>(
        &self,
        terminal: &Terminal,
        infrastructure: &Infrastructure,
        answer: &A,
    ) -> Result<Exit, Failure> {
        if self.next {
            return self.print(terminal, &query::next(infrastructure, "", answer));
        }
        self.print(terminal, answer)
    }

    /// Prints an answer, or says that there is none.
    pub(crate) fn answer<A: Display + ToJson>(
        &self,
        terminal: &Terminal,
        answer: Result<A, QueryError>,
    ) -> Result<Exit, Failure> {
        match answer {
            Ok(answer) => self.print(terminal, &answer),
            Err(error) => {
                if self.format == Format::Json {
                    printed(terminal.out(&json(&error)?))?;
                }
                Err(Failure::new(Exit::NotFound, error)
                    .hint("`flux-infra-guide grep TEXT` searches every field, `flux-infra-guide list services` names them all"))
            }
        }
    }

    fn print(&self, terminal: &Terminal, answer: &(impl Display + ToJson)) -> Result<Exit, Failure> {
        printed(match self.format {
            Format::Text => terminal.out(&answer.to_string()),
            Format::Json => terminal.out(&json(answer)?),
        })?;
        Ok(Exit::Done)
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

    fn read(&self, terminal: &Terminal) -> Result<Infrastructure, Failure> {
        let data = data_folder(self.data.as_deref())?;
        let infrastructure = match self.cluster()? {
            None => catalog_emit::load(&data),
            Some(name) => catalog_emit::load_cluster(&data, name),
        };
        let infrastructure = infrastructure.map_err(|error| unreadable(&data, &error))?;
        self.remark(terminal, &data, &infrastructure);
        Ok(infrastructure)
    }

    fn cluster(&self) -> Result<Option<&str>, Failure> {
        match self.scan.cluster.as_slice() {
            [] => Ok(None),
            [name] => Ok(Some(name)),
            _ => Err(Failure::usage("a question is about one cluster").hint("give --cluster once")),
        }
    }

    /// Says where catalogs are stale.
    fn remark(&self, terminal: &Terminal, data: &Utf8Path, infrastructure: &Infrastructure) {
        if !terminal.quiet
            && let Some(remark) = stale(data, infrastructure)
        {
            terminal.err(&format!("note: {remark}\n"));
        }
    }
}

/// A model that is there until the process ends, which it does after its answer: taking a large one apart piece by piece
/// takes as long as many an answer.
fn kept(infrastructure: Infrastructure) -> &'static Infrastructure {
    Box::leak(Box::new(infrastructure))
}

/// The folder with catalogs: the one given, else the one by convention.
pub(crate) fn data_folder(given: Option<&Utf8Path>) -> Result<Utf8PathBuf, Failure> {
    if let Some(data) = given {
        return Ok(data.to_owned());
    }
    if let Some(data) = std::env::var(DATA_VARIABLE).ok().filter(|data| !data.is_empty()) {
        return Ok(data.into());
    }
    let here = Utf8Path::new(".").canonicalize_utf8().map_err(Failure::input)?;
    here.ancestors().map(|folder| folder.join(DATA_FOLDER)).find(|data| data.is_dir()).ok_or_else(|| {
        Failure::input(format!("no catalogs: {DATA_FOLDER} is neither here nor in a parent folder"))
            .hint("run `flux-infra-guide regen` first, or name a folder with --data, or a repository with --repo")
    })
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
    Ok(format!("{value:#}\n"))
}

/// Whether the repository that the catalogs were made from stands around them and has changed since; costs no scan.
fn stale(data: &Utf8Path, infrastructure: &Infrastructure) -> Option<String> {
    let record = ScanRecord::read(data).ok()?;
    let data = data.canonicalize_utf8().ok()?;
    let project = data.ancestors().find(|folder| folder.join(DATA_FOLDER) == data)?;
    let repository = Repository::at_top(project).unwrap_or_default();
    let name = repository
        .as_ref()
        .and_then(Repository::name)
        .or(project.file_name())?;
    if name != infrastructure.metadata.generated_from {
        return None;
    }
    let staleness = record.compare_digest(&freshness::digest(&DiskTree::open(project).ok()?));
    match staleness {
        Staleness::Fresh => None,
        Staleness::Stale => Some(
            "the repository has changed since these catalogs were written: `flux-infra-guide regen`".into(),
        ),
        Staleness::OtherGenerator => {
            Some("another version of flux-infra-guide wrote these catalogs: `flux-infra-guide regen`".into())
        }
    }
}
