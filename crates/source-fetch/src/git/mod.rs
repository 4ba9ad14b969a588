//! Git repositories, fetched by the user's Git, whose credential helpers, ssh and proxies work.
//!
//! Nothing that is fetched is run: no hook, filter, submodule or other transport. The files are read from Git's objects and never
//! checked out.

mod command;
mod listing;
mod revision;

use camino::Utf8Path;
use git_plumbing::NoAnswer;
use source_cache::{Declared, GitRevision, LockedContent, LockedSource, SourceCache};

use crate::content::{check_locked, locked_source};
use crate::network::{Network, blocking};
use crate::options::FetchOptions;
use crate::problem::Problem;
use command::Remote;
use revision::{Found, Reference};

/// Resolves a revision and gets its files. `locked` is the content that it must have.
pub(crate) async fn fetch(
    network: &Network,
    cache: &SourceCache,
    declared: &Declared,
    revision: &GitRevision,
    locked: Option<&LockedSource>,
) -> Result<LockedSource, Problem> {
    let (options, cache) = (network.options.clone(), cache.clone());
    let (declared, revision, locked) = (declared.clone(), revision.clone(), locked.cloned());
    blocking(move || fetch_now(&options, &cache, &declared, &revision, locked.as_ref())).await
}

/// The commit that a revision names now, as in [`LockedSource::resolved`].
pub(crate) async fn resolve(network: &Network, url: &str, revision: &GitRevision) -> Result<String, Problem> {
    let (options, url, revision) = (network.options.clone(), url.to_owned(), revision.clone());
    blocking(move || {
        let remote = Remote::new(&url, &options)?;
        Ok(find(&remote, &revision)?.resolved())
    })
    .await
}

fn fetch_now(
    options: &FetchOptions,
    cache: &SourceCache,
    declared: &Declared,
    revision: &GitRevision,
    locked: Option<&LockedSource>,
) -> Result<LockedSource, Problem> {
    let remote = Remote::new(&declared.url, options)?;
    let found = match locked {
        Some(locked) => Found::parse(&locked.resolved).ok_or_else(|| {
            Problem::new(format!(
                "the lock file states {}, which is no commit",
                locked.resolved
            ))
            .hint("delete its line and fetch again")
        })?,
        None => find(&remote, revision)?,
    };
    let temporary =
        tempfile::tempdir().map_err(|error| Problem::new(format!("no temporary folder: {error}")))?;
    let folder = Utf8Path::from_path(temporary.path())
        .ok_or_else(|| Problem::new("the temporary folder has a name that is not UTF-8"))?;
    download(&remote, folder, &found)?;
    let listing = listing::keep(folder, &found.commit, cache, &options.limits)?;
    let digest = cache.write(listing.to_text().as_bytes())?;
    check_locked(locked, &digest, &declared.url)?;
    Ok(locked_source(
        declared,
        found.resolved(),
        digest,
        LockedContent::Tree,
    ))
}

/// The commit that a revision names now.
fn find(remote: &Remote, revision: &GitRevision) -> Result<Found, Problem> {
    if let GitRevision::Commit(commit) = revision {
        return Found::parse_commit(commit)
            .ok_or_else(|| Problem::new(format!("its commit {commit} is not a whole one, of 40 digits")));
    }
    let patterns = revision::patterns(revision);
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    let arguments = [&["ls-remote", "--", remote.url()], &patterns[..]].concat();
    let answer = remote.run(&arguments, None)?;
    let references = Reference::parse_all(&String::from_utf8_lossy(&answer));
    revision::choose(revision, &references)
}

/// Gets the objects of a commit into an empty repository: only that commit if the server allows it, else the whole history of the
/// references that may hold it.
fn download(remote: &Remote, folder: &Utf8Path, found: &Found) -> Result<(), Problem> {
    let format = match found.commit.len() {
        64 => "--object-format=sha256",
        _ => "--object-format=sha1",
    };
    remote.run(&["init", "-q", "--template=", format, folder.as_str()], None)?;
    let has_commit = || git_plumbing::commit(folder, &found.commit).is_ok();
    let fetch = |depth: &[&str], wanted: &[&str]| {
        let options = [
            "fetch",
            "--progress",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
        ];
        let arguments = [&options[..], depth, &["--", remote.url()], wanted].concat();
        remote.run(&arguments, Some(folder)).map(drop)
    };
    let first = fetch(&["--depth=1"], &[&found.commit]);
    if first.is_ok() && has_commit() {
        return Ok(());
    }
    // Old servers, and those over plain files, serve branches and tags only.
    let of_reference = found
        .reference
        .as_ref()
        .map(|reference| format!("+{reference}:refs/fetched/0"));
    let all = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
    let second = match &of_reference {
        Some(reference) => fetch(&[], &[reference]),
        None => fetch(&[], &all),
    };
    second.map_err(|second| first.err().unwrap_or(second))?;
    match has_commit() {
        true => Ok(()),
        false => Err(
            Problem::new(format!("the repository has no commit {} any more", found.commit))
                .hint("choose anew: flux-infra-guide fetch --update"),
        ),
    }
}

impl From<NoAnswer> for Problem {
    fn from(NoAnswer(reason): NoAnswer) -> Self {
        Problem::new(reason)
    }
}
