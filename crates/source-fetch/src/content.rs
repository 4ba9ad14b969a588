//! A packed chart that has arrived.

use source_cache::{CacheError, Digest, NewBlob, unpack};
use source_tree::Limits;

use crate::problem::Problem;

/// Keeps a blob in the cache once it is known to be an archive that stays within itself, with the bytes that it should have.
pub(crate) fn keep(
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

/// What is said of bytes that are others than they should be.
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
