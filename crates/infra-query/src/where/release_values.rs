//! Facts in the values of a HelmRelease whose chart is not available: schedules, volumes with their mounts, and the
//! Gateways and classes of its hosts.

use infra_model::Place;
use infra_model::fields::Fields;
use infra_model::flux::HelmRelease;
use infra_model::object::ObjectField;
use infra_model::service::Service;

use super::fact::{Told, fact, last, sibling};
use crate::text::{joined, listed};

/// The schedules among the values, by the name of their key or variable.
pub(super) fn schedules(release: &HelmRelease) -> Vec<Told> {
    const MOST: usize = 4;
    let is_called = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["schedule", "cron"].iter().any(|word| name.contains(word))
    };
    let label = |path: &str| -> Option<String> {
        match last(path) {
            "schedule" => Some("schedule".to_owned()),
            "value" => {
                let name = sibling(&release.values, path, "name")?;
                is_called(&name.value).then(|| format!("schedule {}", name.value))
            }
            name => is_called(name).then(|| format!("schedule {name}")),
        }
    };
    let stated = release.values.iter().filter(|(_, field)| is_cron(&field.value));
    let stated = stated.filter_map(|(path, field)| Some((label(path)?, path, field)));
    let text = |(label, path, field): (String, &String, &ObjectField)| {
        let zone = ["timeZone", "timezone"]
            .iter()
            .find_map(|key| sibling(&release.values, path, key));
        let zone = zone.map(|zone| format!(" {}", zone.value)).unwrap_or_default();
        let text = format!("{}{zone}", field.value);
        fact(&label, text, field.place(release.source.as_ref()))
    };
    stated.map(text).take(MOST).collect()
}

/// `0 4 * * 1`, `@daily`
fn is_cron(text: &str) -> bool {
    let is_field = |field: &str| {
        field
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"*/,-?#".contains(&byte))
    };
    text.starts_with('@') || text.split_whitespace().count() == 5 && text.split_whitespace().all(is_field)
}

/// The mount paths of the volume of which a value is a field, as far as the values have them.
pub(super) fn mounted_at(values: &Fields, path: &str) -> String {
    let above = path.rsplit_once('.').map_or(path, |(above, _)| above);
    let mut at: Vec<&str> = match item_of_list(path) {
        // `volumes: [{name, …}]` beside `volumeMounts: [{name, mountPath}]`, as pods have them.
        Some((beside, item)) => {
            let Some(name) = values.get(&format!("{item}.name")) else {
                return String::new();
            };
            let mounts = values.iter().filter(|(own, field)| {
                own.starts_with(beside)
                    && own.contains("olumeMounts[")
                    && last(own) == "name"
                    && field.value == name.value
            });
            let paths = mounts.filter_map(|(own, _)| sibling(values, own, "mountPath"));
            paths.map(|field| field.value.as_str()).collect()
        }
        None => {
            let mounts = values.iter().filter(|(own, _)| {
                let rest = own.strip_prefix(above);
                rest.is_some_and(|rest| rest.contains("ounts") && last(rest) == "path")
            });
            mounts.map(|(_, mount)| mount.value.as_str()).collect()
        }
    };
    at.dedup();
    listed(" at ", &at)
}

/// The path above a list of volumes and its item that a path is in: `apps[0]`, `apps[0].volumes[1]`.
fn item_of_list(path: &str) -> Option<(&str, &str)> {
    let start = path.rfind("olumes[")?;
    let end = path.get(start..)?.find(']')? + start + 1;
    let above = path.get(..start)?;
    Some((
        above.rsplit_once('.').map_or("", |(above, _)| above),
        path.get(..end)?,
    ))
}

/// Volumes of other machines and of the node.
pub(super) fn volumes(release: &HelmRelease) -> Vec<Told> {
    const MOST: usize = 6;
    let values = &release.values;
    let mut found = Vec::new();
    for (path, field) in values {
        let Some((above, key)) = path.rsplit_once('.') else {
            continue;
        };
        let is_type = |name: &str| {
            sibling(values, path, "type").is_some_and(|kind| kind.value.eq_ignore_ascii_case(name))
        };
        let text = match key {
            "server" if is_type("nfs") || above.to_ascii_lowercase().ends_with("nfs") => {
                let Some(folder) = sibling(values, path, "path") else {
                    continue;
                };
                format!("{}:{}", field.value, folder.value)
            }
            "hostPath" if is_type("hostPath") => format!("{} of the node", field.value),
            "path" if above.ends_with(".hostPath") => format!("{} of the node", field.value),
            _ => continue,
        };
        let text = text + &mounted_at(values, path);
        found.push(fact("volume", text, field.place(release.source.as_ref())));
    }
    found.truncate(MOST);
    found
}

/// The Gateways and classes of the hosts of a HelmRelease that no route of the repository has, from the values beside
/// the host.
pub(super) fn routes(service: &Service, release: &HelmRelease) -> Vec<Told> {
    // Label, text, line and hosts.
    let mut found: Vec<(&str, String, Option<Place>, Vec<String>)> = Vec::new();
    for (path, field) in &release.values {
        let host = release.named(&field.value);
        let is_host = service.hosts.contains(&host) && !service.routes.iter().any(|route| route.host == host);
        let Some(route) = is_host.then(|| route_of(path)).flatten() else {
            continue;
        };
        let stated = release.values.iter().filter_map(|(own, field)| {
            let rest = own.strip_prefix(route)?.strip_prefix('.')?;
            let label = match rest {
                "className" | "ingressClassName" | "ingressClass" | "class" => "class",
                rest if rest.starts_with("parentRefs[") && rest.ends_with("].name") => "gateway",
                _ => return None,
            };
            Some((label, own, field))
        });
        for (label, own, through) in stated {
            let listener = sibling(&release.values, own, "sectionName");
            let listener = listener.map(|listener| format!(" ({})", listener.value));
            let text = format!("{}{}", through.value, listener.unwrap_or_default());
            let mut known = found.iter_mut();
            match known.find(|(known, own, ..)| *known == label && *own == text) {
                Some((.., hosts)) if hosts.contains(&host) => {}
                Some((.., hosts)) => hosts.push(host.clone()),
                None => {
                    let place = through.place(release.source.as_ref());
                    found.push((label, text, place, vec![host.clone()]));
                }
            }
        }
    }
    let facts = found.into_iter().map(|(label, text, place, hosts)| {
        // All hosts are not named again.
        match hosts.len() == service.hosts.len() {
            true => fact(label, text, place),
            false => fact(&format!("{} by {label}", joined(&hosts)), text, place),
        }
    });
    facts.collect()
}

/// The path of the route whose host a value is.
fn route_of(path: &str) -> Option<&str> {
    [".hostnames[", ".hosts[", ".hostname", ".host", ".domain"]
        .iter()
        .find_map(|key| path.split_once(key))
        .map(|(route, _)| route)
}
