//! Git repositories, by the user's Git: its credential helpers, its ssh and its proxies are those that work for him.
//!
//! Nothing of what is fetched runs: no hook, filter, submodule or transport of another name, and the files are read from
//! Git's objects and never checked out.

mod command;
mod listing;
mod revision;

use camino::Utf8Path;
use git_plumbing::NoAnswer;
use source_cache::{Declared, GitRevision, LockedContent, LockedSource, SourceCache};

use crate::network::{Network, blocking};
use crate::options::FetchOptions;
use crate::problem::Problem;
use command::Remote;
use revision::{Found, Reference};

/// Resolves a revision, and gets its files. `locked` is the content that it must have.
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

/// The commit that a revision names now, as [`LockedSource::resolved`] has it.
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
    download(&remote, folder, &found, revision)?;
    let listing = listing::keep(folder, &found.commit, cache, &options.limits)?;
    let digest = cache.write(listing.to_text().as_bytes())?;
    if let Some(locked) = locked.filter(|locked| locked.digest != digest) {
        return Err(crate::chart_archive::wrong_digest(
            &declared.url,
            &locked.digest,
            &digest,
            true,
        ));
    }
    Ok(LockedSource {
        object: declared.object.clone(),
        url: declared.url.clone(),
        requested: declared.requested.clone(),
        resolved: found.resolved(),
        digest,
        content: LockedContent::Tree,
    })
}

/// The commit that a revision names now.
fn find(remote: &Remote, revision: &GitRevision) -> Result<Found, Problem> {
    if let GitRevision::Commit(commit) = revision {
        return Found::parse_commit(commit)
            .ok_or_else(|| Problem::new(format!("its commit {commit} is not a whole one, of 40 digits")));
    }
    let patterns = revision::patterns(revision);
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    let answer = remote.ask(
        &[&["ls-remote", "--", remote.url()], &patterns[..]].concat(),
        None,
    )?;
    let references = Reference::parse_all(&String::from_utf8_lossy(&answer));
    revision::choose(revision, &references)
}

/// Gets the objects of a commit into an empty repository: of it alone where the server allows that, else the whole history of
/// what may hold it.
fn download(
    remote: &Remote,
    folder: &Utf8Path,
    found: &Found,
    revision: &GitRevision,
) -> Result<(), Problem> {
    let format = match found.commit.len() {
        64 => "--object-format=sha256",
        _ => "--object-format=sha1",
    };
    remote.ask(&["init", "-q", "--template=", format, folder.as_str()], None)?;
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
        remote.ask(&arguments, Some(folder)).map(drop)
    };
    let first = fetch(&["--depth=1"], &[&found.commit]);
    if first.is_ok() && has_commit() {
        return Ok(());
    }
    // Old servers, and those of plain files, give branches and tags alone.
    let wanted = match (&found.reference, revision) {
        (Some(reference), _) => vec![format!("+{reference}:refs/fetched/0")],
        (None, _) => vec![
            "+refs/heads/*:refs/heads/*".to_owned(),
            "+refs/tags/*:refs/tags/*".to_owned(),
        ],
    };
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    fetch(&[], &wanted).map_err(|second| first.err().unwrap_or(second))?;
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
