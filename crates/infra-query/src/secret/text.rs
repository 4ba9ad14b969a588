//! The text of an answer about secrets.

use std::collections::BTreeSet;
use std::fmt;

use plain_text::{Command, Lines, line, printable_name};

use super::{SecretAnswer, SecretPath, reader};
use crate::text::{in_namespace, joined, key_text, use_text};
use crate::{Subject, Text};

impl Text for SecretAnswer<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        if self.paths.is_empty() && self.through.is_empty() {
            match self.service {
                Some(service) => line!(
                    f,
                    "{}: reads no secret that the repository shows",
                    printable_name(service)
                )?,
                None => line!(f, "nothing reads it and nothing makes it")?,
            }
        }
        lines_of(f, &self.paths, self.service)?;
        if self.chart_unknown {
            write!(f, "its chart is not at hand: what else it reads is not known")?;
            let values = Command::new("flux-infra-guide config").text(self.service.unwrap_or_default());
            match values.finish() {
                Some(command) => line!(f, "; `{command}` shows its values")?,
                None => line!(f)?,
            }
        }
        if let (Some(service), false) = (self.service, self.through.is_empty()) {
            let count = self.through.len();
            line!(f, "read through {} ({count}):", printable_name(service))?;
            lines_of(f, &self.through, None)?;
        }
        Ok(())
    }
}

/// Paths below what carries them.
fn lines_of(f: &mut Lines<'_>, paths: &[SecretPath<'_>], service: Option<&str>) -> fmt::Result {
    const MOST: usize = 12;
    let shown = paths.get(..MOST).unwrap_or(paths);
    for paths in shown.chunk_by(|a, b| a.carrier.is_some() && a.carrier == b.carrier) {
        if let Some(first) = paths.first() {
            head(f, first)?;
        }
        path_lines(f, "  ", paths, service, false)?;
    }
    let rest = paths.get(MOST..).unwrap_or_default();
    if !rest.is_empty() {
        let readers: BTreeSet<&str> = rest.iter().flat_map(SecretPath::readers).collect();
        let readers: Vec<&str> = readers.into_iter().collect();
        line!(f, "and {} more, read by {}", rest.len(), joined(&readers))?;
    }
    Ok(())
}

/// What carries one or more paths.
fn head(f: &mut Lines<'_>, path: &SecretPath<'_>) -> fmt::Result {
    let Some(carrier) = path.carrier else {
        let (namespace, name) = path.secret.unwrap_or_default();
        let maker = match (&path.origin, path.unknown) {
            (Some(object), _) => format!("made by {object}"),
            (None, true) => "a chart may make it".to_owned(),
            (None, false) => "nothing in the repository makes it".to_owned(),
        };
        return line!(
            f,
            "Secret {}{}: {}",
            printable_name(name),
            in_namespace(namespace),
            printable_name(&maker)
        );
    };
    let title = carrier.title();
    write!(
        f,
        "{}{}",
        printable_name(&title),
        in_namespace(carrier.namespace())
    )?;
    match carrier {
        Subject::SecretProviderClass(_, class) => {
            write!(f, ": {}", printable_name(&class.provider))?;
            for (label, text) in [
                ("address", &class.vault_address),
                ("role", &class.vault_role),
                ("auth", &class.vault_mount_path),
                ("Key Vault", &class.keyvault_name),
                ("tenant", &class.tenant_id),
                ("region", &class.region),
            ] {
                if let Some(text) = text {
                    write!(f, ", {label} {}", printable_name(text.value()))?;
                }
            }
        }
        Subject::ExternalSecret(_, secret) => {
            if let Some((_, store)) = path.store {
                write!(f, ": {} {}", store.kind, printable_name(&store.name))?;
                if let Some(provider) = &store.provider {
                    write!(f, " ({}", printable_name(provider))?;
                    if let Some(server) = &store.server {
                        write!(f, " {}", printable_name(server.value()))?;
                    }
                    write!(f, ")")?;
                }
            }
            if let Some(interval) = &secret.refresh_interval {
                write!(f, ", refreshed every {}", printable_name(interval))?;
            }
        }
        Subject::VaultSecret(_, secret) => {
            if let Some(auth) = &secret.auth {
                write!(f, ": auth {}", printable_name(auth))?;
            }
            if let Some(address) = &secret.address {
                write!(f, ", address {}", printable_name(address))?;
            }
            if !secret.restarts.is_empty() {
                write!(f, ", restarts {}", joined(&secret.restarts))?;
            }
        }
        Subject::Secret(_, secret) => write!(f, ": {}", secret.protection.as_str())?,
        _ => {}
    }
    if path.unmounted {
        write!(f, ", which no pod mounts, so that its Secret is never made")?;
    }
    match carrier.place() {
        Some(place) => line!(f, " ({})", printable_name(&place.to_string())),
        None => line!(f),
    }
}

