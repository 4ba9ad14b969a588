//! `tour`: writes `docs/tour.md`, five questions about the large fixture with their whole answers.

use std::fmt::Display;

use anyhow::{Context, Result};
use catalog_emit::FileSet;
use infra_model::Infrastructure;
use infra_query as query;

use crate::{regen, workspace};

/// Write docs/tour.md: transcripts of five commands on the fixture.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing; print a diff and fail where the file is not current.
    #[arg(long)]
    check: bool,
}

/// The tour, from the top of the workspace.
pub(crate) const FILE: &str = "docs/tour.md";

/// The repository that the tour is about.
pub(crate) const FIXTURE: &str = "fixtures/infra-flux-nonprod-test";

pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let root = workspace::root();
    let scan = regen::scan(&root.join(FIXTURE))?;
    let cluster = scan.clusters.first().context("the fixture holds no cluster")?;
    let mut files = FileSet::new(&root);
    files.add(FILE, text(&cluster.infrastructure)?)?;
    if arguments.check {
        let is_current = regen::print_differences(&files)? == 0;
        if !is_current {
            println!("{FILE} is not current: run `cargo xtask tour` and commit the result");
        }
        return Ok(is_current);
    }
    let state = match files.apply()?.written.is_empty() {
        true => "was current",
        false => "written",
    };
    println!("{FILE} {state}");
    Ok(true)
}

/// The tour of a model.
pub(crate) fn text(model: &Infrastructure) -> Result<String> {
    let mut text = format!(
        "# A tour in five questions\n\n\
         Written by `cargo xtask tour`. The repository is [{FIXTURE}](../{FIXTURE}); in it, `flux-infra-guide regen` was run\n\
         once. `--next` prints every command to run next.\n"
    );
    let mut stop = |title: &str, answers: &str, command: &str, answer: &dyn Display| {
        text.push_str(&format!(
            "\n## {title}\n\n{answers}\n\n```console\n$ flux-infra-guide {command}\n{answer}```\n"
        ));
    };
    stop(
        "Where does it run?",
        "Says in which namespace a service runs, what applies it, and which file to edit.",
        "where papi",
        &query::where_is(model, "papi")?,
    );
    stop(
        "How does it get there?",
        "Follows a service from its source through Flux to its images, configuration, secrets and the services around it.",
        "trace papi",
        &query::trace(model, "papi")?,
    );
    stop(
        "Where does it get its credentials?",
        "Follows each secret from where it is kept to the file or variable in the pod; values are never known.",
        "secret papi",
        &query::secret(model, "papi")?,
    );
    stop(
        "What fails with it?",
        "Tells what needs a thing, what is applied through it, and what waits for it.",
        "impact postgres-primary",
        &query::impact(model, "postgres-primary")?,
    );
    stop(
        "How is a new version rolled out?",
        "Names the file that decides an image's tag, everything that runs it, and the command that sets another tag.",
        "image papi",
        &query::image(model, "papi", "NEW_TAG")?,
    );
    text.push_str(
        "\nMore: `flux-infra-guide --help` lists every command, and [the README](../README.md) says how to start on a repository\nof your own.\n",
    );
    Ok(text)
}
