//! PushSecrets: the keys of a Secret that they write to stores.
//!
//! Fields: <https://external-secrets.io/latest/api/pushsecret/>.

use std::fmt;

use infra_model::object::OtherObject;
use plain_text::{Lines, line, printable_name};

use crate::Facts;
use crate::object::value;
use crate::text::{in_namespace, joined, place_in_brackets};

/// A PushSecret.
#[derive(Clone, Debug, PartialEq)]
pub struct Pushed<'a> {
    /// Its key.
    pub key: &'a str,
    /// The object.
    pub object: &'a OtherObject,
    /// What it writes: the key of the Secret, or `None` for all of them, and the path in the store.
    pub data: Vec<(Option<&'a str>, String)>,
    /// Keys of ExternalSecrets that read one of these paths from the store.
    pub readers: Vec<&'a str>,
}

impl<'a> Pushed<'a> {
    fn new(facts: &'a dyn Facts, key: &'a str, object: &'a OtherObject) -> Self {
        let mut pushed = Pushed {
            key,
            object,
            data: Vec::new(),
            readers: Vec::new(),
        };
        let matches = (0..).map_while(|index| {
            let part = |name: &str| pushed.field(&format!("spec.data[{index}].match.{name}"));
            let mut remote = part("remoteRef.remoteKey")?.to_owned();
            if let Some(property) = part("remoteRef.property") {
                remote.push_str(&format!("#{property}"));
            }
            Some((part("secretKey"), remote))
        });
        pushed.data = matches.collect();
        let is_read = |(key, property): (&str, Option<&str>)| {
            pushed.data.iter().any(|(_, remote)| {
                let (pushed_key, pushed_property) = match remote.split_once('#') {
                    Some((key, property)) => (key, Some(property)),
                    None => (remote.as_str(), None),
                };
                pushed_key == key && (pushed_property.is_none() || pushed_property == property)
            })
        };
        let stores: Vec<&str> = pushed.stores().map(|(_, name)| name).collect();
        let readers = facts.external_secrets().iter().filter(|(_, secret)| {
            let store = secret.store.as_ref().and_then(|store| store.name.as_deref());
            let mut data = secret.data.iter();
            store.is_some_and(|store| stores.contains(&store))
                && data.any(|data| is_read((data.key.value(), data.property.as_deref())))
        });
        pushed.readers = readers.map(|(key, _)| key).collect();
        pushed
    }

    fn field(&self, path: &str) -> Option<&'a str> {
        value(self.object, path)
    }

    /// The Secret that it reads, in its own namespace.
    pub fn secret(&self) -> Option<&'a str> {
        self.field("spec.selector.secret.name")
    }

    /// Kind and name of the stores that it names.
    pub fn stores(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        (0..16).filter_map(|index| {
            let part = |name: &str| self.field(&format!("spec.secretStoreRefs[{index}].{name}"));
            Some((part("kind").unwrap_or("SecretStore"), part("name")?))
        })
    }
}

/// The PushSecrets that a term names, by their own name or by a key that they write in a store.
pub(super) fn pushes<'a>(facts: &'a dyn Facts, term: &str) -> Vec<Pushed<'a>> {
    let term = term.trim();
    let name = term.strip_prefix("PushSecret/").unwrap_or(term);
    let all = facts.objects().mentioning(&["PushSecret"]).filter(|(_, object)| {
        object.kind == "PushSecret" && object.api_version.starts_with("external-secrets.io/")
    });
    all.map(|(key, object)| (key, object, Pushed::new(facts, key, object)))
        .filter(|(key, object, pushed)| {
            let own = if object.name.is_empty() {
                key.rsplit('/').next().unwrap_or(key)
            } else {
                &object.name
            };
            let writes = |(_, remote): &(Option<&str>, String)| {
                remote == term || remote.split_once('#').is_some_and(|(key, _)| key == term)
            };
            own == name || *key == term || pushed.data.iter().any(writes)
        })
        .map(|(.., pushed)| pushed)
        .collect()
}

pub(super) fn push_lines(f: &mut Lines<'_>, pushed: &Pushed<'_>) -> fmt::Result {
    let stores: Vec<String> = pushed
        .stores()
        .map(|(kind, name)| format!("{kind} {}", printable_name(name)))
        .collect();
    write!(
        f,
        "{}{}: ",
        printable_name(pushed.key),
        in_namespace(&pushed.object.namespace)
    )?;
    match pushed.secret() {
        Some(secret) => write!(f, "Secret {} -> ", printable_name(secret))?,
        None => write!(f, "pushes to ")?,
    }
    match stores.is_empty() {
        true => write!(f, "stores by a selector")?,
        false => write!(f, "{}", stores.join(", "))?,
    }
    line!(f, "{}", place_in_brackets(pushed.object.source.as_ref()))?;
    for (key, remote) in &pushed.data {
        line!(
            f,
            "  {} -> {}",
            printable_name(key.unwrap_or("all keys")),
            printable_name(remote)
        )?;
    }
    match pushed.field("spec.deletionPolicy") {
        Some("Delete") => line!(
            f,
            "  deletion policy Delete: removed from the store with the PushSecret"
        )?,
        policy => line!(
            f,
            "  deletion policy {}: stays in the store",
            printable_name(policy.unwrap_or("None"))
        )?,
    }
    match pushed.readers.is_empty() {
        true => Ok(()),
        false => line!(
            f,
            "  read from the store by ExternalSecret {}",
            joined(&pushed.readers)
        ),
    }
}