/// Ways, such as `shared/data/secrets#key -> papi /secrets/key; papi env KEY (Secret papi-secrets key key)`, those on one line that differ
/// only in where they start. Where `service` is given, it is the only reader and goes without saying.
pub(crate) fn path_lines(
    f: &mut Lines<'_>,
    label: &str,
    paths: &[SecretPath<'_>],
    service: Option<&str>,
    with_carrier: bool,
) -> fmt::Result {
    let mut lines: Vec<(Vec<&str>, String)> = Vec::new();
    for path in paths {
        let start = path
            .origin
            .as_deref()
            .filter(|_| with_carrier || path.carrier.is_some());
        let mut rest = String::new();
        if let Some(carrier) = path.carrier.filter(|_| with_carrier) {
            rest = format!("{} -> ", printable_name(&carrier.title()));
        }
        rest.push_str(&ends(path, service));
        match lines.last_mut() {
            Some((starts, known)) if *known == rest => starts.extend(start),
            _ => lines.push((start.into_iter().collect(), rest)),
        }
    }
    for (starts, rest) in lines {
        match starts.is_empty() {
            true => line!(f, "{label}{rest}")?,
            false => line!(f, "{label}{} -> {rest}", joined(&starts))?,
        }
    }
    Ok(())
}

/// The keys that a template makes of it.
fn filled(path: &SecretPath<'_>) -> String {
    let word = if path.fills.len() == 1 { "key" } else { "keys" };
    format!("{word} {}", joined(&path.fills))
}

/// Where a path ends: files, the Secret and who reads it.
fn ends(path: &SecretPath<'_>, service: Option<&str>) -> String {
    let reader = |name: &str| service.map_or_else(|| format!("{name} "), |_| String::new());
    let mut files: Vec<String> = path
        .mounts
        .iter()
        .map(|mount| format!("{}{}", reader(&mount.service), mount.path))
        .collect();
    if let Some((file, services)) = path.injected {
        let services = services
            .iter()
            .filter(|name| service.is_none_or(|service| service == *name));
        files.extend(services.map(|name| format!("{}{file}", reader(name))));
    }
    files.dedup();
    let mut uses: Vec<String> = path
        .usage
        .iter()
        .map(|usage| {
            let name = self::reader(usage).unwrap_or_default();
            format!("{}{}", reader(name), use_text(usage))
        })
        .collect();
    uses.dedup();
    let mut ends: Vec<String> = Vec::new();
    if !files.is_empty() {
        ends.push(joined(&files));
    }
    match path.secret {
        Some((_, name)) if !uses.is_empty() => {
            let mut keys = key_text(path.usage.iter().copied());
            if keys.is_empty() && !path.fills.is_empty() {
                keys = format!(" {}", filled(path));
            }
            ends.push(format!(
                "{} (Secret {}{keys})",
                joined(&uses),
                printable_name(name)
            ));
        }
        Some((_, name)) if path.left_out => ends.push(format!(
            "not in Secret {}: the template leaves it out",
            printable_name(name)
        )),
        Some((_, name)) if files.is_empty() => {
            let keys = match path.fills.is_empty() {
                true => String::new(),
                false => format!(" {}", filled(path)),
            };
            let reads = match path.may_be_read {
                true => "which nothing known reads, though a chart of its namespace that is not at hand may",
                false => "which nothing reads",
            };
            ends.push(format!("Secret {}{keys}, {reads}", printable_name(name)));
        }
        None if files.is_empty() => ends.push("nothing reads it".to_owned()),
        _ => {}
    }
    ends.join("; ")
}
