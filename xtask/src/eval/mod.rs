//! `eval`: asks questions whose answers are known, and writes to `docs/eval.md` what each method of answering costs.
//!
//! The right answers come from objects that the real tools render, never from the catalogs or the model.

mod ask;
mod files;
mod methods;
mod question;
pub(crate) mod rendering;
mod report;
mod repository;
mod score;
mod tokens;

use std::fs;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

use crate::{program, workspace};
use files::FilesToRead;
use methods::{Examiner, Measured, Method};
use question::Question;
use report::Report;
use repository::{Cluster, Repository};
use tokens::Tokens;

/// The usual number of questions of one class about one cluster.
const EACH: usize = 5;

/// Ask questions whose answers are known, and measure what the answers cost.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Ask this program in place of one built for release.
    #[arg(long, value_name = "FILE")]
    program: Option<Utf8PathBuf>,
    /// Most questions of one class about one cluster. Other numbers than the usual one are not written.
    #[arg(long, default_value_t = EACH)]
    each: usize,
    /// Runs of each process; the median of their times counts.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Only classes whose name contains this.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Write nothing; fail where docs/eval.md would change.
    #[arg(long)]
    check: bool,
    /// Print every question with its answer.
    #[arg(long)]
    verbose: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let program = program::given_or_built(arguments.program.as_deref())?;
    let temp = tempfile::tempdir()?;
    let temp = Utf8Path::from_path(temp.path()).context("temporary folder is not UTF-8")?;
    let repositories = repository::prepare(&program, temp)?;
    let tokens = Tokens::new()?;
    let mut measured = Vec::new();
    for (index, repository) in repositories.iter().enumerate() {
        measured.extend(ask_all(arguments, &program, repository, index, &tokens)?);
    }
    for measured in &measured {
        show(measured, &repositories, arguments.verbose);
    }
    let report = Report::new(&repositories, &measured, &tokens);
    println!("{}{}", report.summary(), report.times());
    let mut holds = report.holds();
    // The committed file has all questions, with the usual number per class.
    if repository::is_complete() && arguments.only.is_none() && arguments.each == EACH {
        let file = workspace::root().join("docs/eval.md");
        let text = report.to_string();
        let present = fs::read_to_string(&file).unwrap_or_default();
        let (compared, times) = match present.find(report::TIMES) {
            Some(at) => present.split_at(at),
            None => (present.as_str(), ""),
        };
        if arguments.check {
            let current = compared == text;
            if !current {
                println!("docs/eval.md is not current: run `cargo xtask eval` and commit the result");
            }
            holds &= current;
        } else {
            // Times of another build would not be comparable, so the present ones stay.
            let folder = program.parent().and_then(Utf8Path::file_name);
            let times = if folder == Some("release") {
                report.times()
            } else {
                times.to_owned()
            };
            fs::write(&file, text + &times).with_context(|| format!("writing {file}"))?;
        }
    }
    Ok(holds)
}

fn ask_all<'r>(
    arguments: &Arguments,
    program: &Utf8Path,
    repository: &'r Repository,
    index: usize,
    tokens: &Tokens,
) -> Result<Vec<Measured<'r>>> {
    let mut measured = Vec::new();
    for cluster in &repository.clusters {
        let files = FilesToRead::new(&repository.folder, &cluster.entry, &cluster.rendering)?;
        let examiner = Examiner {
            program,
            repository,
            cluster,
            files: &files,
            tokens,
            runs: arguments.runs,
        };
        let wanted = |question: &Question<'_>| match &arguments.only {
            Some(only) => question.class.name.contains(only.as_str()),
            None => true,
        };
        let mut questions = match repository.with_charts {
            true => ask::questions_of_charts(&cluster.rendering, &repository.files, arguments.each),
            false => ask::questions(&cluster.rendering, &repository.files, arguments.each),
        };
        // Questions about all clusters are asked once.
        if let ([first, second], true) = (repository.clusters.as_slice(), is_first(repository, cluster))
            && let (Some(one), Some(other)) = (&first.name, &second.name)
        {
            questions.extend(ask::questions_of_clusters(
                [(one, &first.rendering), (other, &second.rendering)],
                arguments.each,
            ));
        }
        for question in questions.into_iter().filter(wanted) {
            measured.push(examiner.measure(question, index)?);
        }
    }
    Ok(measured)
}

fn is_first(repository: &Repository, cluster: &Cluster) -> bool {
    let first = repository.clusters.first();
    first.is_some_and(|first| std::ptr::eq(first, cluster))
}

/// Prints a question with the answers that are wrong, or with all.
fn show(measured: &Measured<'_>, repositories: &[Repository], verbose: bool) {
    let question = &measured.question;
    let draft = &question.draft;
    for method in [Method::Command, Method::Grep] {
        let Some(outcome) = measured.outcomes.get(&method) else {
            continue;
        };
        let wrong = outcome.right == Some(false);
        if !wrong && !verbose {
            continue;
        }
        println!("{}: {}", repositories[measured.repository].name, question.text());
        match method {
            Method::Command => println!("  flux-infra-guide {}", draft.command.join(" ")),
            _ => println!(
                "  grep -E '{}' {}",
                draft.entry.as_deref().unwrap_or_default(),
                question.class.catalog.file()
            ),
        }
        for fact in &draft.answer {
            println!("  expected on one line: {}", fact.expected());
            if wrong && !fact.none.is_empty() {
                println!("  and none of: {}", fact.none.join(" | "));
            }
        }
        println!(
            "  {} tokens, {} calls{}",
            outcome.tokens,
            outcome.calls,
            if wrong { ", WRONG" } else { "" }
        );
        for line in outcome.output.lines() {
            println!("  > {line}");
        }
    }
}
