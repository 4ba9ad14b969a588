//! Where does it get its credentials? The paths of the secrets of a service, of a Secret, or from a path in a store.

mod path;
mod text;

use crate::Facts;
use crate::answer::display_answer;
use crate::find::{Matched, QueryError, find_for, find_service};
use crate::next_steps::{self, Answer, Step};
use crate::{Question, Subject};

pub use path::SecretPath;
pub(crate) use path::{paths, paths_of_service, reader};
pub(crate) use text::path_lines;

/// The paths of secrets.
#[derive(Clone, Debug, PartialEq)]
pub struct SecretAnswer<'a> {
    /// Key of the service that was asked about, if it was one.
    pub service: Option<&'a str>,
    /// The paths, by carrier.
    pub paths: Vec<SecretPath<'a>>,
    /// Commands that show where one got stuck, in the order in which to run them.
    pub check: Vec<Step>,
}

impl Answer for SecretAnswer<'_> {
    fn steps(&self) -> &[Step] {
        &self.check
    }
}

display_answer!(SecretAnswer<'_>);

/// Follows secrets from their store to their readers. `term` is a service, the name of a Secret or of what makes
/// it, or a path in Vault.
///
/// # Errors
/// [`QueryError`]
pub fn secret<'a>(facts: &'a dyn Facts, term: &str) -> Result<SecretAnswer<'a>, QueryError> {
    let hits = find_for(facts, term, Question::Secret)?;
    let services = hits
        .iter()
        .filter(|hit| matches!(hit.subject, Subject::Service(..)))
        .count();
    if services > 0 && (services == hits.len() || hits.iter().all(|hit| hit.matched < Matched::Part)) {
        let (key, service) = find_service(facts, term)?;
        let paths = paths_of_service(facts, key);
        let check = match paths.first() {
            Some(first) => next_steps::for_secret(facts, first.carrier, first.secret, Some(service)),
            None => Vec::new(),
        };
        return Ok(SecretAnswer {
            service: Some(key),
            paths,
            check,
        });
    }
    let is_meant = |path: &SecretPath<'_>| {
        hits.iter().any(|hit| match hit.subject {
            Subject::SecretReference(_, reference) => {
                path.secret == Some((reference.namespace.as_str(), reference.name.as_str()))
            }
            Subject::SecretStore(key, _) => path.store.is_some_and(|(store, _)| store == key),
            subject if hit.matched == Matched::SecretPath => {
                path.carrier == Some(subject) && path.begins_at(term)
            }
            subject => path.carrier == Some(subject),
        })
    };
    let paths: Vec<SecretPath<'a>> = paths(facts).into_iter().filter(is_meant).collect();
    let check = match paths.first() {
        None => Vec::new(),
        Some(path) => {
            let mut readers = path.readers().into_iter();
            let reader = readers.find_map(|reader| facts.services().get(reader));
            next_steps::for_secret(facts, path.carrier, path.secret, reader)
        }
    };
    Ok(SecretAnswer {
        service: None,
        paths,
        check,
    })
}
