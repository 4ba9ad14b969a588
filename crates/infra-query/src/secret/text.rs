//! The answer about secrets turns into text.

use std::fmt;

use super::{SecretAnswer, Way};
use crate::text::{in_namespace, joined, steps};
use crate::trace::use_text;
use crate::{Subject, printable};

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
        let shown = self.ways.get(..MOST).unwrap_or(&self.ways);
        for ways in shown.chunk_by(|a, b| a.carrier.is_some() && a.carrier == b.carrier) {
            if let Some(first) = ways.first() {
                head(f, first)?;
            }
            way_lines(f, "  ", ways, self.service, false)?;
        }
        if self.ways.len() > MOST {
            writeln!(f, "and {} more", self.ways.len() - MOST)?;
        }
        steps(f, &self.check)
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
    let title = carrier.title();
    write!(f, "{}{}", printable(&title), in_namespace(carrier.namespace()))?;
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

/// Ways, such as `shared/data/secrets#key -> papi /secrets/key; Secret papi-secrets -> papi env KEY`, those on one line that differ
/// only in where they start. Where `service` is given, it is the only reader and goes without saying.
pub(crate) fn way_lines(
    f: &mut fmt::Formatter<'_>,
    label: &str,
    ways: &[Way<'_>],
    service: Option<&str>,
    with_carrier: bool,
) -> fmt::Result {
    let mut lines: Vec<(Vec<&str>, String)> = Vec::new();
    for way in ways {
        let start = way
            .kept
            .as_deref()
            .filter(|_| with_carrier || way.carrier.is_some());
        let mut rest = String::new();
        if let Some(carrier) = way.carrier.filter(|_| with_carrier) {
            rest = format!("{} -> ", printable(&carrier.title()));
        }
        rest.push_str(&ends(way, service));
        match lines.last_mut() {
            Some((starts, known)) if *known == rest => starts.extend(start),
            _ => lines.push((start.into_iter().collect(), rest)),
        }
    }
    for (starts, rest) in lines {
        match starts.is_empty() {
            true => writeln!(f, "{label}{rest}")?,
            false => writeln!(f, "{label}{} -> {rest}", joined(&starts))?,
        }
    }
    Ok(())
}

/// Where a way ends: files, the Secret and who reads it.
fn ends(way: &Way<'_>, service: Option<&str>) -> String {
    let reader = |name: &str| service.map_or_else(|| format!("{name} "), |_| String::new());
    let mut files: Vec<String> = way
        .mounts
        .iter()
        .map(|mount| format!("{}{}", reader(&mount.service), mount.path))
        .collect();
    if let Some((file, services)) = way.injected {
        let services = services
            .iter()
            .filter(|name| service.is_none_or(|service| service == *name));
        files.extend(services.map(|name| format!("{}{file}", reader(name))));
    }
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
    ends.join("; ")
}
