//! Where does it get its credentials? A service, Secret, carrier or Vault path turns into the ways that secrets go.

mod text;
mod way;

use crate::find::{Matched, QueryError, find_among, find_service};
use crate::next_steps::{self, Step};
use crate::{Question, Subject};
use infra_model::Infrastructure;

pub(super) use text::way_lines;
pub use way::Way;
pub(super) use way::{ways, ways_of};

use way::{keeps, only_of};

/// The ways of secrets.
#[derive(Clone, Debug, PartialEq)]
pub struct SecretAnswer<'a> {
    /// Key of the service that was asked about, if it was one.
    pub service: Option<&'a str>,
    /// The ways, by carrier.
    pub ways: Vec<Way<'a>>,
    /// Commands that show where one got stuck, in the order in which to run them.
    pub check: Vec<Step>,
}

/// Traces secrets from where they are kept to who reads them. `term` is a service, the name of a Secret or of what makes
/// it, or a path in Vault.
///
/// # Errors
/// [`QueryError`]
pub fn secret<'a>(infrastructure: &'a Infrastructure, term: &str) -> Result<SecretAnswer<'a>, QueryError> {
    let hits = find_among(infrastructure, term, |subject| Question::Secret.is_about(subject))?;
    let services = hits
        .iter()
        .filter(|hit| matches!(hit.subject, Subject::Service(..)))
        .count();
    let all = ways(infrastructure);
    if services > 0 && (services == hits.len() || hits.iter().all(|hit| hit.matched < Matched::Part)) {
        let (key, service) = find_service(infrastructure, term)?;
        let ways: Vec<Way<'a>> = all.into_iter().filter_map(|way| only_of(way, key)).collect();
        let check = match ways.first() {
            Some(first) => next_steps::for_secret(infrastructure, first.carrier, first.secret, Some(service)),
            None => Vec::new(),
        };
        return Ok(SecretAnswer {
            service: Some(key),
            ways,
            check,
        });
    }
    let ways: Vec<Way<'a>> = all
        .into_iter()
        .filter(|way| {
            hits.iter().any(|hit| match hit.subject {
                Subject::SecretReference(_, reference) => {
                    way.secret == Some((reference.namespace.as_str(), reference.name.as_str()))
                }
                Subject::SecretStore(key, _) => way.store.is_some_and(|(store, _)| store == key),
                subject if hit.matched == Matched::SecretPath => {
                    way.carrier == Some(subject) && keeps(way, term)
                }
                subject => way.carrier == Some(subject),
            })
        })
        .collect();
    let check = match ways.first() {
        None => Vec::new(),
        Some(way) => {
            let reader = way
                .readers()
                .into_iter()
                .find_map(|reader| infrastructure.services.get(reader));
            next_steps::for_secret(infrastructure, way.carrier, way.secret, reader)
        }
    };
    Ok(SecretAnswer {
        service: None,
        ways,
        check,
    })
}
