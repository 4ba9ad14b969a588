//! The work of `fetch`.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use flux_scan::ChartMode;
use source_cache::{LOCK_FILE, Lock, LockedSource, Unmet, VendorError};
use source_fetch::{Fetcher, Plan, Update};

use super::options::options;
use super::progress::TerminalProgress;
use super::remembered::{Memory, Scan};
use super::saved::{self, Saved};
use super::{Arguments, report};
use crate::cache;
use crate::exit::{Exit, Failure, printed};
use crate::fetched;
use crate::terminal::Terminal;

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let began = Instant::now();
    if arguments.scan.options.no_cache {
        return Err(
            Failure::usage("fetch is about the lock file and the cache").hint("leave --no-cache away")
        );
    }
    if cache::folder().is_none() {
        return Err(
            Failure::input("no folder for the cache is known").hint("set HOME or FLUX_INFRA_GUIDE_CACHE_DIR")
        );
    }
    let tree = arguments.scan.open()?;
    let before = fetched::read(&tree)?;
    let is_new = before.is_none();
    let before = before.unwrap_or_default();
    let cache = fetched::source_cache(SystemTime::now());
    let plan = plan(arguments);
    let memory = Memory::new(arguments, tree.root());
    let remembered = (!arguments.check && plan.update == Update::Nothing)
        .then(|| memory.recall(&tree, &before, &cache))
        .flatten();
    if arguments.offline {
        let unmet = match remembered {
            Some(_) => Vec::new(),
            None => scan(arguments, &before, terminal)?.sources.unmet(),
        };
        return offline(&unmet, &plan, terminal);
    }
    let fetcher = Fetcher::new(options(arguments)).map_err(Failure::input)?;
    let mut progress = TerminalProgress::new(terminal);
    if arguments.check {
        let sources = scan(arguments, &before, terminal)?.sources;
        let (outdated, failed) = fetcher.outdated(&sources, &plan, &mut progress);
        progress.clear();
        report::failures(terminal, &failed);
        printed(terminal.out(&report::outdated(&outdated)))?;
        return Ok(match (failed.is_empty(), outdated.is_empty()) {
            (false, _) => Exit::Input,
            (true, false) => Exit::No,
            (true, true) => Exit::Done,
        });
    }
    let is_unchanged = remembered.is_some();
    let mut last = None;
    let updated = match remembered {
        Some(remembered) => remembered.into_updated(&before),
        None => {
            let mut saved = Saved::new(tree.root(), &before, &mut progress);
            let scan_with = |lock: &Lock| {
                let scan = last.insert(scan(arguments, lock, terminal)?);
                Ok(Arc::clone(&scan.sources))
            };
            fetcher.update(&before, &cache, &plan, scan_with, &mut saved)?
        }
    };
    progress.clear();
    let is_written = updated.lock != before || (is_new && !updated.lock.is_empty());
    // Also if nothing changed but another fetch may have written the file meanwhile.
    if is_written || !updated.fetched.is_empty() {
        saved::write(tree.root(), &updated.lock).map_err(|error| {
            Failure::output(format!("cannot write {}: {error}", tree.root().join(LOCK_FILE)))
        })?;
    }
    if let Some(last) = &last {
        // Opened again, because the scan saw the folder before the lock file was written.
        memory.keep(last, &arguments.scan.open()?, &plan, &updated);
    }
    report::remarks(terminal, &updated);
    report::failures(terminal, &updated.failed);
    let mut text = report::changes(&before, &updated.lock);
    text.push_str(&report::totals(
        &updated,
        fetcher.totals(),
        began.elapsed(),
        &match (is_unchanged, is_written) {
            (true, _) => "the repository is as it was when everything was fetched".to_owned(),
            (false, true) => format!("{LOCK_FILE} is written"),
            (false, false) => format!("{LOCK_FILE} is as it was"),
        },
    ));
    if let Some(folder) = &arguments.vendor {
        let sources: Vec<LockedSource> = updated.lock.iter().cloned().collect();
        let limits = source_tree::Limits::default();
        let vendored =
            source_cache::vendor(&sources, &cache, &limits, folder).map_err(|error| match error {
                VendorError::Foreign(_) => Failure::output(&error).hint("name a folder that is empty or new"),
                VendorError::Content { .. } => {
                    Failure::input(&error).hint("fix what could not be fetched first")
                }
                VendorError::Io { .. } => Failure::output(&error),
            })?;
        text.push_str(&report::vendored(folder, &vendored));
    }
    printed(terminal.out(&text))?;
    Ok(match updated.failed.is_empty() {
        true => Exit::Done,
        false => Exit::Input,
    })
}

fn scan(arguments: &Arguments, lock: &Lock, terminal: &Terminal) -> Result<Scan, Failure> {
    let lock = fetched::Lock::Given(lock.clone());
    let scanned = arguments
        .scan
        .scan_locked(ChartMode::default(), &lock, terminal)?;
    Scan::new(scanned).ok_or_else(|| Failure::input("nothing was asked for"))
}

fn plan(arguments: &Arguments) -> Plan {
    let update = match arguments.update.as_slice() {
        [] => Update::Nothing,
        names if names.iter().any(|name| name == "*") => Update::Everything,
        names => Update::Named(names.to_vec()),
    };
    Plan {
        only: arguments.only.clone(),
        update,
        keeps_unused: !arguments.scan.options.cluster.is_empty(),
    }
}

/// Prints what would be fetched.
fn offline(unmet: &[Unmet], plan: &Plan, terminal: &Terminal) -> Result<Exit, Failure> {
    let lines: Vec<String> = unmet
        .iter()
        .filter(|unmet| plan.includes(&unmet.declared))
        .map(|unmet| {
            let declared = &unmet.declared;
            let line = format!("{}: {} of {}", declared.object, declared.requested, declared.url);
            format!("{}\n", plain_text::printable(&line))
        })
        .collect();
    if lines.is_empty() {
        printed(terminal.out("everything is locked and in the cache\n"))?;
        return Ok(Exit::Done);
    }
    printed(terminal.out(&lines.concat()))?;
    Ok(Exit::No)
}
