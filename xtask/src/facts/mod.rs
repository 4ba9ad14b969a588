//! `facts`: precision and recall of the catalogs, against facts of rendered objects.
//!
//! Independent of the code that writes the catalogs: it reads rendered JSON and catalog JSON, and nothing else.

mod catalog;
mod charts;
mod config;
mod fact;
mod network;
pub(crate) mod pod;
mod rendered;
mod rollout;
mod secrets;

use std::collections::BTreeSet;

use anyhow::{Context, Result, anyhow};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use crate::eval::rendering::records;
use crate::json::entries;
use crate::workspace;

use fact::Facts;
pub(crate) use fact::unhashed;

/// Compare the facts of the catalogs with the facts of what Flux renders, for the large fixture and every repository of
/// ../shared/corpus.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only repositories whose folder contains this.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Print every fact that stands on one side only.
    #[arg(long)]
    diff: bool,
    /// Prove the rollout contract in place of facts: a new tag at every image group's place changes exactly its services.
    #[arg(long)]
    rollout: bool,
    /// Look inside of releases too: charts are rendered from this folder, and by the `helm` on PATH to compare with.
    #[arg(long, value_name = "DIR")]
    charts: Option<Utf8PathBuf>,
}

/// A repository with facts in every class.
const FIXTURE: &str = "infra-flux-nonprod-test";
/// Its cluster entry.
const FIXTURE_ENTRY: &str = "clusters/nonprod-test";

/// The classes, in the order of the report.
pub(crate) const CLASSES: [&str; 17] = [
    "workload",
    "image",
    "helmRelease",
    "kustomization",
    "configMapKey",
    "secretProviderClass",
    "usesConfigMap",
    "usesSecret",
    "usesSecretProviderClass",
    "usage",
    "configMapValue",
    "externalSecret",
    "madeBy",
    "dns",
    "host",
    "containerPort",
    "selector",
];

pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let wanted = |name: &str| arguments.only.as_deref().is_none_or(|only| name.contains(only));
    let fixtures = workspace::root().join("fixtures");
    let mut repositories: Vec<(String, Utf8PathBuf)> = vec![(FIXTURE.to_owned(), fixtures.join(FIXTURE))];
    let mut folders: Vec<Utf8PathBuf> = Vec::new();
    match workspace::shared() {
        None => println!("skipped: no ../shared"),
        Some(shared) => {
            for entry in shared.join("corpus").read_dir_utf8()? {
                let path = entry?.into_path();
                folders.extend(Some(path).filter(|path| path.join("repo").is_dir()));
            }
        }
    }
    folders.sort();
    for folder in &folders {
        let name = folder.file_name().unwrap_or_default().to_owned();
        repositories.push((name, folder.join("repo")));
    }
    repositories.retain(|(name, _)| wanted(name));
    if arguments.rollout {
        return rollouts(&repositories, arguments.charts.as_deref());
    }
    if let Some(charts) = &arguments.charts {
        return with_charts(&repositories, charts, arguments.diff);
    }
    let mut all_equal = true;
    for (name, repository) in &repositories {
        all_equal &= if name == FIXTURE {
            check_fixture(&fixtures, arguments.diff)
        } else {
            check_folder(name, repository, arguments.diff)
        }
        .with_context(|| format!("measuring {name}"))?;
    }
    Ok(all_equal)
}

/// Adds the objects that `helm` renders for the releases of a cluster to its records.
pub(crate) fn add_charts(
    records: &mut [Value],
    entry: &str,
    charts: &Utf8Path,
    repository: &Utf8Path,
) -> Result<()> {
    let catalogs = crate::regen::catalogs(repository, entry, Some(charts))?;
    charts::render(records, &catalogs, charts, repository).map(drop)
}

/// Compares the objects that charts make with the catalogs.
fn with_charts(repositories: &[(String, Utf8PathBuf)], charts: &Utf8Path, diff: bool) -> Result<bool> {
    let mut all_equal = true;
    for (name, repository) in repositories.iter().filter(|(name, _)| name != FIXTURE) {
        for (entry, file) in entries_of(repository)? {
            let mut records = records(&file)?;
            let catalogs = crate::regen::catalogs(repository, entry.as_str(), Some(charts))?;
            let releases = charts::render(&mut records, &catalogs, charts, repository)
                .with_context(|| format!("rendering {name}"))?;
            let (mut rendered, mut catalog) = (rendered::facts(&records), catalog::facts(&catalogs));
            for (class, fact) in releases.uses.iter().cloned() {
                fact::add(&mut rendered, class, fact);
            }
            for facts in [&mut rendered, &mut catalog] {
                facts.retain(|class, _| charts::CLASSES.contains(class));
                for known in facts.values_mut() {
                    known.retain(|fact| !releases.leaves_out(fact) && !fact.contains("${"));
                }
            }
            let services: Vec<&Value> = entries(&catalogs.services["services"])
                .map(|(_, service)| service)
                .collect();
            let unknown = services.iter().filter(|service| service["workload"].is_null());
            all_equal &= report(&format!("{name} {entry}"), &rendered, &catalog, diff);
            println!(
                "  {} releases rendered, {} of them with another version, {} not compared; workload unknown: {} of \
                 {} services",
                releases.count,
                releases.other_version,
                releases.not_compared,
                unknown.count(),
                services.len()
            );
        }
    }
    Ok(all_equal)
}

