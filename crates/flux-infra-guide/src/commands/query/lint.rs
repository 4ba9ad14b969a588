//! `lint`: findings about a repository.

use std::collections::HashSet;

use camino::Utf8PathBuf;
use infra_model::RepoPath;
use infra_query::lint::LintFilter;

use crate::exit::{Exit, Failure};
use crate::model_args::ModelArgs;
use crate::terminal::Terminal;

/// What is wrong with the repository.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  flux-infra-guide lint . --fail-on error\n  flux-infra-guide lint --code dependency-missing --below clusters/"
)]
pub(crate) struct Arguments {
    /// Scan this repository, as with --repo.
    #[arg(value_name = "REPO", conflicts_with_all = ["data", "repo"])]
    repository: Option<Utf8PathBuf>,
    /// Only findings with this code; repeatable.
    #[arg(long, value_name = "CODE")]
    code: Vec<String>,
    /// Only findings in this file or folder.
    #[arg(long, value_name = "PATH")]
    below: Option<String>,
    /// Only findings about objects with this in their name.
    #[arg(long, value_name = "TEXT")]
    object: Option<String>,
    #[command(flatten)]
    model: ModelArgs,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let filter = LintFilter {
        codes: arguments.code.clone(),
        below: arguments.below.as_deref().map(RepoPath::new),
        object: arguments.object.clone(),
        ..LintFilter::default()
    };
    let model = arguments.model.clone();
    let model = match &arguments.repository {
        Some(repository) => model.scanning(repository),
        None => model,
    };
    let source = model.open_for_findings(terminal)?;
    // Clusters that share files share findings.
    let mut seen = HashSet::new();
    let all = source.all_facts().flat_map(|facts| filter.of(facts));
    let findings = all.filter(|finding| seen.insert(format!("{finding:?}")));
    if !source.print_findings(findings)? {
        source.answer_all(|facts| infra_query::lint(facts, &filter))?;
    }
    Ok(source.exit())
}
