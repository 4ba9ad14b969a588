//! The answer about secrets turns into text.

use std::fmt;

use super::{SecretAnswer, Way};
use crate::query::text::{in_namespace, joined, steps};
use crate::query::trace::use_text;
use crate::query::{Subject, printable};

impl fmt::Display for SecretAnswer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 12;
        if self.ways.is_empty() {
            match self.service {
                Some(service) => writeln!(
                    f,
                    "{}: reads no secret that the repository shows",
                    printable(service)
                )?,
                None => writeln!(f, "nothing reads it and nothing makes it")?,
            }
        }
        let mut carrier = None;
        for way in self.ways.iter().take(MOST) {
            if way.carrier.is_none() || way.carrier != carrier {
                head(f, way)?;
            }
            carrier = way.carrier;
            way_line(f, way, self.service, false)?;
        }
        if self.ways.len() > MOST {
            writeln!(f, "and {} more", self.ways.len() - MOST)?;
        }
        steps(f, "check", &self.check)
    }
}

/// What carries one or more ways.
fn head(f: &mut fmt::Formatter<'_>, way: &Way<'_>) -> fmt::Result {
    let Some(carrier) = way.carrier else {
        let (namespace, name) = way.secret.unwrap_or_default();
        let maker = match (&way.kept, way.unknown) {
            (Some(object), _) => format!("made by {object}"),
            (None, true) => "a chart may make it".to_owned(),
            (None, false) => "nothing in the repository makes it".to_owned(),
        };
        return writeln!(
            f,
            "Secret {}{}: {}",
            printable(name),
            in_namespace(namespace),
            printable(&maker)
        );
    };
    write!(
        f,
        "{} {}{}",
        carrier.kind(),
        printable(carrier.key()),
        in_namespace(carrier.namespace())
    )?;
    match carrier {
        Subject::SecretProviderClass(_, class) => {
            write!(f, ": {}", printable(&class.provider))?;
            for (label, text) in [("role", &class.vault_role), ("auth", &class.vault_mount_path)] {
                if let Some(text) = text {
                    write!(f, ", {label} {}", printable(text.value()))?;
                }
            }
        }
        Subject::ExternalSecret(..) => {
            if let Some((key, store)) = way.store {
                write!(f, ": {} {}", store.kind, printable(key))?;
            }
        }
        Subject::VaultSecret(_, secret) => {
            if let Some(auth) = &secret.auth {
                write!(f, ": auth {}", printable(auth))?;
            }
        }
        Subject::Secret(_, secret) => write!(f, ": {}", secret.protection.as_str())?,
        _ => {}
    }
    match carrier.place() {
        Some(place) => writeln!(f, " ({})", printable(&place.to_string())),
        None => writeln!(f),
    }
}

/// One way, such as `shared/data/secrets#key -> papi /secrets/key; Secret papi-secrets -> papi env KEY`. Where `service` is
/// given, it is the only reader and goes without saying.
pub(in crate::query) fn way_line(
    f: &mut fmt::Formatter<'_>,
    way: &Way<'_>,
    service: Option<&str>,
    with_carrier: bool,
) -> fmt::Result {
    let reader = |name: &str| service.map_or_else(|| format!("{name} "), |_| String::new());
    let mut files: Vec<String> = way
        .mounts
        .iter()
        .map(|mount| format!("{}{}", reader(&mount.service), mount.path))
        .collect();
    files.dedup();
    let mut uses: Vec<String> = way
        .usage
        .iter()
        .map(|usage| {
            let name = usage
                .service
                .as_deref()
                .or(usage.object.as_deref())
                .unwrap_or_default();
            format!("{}{}", reader(name), use_text(usage))
        })
        .collect();
    uses.dedup();

    let mut start: Vec<String> = Vec::new();
    if with_carrier || way.carrier.is_some() {
        start.extend(way.kept.clone());
    }
    if let Some(carrier) = way.carrier.filter(|_| with_carrier) {
        start.push(format!("{} {}", carrier.kind(), carrier.key()));
    }
    let mut ends: Vec<String> = Vec::new();
    if !files.is_empty() {
        ends.push(joined(&files));
    }
    match way.secret {
        Some((_, name)) if !uses.is_empty() => {
            ends.push(format!("Secret {} -> {}", printable(name), joined(&uses)))
        }
        Some((_, name)) if files.is_empty() => {
            ends.push(format!("Secret {}, which nothing reads", printable(name)))
        }
        None if files.is_empty() => ends.push("nothing reads it".to_owned()),
        _ => {}
    }
    let start: String = start
        .iter()
        .map(|part| format!("{} -> ", printable(part)))
        .collect();
    writeln!(f, "  {start}{}", ends.join("; "))
}
