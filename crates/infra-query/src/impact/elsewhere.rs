//! What a term of `impact` is about: things, a host that something answers under, or what is called so in another cluster.

use crate::Facts;
use crate::Subject;
use crate::find::{Hit, Matched, NotFound, QueryError, find, host};
use crate::network::{Names, records};
use crate::question::lower;

/// What a term means in another cluster of the repository, and the names under which it is reached from outside of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The cluster.
    pub cluster: String,
    /// What it is there, as `kind key`.
    pub(super) of: Vec<String>,
    pub(super) names: Names,
}

impl Elsewhere {
    pub(super) fn title(&self) -> String {
        let of = self.of.first().map_or("", String::as_str);
        format!("{of} in cluster {}", self.cluster)
    }
}

/// What a term means in a cluster, for the others: none where nothing of it can be reached from outside of the cluster.
pub fn reached_elsewhere(cluster: &str, facts: &dyn Facts, term: &str) -> Option<Elsewhere> {
    let asked = asked(facts, term).ok()?;
    let records = records(facts);
    let mut names = Names::default();
    let mut of = Vec::new();
    let services = asked.hits.iter().filter(|hit| hit.matched < Matched::Part);
    for hit in services.filter(|hit| matches!(hit.subject, Subject::Service(..))) {
        names.extend(Names::of(facts, hit.subject, &records));
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
pub(super) struct Asked<'a> {
    /// The things that it is about; empty where it is about a host, or about nothing of this cluster.
    pub(super) hits: Vec<Hit<'a>>,
    /// The host that it is about, where nothing of this cluster answers under it and something names it.
    pub(super) host: Option<Names>,
    /// What to call that.
    pub(super) title: Option<String>,
    /// Why there is nothing.
    pub(super) missing: Option<QueryError>,
}

/// What a term means. What only has a host as a value does not answer under it.
pub(super) fn asked<'a>(facts: &'a dyn Facts, term: &str) -> Result<Asked<'a>, QueryError> {
    let found = |hits: Vec<Hit<'a>>| Asked {
        hits,
        host: None,
        title: None,
        missing: None,
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
        // A Service that an operator or a chart makes bears a name that no object has.
        let has_service = hits
            .iter()
            .any(|hit| matches!(hit.subject, Subject::Service(..)) && hit.matched < Matched::Label);
        let services = (is_label(&text) && !has_service).then(|| Names::of_services_called(&text));
        let services = services.filter(|names| !crate::network::naming(facts, names).is_empty());
        let is_better = hits.iter().all(|hit| hit.matched == Matched::Part);
        return Ok(match (missing, services) {
            (_, Some(names)) if is_better => Asked {
                host: Some(names),
                title: Some(format!("Service {text}, which an operator or a chart makes")),
                ..found(Vec::new())
            },
            (_, Some(names)) => Asked {
                host: Some(names),
                ..found(hits)
            },
            (Some(missing), None) => Asked {
                missing: Some(missing),
                ..found(Vec::new())
            },
            (None, None) => found(hits),
        });
    }
    // A record that leads to the address of something says what answers.
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
    // Without a record or an address there is nothing that a load balancer could have.
    let may_be_address = leading.len() > 1 || name.parse::<std::net::IpAddr>().is_ok();
    let services = facts.services().iter().filter(|_| may_be_address);
    let answering: Vec<Hit<'a>> = services
        .map(|(key, service)| Subject::Service(key, service))
        .filter(|subject| {
            let own = Names::of(facts, *subject, &[]);
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
        || !crate::network::naming(facts, &names).is_empty();
    match is_named {
        true => Ok(Asked {
            host: Some(names),
            title: Some(format!("host {name}")),
            ..found(Vec::new())
        }),
        false => {
            let missing = missing.unwrap_or_else(|| {
                QueryError::NotFound(NotFound {
                    term: term.to_owned(),
                    suggestions: hits.iter().map(|hit| hit.subject.title()).collect(),
                    ..NotFound::default()
                })
            });
            Ok(Asked {
                missing: Some(missing),
                ..found(Vec::new())
            })
        }
    }
}

/// Whether a text is the name of a Service.
fn is_label(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Whether a text is a domain name or an address. A file ends in a domain of its own as well.
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
