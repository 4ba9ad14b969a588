//! Downloaded content, checked against its digest, and its line for the lock file.

use source_cache::{CacheError, Declared, Digest, LockedContent, LockedSource, NewBlob, unpack};
use source_tree::Limits;

use crate::problem::Problem;

/// The line of a source for the lock file.
pub(crate) fn locked_source(
    declared: &Declared,
    resolved: String,
    digest: Digest,
    content: LockedContent,
) -> LockedSource {
    LockedSource {
        object: declared.object.clone(),
        url: declared.url.clone(),
        requested: declared.requested.clone(),
        resolved,
        digest,
        content,
    }
}

/// Refuses content whose digest is not the locked one.
pub(crate) fn check_locked(
    locked: Option<&LockedSource>,
    digest: &Digest,
    shown: &str,
) -> Result<(), Problem> {
    match locked.filter(|locked| locked.digest != *digest) {
        Some(locked) => Err(wrong_digest(shown, &locked.digest, digest, true)),
        None => Ok(()),
    }
}

/// Keeps a blob in the cache if it has the expected bytes and is an archive whose files do not leave it.
pub(crate) fn keep_archive(
    mut blob: NewBlob<'_>,
    expected: Option<&Digest>,
    shown: &str,
    is_locked: bool,
) -> Result<Digest, Problem> {
    let bytes = blob.read()?;
    if let Some(expected) = expected
        && Digest::of(&bytes) != *expected
    {
        return Err(wrong_digest(shown, expected, &Digest::of(&bytes), is_locked));
    }
    unpack(&bytes, &Limits::default()).map_err(|error| Problem::new(format!("{shown}: {error}")))?;
    match blob.finish(expected) {
        Err(CacheError::WrongDigest { expected, found }) => {
            Err(wrong_digest(shown, &expected, &found, is_locked))
        }
        kept => Ok(kept?),
    }
}

/// The problem of content with another digest than the lock file or the server states.
pub(crate) fn wrong_digest(shown: &str, expected: &Digest, found: &Digest, is_locked: bool) -> Problem {
    let stated_by = if is_locked { "the lock file" } else { "the server" };
    let problem = Problem::new(format!(
        "{shown} has other bytes than it should: {stated_by} states {expected}, it has {found}"
    ));
    match is_locked {
        true => problem.hint(
            "find out why the content of a version has changed; to take the new one: flux-infra-guide fetch --update",
        ),
        false => problem,
    }
}
