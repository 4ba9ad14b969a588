//! `regen`: writes catalogs and skills.

use std::mem;
use std::panic::resume_unwind;
use std::thread;

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::{Form, ScanRecord};
use clap::ValueEnum;
use infra_model::{Diagnostic, Infrastructure};
use plain_text::printable;
use skill_render::{Frontmatter, RenderOptions, TEMPLATES, Templates};

use crate::argument_file;
use crate::clock;
use crate::exit::{Exit, Failure, printed};
use crate::freshness_note;
use crate::output::{self, emit_failure};
use crate::plugin_files;
use crate::regenerate::{DATA, RegenerateError, RegenerateOptions, Regeneration};
use crate::report;
use crate::scan_args::{ScanArgs, ScanOptionArgs};
use crate::terminal::Terminal;
use crate::understood::{self, Understood};
use crate::work_tree;

/// Write catalogs and skills of a repository.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  flux-infra-guide regen
  flux-infra-guide regen --agents
  flux-infra-guide regen --plugin
  flux-infra-guide regen ~/infra --out ~/plugins/rwenv/skills
  flux-infra-guide regen --check --fail-on error")]
pub(crate) struct Arguments {
    #[command(flatten)]
    scan: ScanArgs,
    /// Folder of skills to write to. Default: .claude/skills, with --plugin skills.
    #[arg(long, value_name = "DIR")]
    out: Option<Utf8PathBuf>,
    /// Make the folder around the skills a plugin of Claude Code and its own marketplace.
    #[arg(long)]
    plugin: bool,
    /// Write the skills to .agents/skills too, where agents other than Claude Code look for them.
    #[arg(long, conflicts_with_all = ["out", "plugin"])]
    agents: bool,
    /// Write nothing; print what would change, and exit with code 1 if anything would.
    #[arg(long)]
    check: bool,
    /// Overwrite a skill of the same name that this program did not write.
    #[arg(long)]
    force: bool,
    /// Indented JSON in place of one entry a line.
    #[arg(long)]
    pretty: bool,
    /// Form of the trigger phrases in the frontmatter: as the Agent Skills specification has them, or as rwenv reads them.
    #[arg(long, value_name = "FORM", default_value = "spec")]
    frontmatter: FrontmatterArgument,
    /// Folder with templates that replace the built-in ones, by file name.
    #[arg(long, value_name = "DIR")]
    templates: Option<Utf8PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FrontmatterArgument {
    Spec,
    Rwenv,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let out = match (&arguments.out, arguments.plugin) {
        (Some(out), _) => out.clone(),
        (None, true) => plugin_files::SKILLS.into(),
        (None, false) => ".claude/skills".into(),
    };
    let mut outs = vec![out.clone()];
    if arguments.agents {
        outs.push(".agents/skills".into());
    }
    let generated_at = clock::now()?;
    let overrides = arguments
        .templates
        .as_deref()
        .map(templates)
        .transpose()?
        .unwrap_or_default();
    // Templates are compiled while the scan waits for the disk.
    let (scanned, templates) = thread::scope(|scope| {
        let templates = scope.spawn(|| Templates::new(&overrides));
        (arguments.scan.scan(terminal), templates.join())
    });
    let scanned = scanned?;
    let mut locks = Vec::new();
    for out in outs.iter().filter(|_| !arguments.check) {
        locks.push(output::prepare(out, &scanned.folder, arguments.force)?);
    }
    let templates = templates
        .unwrap_or_else(|panic| resume_unwind(panic))
        .map_err(|error| failure(error.into()))?;
    let (tree, reads) = (scanned.tree, scanned.reads);
    let (folder, began) = (scanned.folder, scanned.began);
    let understood: Vec<Understood> = scanned.scan.clusters.iter().map(Understood::new).collect();
    let coverage = scanned.scan.coverage.clone();
    let by_hand = understood::applied_by_hand(&scanned.scan.clusters, &coverage);
    let part = work_tree::part_of(&folder, &scanned.scan.clusters);
    let part = part.map(|(message, top)| {
        let hint = format!("name the whole repository: flux-infra-guide regen {top}");
        (message, hint)
    });
    let (infrastructures, objects) = scanned.scan.split();
    // The process exits soon; freeing so many small trees takes longer than writing the files.
    mem::forget(objects);
    for (message, hint) in part
        .into_iter()
        .chain(by_hand)
        .chain(understood::warnings(&understood))
    {
        report::loud_warning(terminal, &message, &hint);
    }
    let findings: Vec<(String, &[Diagnostic])> = infrastructures
        .iter()
        .map(|cluster| (cluster_name(cluster), &cluster.diagnostics[..]))
        .collect();
    report::of_clusters(terminal, &findings);
    if !understood.is_empty() && understood.iter().all(Understood::is_nothing) {
        let failure = Failure::input("no cluster could be built, so nothing is written");
        return Err(failure
            .hint("fix the errors above, or name another folder that Flux reconciles with --cluster PATH"));
    }
    let options = RegenerateOptions {
        out: out.clone(),
        generated_at,
        form: if arguments.pretty {
            Form::Pretty
        } else {
            Form::Lines
        },
        render: RenderOptions {
            frontmatter: match arguments.frontmatter {
                FrontmatterArgument::Spec => Frontmatter::Spec,
                FrontmatterArgument::Rwenv => Frontmatter::Rwenv,
            },
            regen_args: regen_args(&arguments.scan.options),
        },
    };
    let regenerate = || {
        let outs = outs.iter();
        let all = outs.map(|out| {
            let options = RegenerateOptions {
                out: out.clone(),
                ..options.clone()
            };
            Regeneration::new(&infrastructures, &templates, &options)
        });
        all.collect::<Result<Vec<Regeneration<'_>>, RegenerateError>>()
    };
    let inputs = || freshness::inputs(&*tree, &reads.asked());
    let (regenerations, inputs) =
        flux_scan::with_jobs(arguments.scan.options.jobs, || rayon::join(regenerate, inputs))
            .map_err(Failure::input)?;
    let mut regenerations = regenerations.map_err(failure)?;
    let record = ScanRecord::new(infrastructures.iter().map(cluster_name).collect(), inputs);
    for regeneration in &mut regenerations {
        regeneration.add_record(&record).map_err(failure)?;
    }
    let repository = infrastructures
        .first()
        .map(|cluster| cluster.metadata.generated_from.as_str());
    let plugin = match arguments.plugin {
        true => {
            let repository = repository.unwrap_or_default();
            Some(plugin_files::files(
                &out,
                repository,
                &overrides,
                arguments.force,
            )?)
        }
        false => None,
    };
    if arguments.check {
        let mut differences = Vec::new();
        for regeneration in &regenerations {
            differences.extend(regeneration.differences().map_err(emit_failure)?);
        }
        if let Some(plugin) = &plugin {
            differences.extend(plugin.differences().map_err(emit_failure)?);
        }
        for difference in &differences {
            printed(terminal.out(&difference.diff))?;
        }
        if !differences.is_empty() {
            let count = differences.len();
            let folders: Vec<&str> = outs.iter().map(|out| out.as_str()).collect();
            let message = format!("{count} files in {} are not current", folders.join(" and "));
            return Err(Failure::new(Exit::No, message).hint("run the same command without --check"));
        }
    } else {
        for regeneration in &regenerations {
            regeneration.write().map_err(emit_failure)?;
        }
        if let Some(plugin) = &plugin {
            plugin.apply().map_err(emit_failure)?;
        }
        drop(locks);
        for out in &outs {
            freshness_note::remember(&out.join(DATA), &folder, began, &*tree, &record.inputs);
        }
        if let (false, Some(regeneration)) = (terminal.quiet, regenerations.first()) {
            let mut summary = catalog_emit::summary(regeneration.catalogs());
            for out in &outs {
                summary.push_str(&format!("Written to: {}\n", printable(out.as_str())));
                let real = out.canonicalize_utf8().ok();
                let below = real.as_deref().and_then(|real| real.strip_prefix(&folder).ok());
                if let Some(line) = below.and_then(|below| work_tree::ignored_by(&folder, below)) {
                    summary.push_str(&format!(
                        "Git ignores it: .gitignore:{line}; `git add --force` commits it all the same\n"
                    ));
                }
            }
            let repository = arguments.scan.repository.as_str();
            summary.push_str(&understood::report(&understood, &coverage, repository));
            printed(terminal.out(&summary))?;
        }
    }
    let diagnostics = infrastructures.iter().flat_map(|cluster| &cluster.diagnostics);
    let exit = arguments.scan.options.exit(diagnostics);
    mem::forget(regenerations);
    mem::forget(infrastructures);
    Ok(exit)
}

/// The options that a later `regen` has to repeat.
fn regen_args(options: &ScanOptionArgs) -> Vec<String> {
    let mut words = Vec::new();
    for cluster in &options.cluster {
        words.extend(["--cluster".to_owned(), cluster.clone()]);
    }
    if let Some(root) = &options.root {
        words.extend(["--root".to_owned(), root.to_string()]);
    }
    if options.trust_knowledge {
        words.push("--trust-knowledge".to_owned());
    }
    words
}

fn cluster_name(cluster: &Infrastructure) -> String {
    match &cluster.metadata.cluster_name {
        Some(name) => name.clone(),
        None => cluster.metadata.cluster.to_string(),
    }
}

/// The templates of a folder. A file with another name is an error, because it is most likely a typo.
fn templates(folder: &Utf8Path) -> Result<Vec<(String, String)>, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::input(format!("cannot read templates in {folder}: {error}"));
    let mut templates = Vec::new();
    for entry in folder.read_dir_utf8().map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.file_type().map_err(unreadable)?.is_file() {
            let text = argument_file::read_text(entry.path()).map_err(unreadable)?;
            templates.push((entry.file_name().to_owned(), text));
        }
    }
    templates.sort();
    let known: Vec<&str> = TEMPLATES.iter().map(|(name, _)| *name).collect();
    if let Some((unknown, _)) = templates.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        return Err(Failure::usage(format!("{folder}/{unknown} replaces no template"))
            .hint(format!("templates are {}", known.join(", "))));
    }
    Ok(templates)
}

fn failure(error: RegenerateError) -> Failure {
    match error {
        RegenerateError::Emit(error) => emit_failure(error),
        RegenerateError::Render(error) => {
            Failure::input(error).hint("correct the template, or omit --templates")
        }
    }
}
