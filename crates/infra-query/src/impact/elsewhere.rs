//! What a term of `impact` means: subjects, a host, or the hosts of a subject in another cluster.

use crate::find::{Hit, Matched, NotFound, QueryError, find, host};
use crate::network::{Names, naming, records};
use crate::question::lower;
use crate::{Facts, Subject};

/// What a term means in another cluster of the repository, with the names by which it is reached from outside of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The cluster.
    pub cluster: String,
    /// The titles of the services there.
    pub(super) of: Vec<String>,
    pub(super) names: Names,
}

impl Elsewhere {
    pub(super) fn title(&self) -> String {
        let of = self.of.first().map_or("", String::as_str);
        format!("{of} in cluster {}", self.cluster)
    }
}

/// What a term means in a cluster, for the others: `None` if nothing of it can be reached from outside of the cluster.
pub fn reached_elsewhere(cluster: &str, facts: &dyn Facts, term: &str) -> Option<Elsewhere> {
    let asked = asked(facts, term).ok()?;
    let records = records(facts);
    let mut names = Names::default();
    let mut of = Vec::new();
    let services = asked.hits.iter().filter(|hit| hit.matched < Matched::Part);
    for hit in services.filter(|hit| matches!(hit.subject, Subject::Service(..))) {
        names.extend(Names::of_subject(facts, hit.subject, &records));
        of.push(hit.subject.title());
    }
    let names = names.outside(&Names::default());
    (!names.is_empty()).then(|| Elsewhere {
        cluster: cluster.to_owned(),
        of,
        names,
    })
}

/// What a question is about.
#[derive(Default)]
pub(super) struct Asked<'a> {
    /// The subjects; empty if it is about a host, or about nothing in this cluster.
    pub(super) hits: Vec<Hit<'a>>,
    /// The host, if nothing in this cluster serves it and something names it.
    pub(super) host: Option<Names>,
    /// The title of the host.
    pub(super) title: Option<String>,
    /// Why there is nothing.
    pub(super) missing: Option<QueryError>,
}

/// What a term means. A subject that only has a host as a value does not serve it.
pub(super) fn asked<'a>(facts: &'a dyn Facts, term: &str) -> Result<Asked<'a>, QueryError> {
    let found = |hits: Vec<Hit<'a>>| Asked {
        hits,
        ..Asked::default()
    };
    let (hits, missing) = match find(facts, term) {
        Ok(hits) => (hits, None),
        Err(error) if error.is_not_applied() => return Err(error),
        Err(error) => (Vec::new(), Some(error)),
    };
    let text = lower(term.trim()).into_owned();
    let name = host(&text);
    let is_value = |hit: &Hit<'_>| {
        matches!(hit.matched, Matched::Field | Matched::Part) || matches!(hit.subject, Subject::External(_))
    };
    if !is_host(name) || !hits.iter().all(is_value) {
        // No object has the name of a Service that an operator or a chart makes.
        let has_service = hits
            .iter()
            .any(|hit| matches!(hit.subject, Subject::Service(..)) && hit.matched < Matched::Label);
        let services = (is_label(&text) && !has_service).then(|| Names::of_services_called(&text));
        let services = services.filter(|names| !naming(facts, names).is_empty());
        let is_better = hits.iter().all(|hit| hit.matched == Matched::Part);
        return Ok(match (missing, services) {
            (_, Some(names)) if is_better => Asked {
                host: Some(names),
                title: Some(format!("Service {text}, which an operator or a chart makes")),
                ..Asked::default()
            },
            (_, Some(names)) => Asked {
                host: Some(names),
                ..found(hits)
            },
            (missing @ Some(_), None) => Asked {
                missing,
                ..Asked::default()
            },
            (None, None) => found(hits),
        });
    }
    // A DNS record may lead from the host to the address of a service.
    let records = records(facts);
    let mut leading = vec![name.to_owned()];
    let mut at = 0;
    while let Some(name) = leading.get(at).cloned() {
        let own = records.iter().filter(|record| record.name == name);
        for target in own.flat_map(|record| &record.targets) {
            if !leading.contains(target) {
                leading.push(target.clone());
            }
        }
        at += 1;
    }
    // Only addresses and names with records can be those of a load balancer.
    let may_be_address = leading.len() > 1 || name.parse::<std::net::IpAddr>().is_ok();
    let services = facts.services().iter().filter(|_| may_be_address);
    let answering: Vec<Hit<'a>> = services
        .map(|(key, service)| Subject::Service(key, service))
        .filter(|subject| {
            let own = Names::of_subject(facts, *subject, &[]);
            own.plain().any(|own| leading.iter().any(|name| name == own))
        })
        .map(|subject| Hit {
            subject,
            matched: Matched::Host,
        })
        .collect();
    if !answering.is_empty() {
        return Ok(found(answering));
    }
    let names = Names::of_host(facts, name);
    let is_named = hits
        .iter()
        .any(|hit| hit.matched < Matched::Part || matches!(hit.subject, Subject::External(_)))
        || !naming(facts, &names).is_empty();
    if is_named {
        return Ok(Asked {
            host: Some(names),
            title: Some(format!("host {name}")),
            ..Asked::default()
        });
    }
    let missing = missing.unwrap_or_else(|| {
        QueryError::NotFound(NotFound {
            term: term.to_owned(),
            suggestions: hits.iter().map(|hit| hit.subject.title()).collect(),
            ..NotFound::default()
        })
    });
    Ok(Asked {
        missing: Some(missing),
        ..Asked::default()
    })
}

/// Whether a text can be the name of a Service.
fn is_label(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Whether a text is a domain name or an address, and not a file name, which looks like a domain name.
fn is_host(name: &str) -> bool {
    let labels = || name.split('.');
    name.contains('.')
        && labels().all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
        && !["yaml", "yml", "json"].contains(&labels().next_back().unwrap_or_default())
}
