//! DNS records that objects of the repository state.

use infra_model::Place;

use crate::Facts;
use crate::facts::mentioning;

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    /// The name, in lower case.
    pub(crate) name: String,
    /// `A`, `CNAME` and so on.
    pub(crate) kind: &'a str,
    /// What it leads to, in lower case.
    pub(crate) targets: Vec<String>,
    /// Key of the object that states it.
    pub(crate) object: &'a str,
    /// The line that does.
    pub(crate) place: Option<Place>,
}

/// The records of all DNSEndpoints (<https://kubernetes-sigs.github.io/external-dns/latest/docs/sources/crd/>).
pub(crate) fn records(facts: &dyn Facts) -> Vec<Record<'_>> {
    const KIND: &str = "DNSEndpoint";
    let mut found = Vec::new();
    for (key, object) in mentioning(facts.objects(), KIND).filter(|(_, object)| object.kind == KIND) {
        for (path, field) in &object.fields {
            let Some(endpoint) = path.strip_suffix(".dnsName") else {
                continue;
            };
            let targets = object
                .fields
                .iter()
                .filter(|(path, _)| {
                    path.strip_prefix(endpoint)
                        .is_some_and(|rest| rest.starts_with(".targets["))
                })
                .map(|(_, target)| clean(&target.value));
            let kind = object.fields.get(&format!("{endpoint}.recordType"));
            found.push(Record {
                name: clean(&field.value),
                kind: kind.map_or("record", |kind| kind.value.as_str()),
                targets: targets.collect(),
                object: key,
                place: field.place(object.source.as_ref()),
            });
        }
    }
    found
}

fn clean(name: &str) -> String {
    name.trim().trim_end_matches('.').to_ascii_lowercase()
}