/// Proves the rollout contract on every image group.
fn rollouts(repositories: &[(String, Utf8PathBuf)], charts: Option<&Utf8Path>) -> Result<bool> {
    let yq = rollout::yq();
    if yq.is_none() {
        println!("skipped: no yq, so yqPath is not read");
    }
    let mut holds = true;
    for (name, repository) in repositories {
        let outcome = rollout::check(repository, usize::MAX, yq.as_deref(), charts)
            .map_err(|error| anyhow!("{name}: {error}"))?;
        println!(
            "{name}: {} of {} image groups hold, {} read by yq; {} of releases whose charts are rendered, {} of these by \
             a chart's default; {} images that no group decides",
            outcome.tried.saturating_sub(outcome.broken.len()),
            outcome.groups,
            outcome.read_by_yq,
            outcome.of_charts,
            outcome.by_default,
            outcome.undecided.len(),
        );
        for line in &outcome.undecided {
            println!("    undecided: {line}");
        }
        for line in &outcome.broken {
            println!("    {line}");
        }
        holds &= outcome.broken.is_empty();
    }
    Ok(holds)
}

/// Compares the facts of the fixture, which has some in every class, so that none goes unmeasured.
fn check_fixture(fixtures: &Utf8Path, diff: bool) -> Result<bool> {
    let records = records(&fixtures.join(format!("expected/{FIXTURE}.jsonl")))?;
    let repository = fixtures.join(FIXTURE);
    let (mut equal, rendered) = check_entry(FIXTURE, &repository, FIXTURE_ENTRY, &records, diff)?;
    for class in CLASSES {
        if rendered.get(class).is_none_or(BTreeSet::is_empty) {
            println!("  {class} has no facts in the fixture");
            equal = false;
        }
    }
    Ok(equal)
}

fn check_folder(name: &str, repository: &Utf8Path, diff: bool) -> Result<bool> {
    let mut equal = true;
    for (entry, file) in entries_of(repository)? {
        equal &= check_entry(name, repository, entry.as_str(), &records(&file)?, diff)?.0;
    }
    Ok(equal)
}

/// Whether the facts of an entry's catalogs equal those of its records, and the latter.
fn check_entry(
    name: &str,
    repository: &Utf8Path,
    entry: &str,
    records: &[Value],
    diff: bool,
) -> Result<(bool, Facts)> {
    let catalogs = crate::regen::catalogs(repository, entry, None)?;
    let (mut rendered, mut catalog) = (rendered::facts(records), catalog::facts(&catalogs));
    config::without_unknown(&mut rendered, &mut catalog);
    let equal = report(&format!("{name} {entry}"), &rendered, &catalog, diff);
    Ok((equal, rendered))
}

/// The entries of a repository that have a rendering, with its file.
fn entries_of(repository: &Utf8Path) -> Result<Vec<(Utf8PathBuf, Utf8PathBuf)>> {
    let expected = repository.with_file_name("expected");
    if !expected.is_dir() {
        return Ok(Vec::new());
    }
    let mut files: Vec<_> = expected.read_dir_utf8()?.collect::<Result<_, _>>()?;
    files.sort_by_key(|entry| entry.file_name().to_owned());
    let entry = |file: &camino::Utf8DirEntry| {
        let stem = file.file_name().trim_end_matches(".jsonl");
        let entry = entry_folder(repository, Utf8Path::new(""), stem)?
            .with_context(|| format!("no folder of {repository} is {stem}"))?;
        Ok((entry, file.path().to_owned()))
    };
    files.iter().map(entry).collect()
}

/// The folder below `folder` whose path, with `_` for `/`, is `stem`.
fn entry_folder(repository: &Utf8Path, folder: &Utf8Path, stem: &str) -> Result<Option<Utf8PathBuf>> {
    for entry in repository.join(folder).read_dir_utf8()? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        let flat = path.as_str().replace('/', "_");
        if flat == stem {
            return Ok(Some(path));
        }
        if entry.file_type()?.is_dir()
            && stem.starts_with(&format!("{flat}_"))
            && let Some(found) = entry_folder(repository, &path, stem)?
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn report(title: &str, rendered: &Facts, catalog: &Facts, diff: bool) -> bool {
    println!("{title}");
    let mut equal = true;
    for class in CLASSES {
        let empty = BTreeSet::new();
        let expected = rendered.get(class).unwrap_or(&empty);
        let actual = catalog.get(class).unwrap_or(&empty);
        if expected.is_empty() && actual.is_empty() {
            println!("  {class:<26} not measured: no facts");
            continue;
        }
        let common = expected.intersection(actual).count();
        println!(
            "  {class:<26} precision {:.3} recall {:.3} ({common} common, {} rendered, {} catalogued)",
            ratio(common, actual.len()),
            ratio(common, expected.len()),
            expected.len(),
            actual.len(),
        );
        equal &= expected == actual;
        if diff {
            for fact in expected.difference(actual) {
                println!("    - {fact}");
            }
            for fact in actual.difference(expected) {
                println!("    + {fact}");
            }
        }
    }
    equal
}

#[allow(clippy::cast_precision_loss, reason = "counts of facts are far below 2^52")]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(texts: &[&str]) -> Facts {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        Facts::from([("workload", texts)])
    }

    #[test]
    fn equal_facts_are_equal_and_a_missing_or_further_one_is_not() {
        let both = facts(&["a", "b"]);
        assert!(report("equal", &both, &both, false));
        assert!(!report("missing", &both, &facts(&["a"]), true));
        assert!(!report("further", &facts(&["a"]), &both, true));
        assert!(!report("none", &both, &Facts::new(), false));
    }

    #[test]
    fn a_ratio_of_nothing_is_whole() {
        assert!((ratio(1, 4) - 0.25).abs() < f64::EPSILON);
        assert!((ratio(0, 0) - 1.0).abs() < f64::EPSILON);
    }
}
