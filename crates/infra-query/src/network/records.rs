//! DNS records in DNSEndpoint objects.

use infra_model::Place;

use crate::Facts;
use crate::facts::mentioning;

/// A DNS record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    /// The name, in lower case.
    pub(crate) name: String,
    /// `A`, `CNAME` and so on.
    pub(crate) kind: &'a str,
    /// Its targets, in lower case.
    pub(crate) targets: Vec<String>,
    /// Key of the object that states it.
    pub(crate) object: &'a str,
    /// The line that states it.
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
            let start = format!("{endpoint}.targets[");
            let targets = object.fields.iter().filter(|(path, _)| path.starts_with(&start));
            let targets = targets.map(|(_, target)| clean(&target.value));
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
