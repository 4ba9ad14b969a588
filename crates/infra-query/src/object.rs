//! An object that no other section has, in words: its owner, its users, its fields.

use std::collections::BTreeMap;
use std::fmt;

use infra_model::Place;
use infra_model::object::{ObjectField, OtherObject};
use plain_text::{Lines, line, printable_name};

use crate::Subject;
use crate::network_policy::{self, Rule};
use crate::text::{field, names};

/// Most fields that are shown beside all the rest.
pub(crate) const MOST: usize = 16;

/// What is known of an object, with so many of its fields at most.
pub(crate) fn lines(f: &mut Lines<'_>, key: &str, object: &OtherObject, most: usize) -> fmt::Result {
    line!(f, "api version: {}", printable_name(&object.api_version))?;
    field(
        f,
        "flux",
        object
            .kustomization
            .as_ref()
            .map(|key| format!("Kustomization {key}")),
    )?;
    names(f, "services", &object.dns)?;
    names(f, "used by", &object.used_by)?;
    let rules = network_policy::rules(object);
    if !rules.is_empty() {
        return write_rules(f, object, &rules, most);
    }
    let told = object
        .fields
        .iter()
        .filter(|(path, _)| !path.starts_with("metadata.labels."));
    let mut told: Vec<(&String, &ObjectField)> = told.collect();
    // What people ask for first, then what stands high up.
    // Where not all are shown, words of a few such as `kind: Secret` give way to names.
    let is_cut = told.len() > most;
    told.sort_by_key(|(path, _)| {
        let depth = path.matches(['.', '[']).count();
        (rank(path), is_cut && is_word(path), depth)
    });
    for (path, field) in told.iter().take(most) {
        field_line(f, object.source.as_ref(), path, field)?;
    }
    if told.len() > most || object.more_fields {
        let more = told.len().saturating_sub(most).max(1);
        line!(
            f,
            "and {more} more fields: flux-infra-guide config {}",
            printable_name(key)
        )?;
    }
    Ok(())
}

fn write_rules(f: &mut Lines<'_>, object: &OtherObject, rules: &[Rule], most: usize) -> fmt::Result {
    for rule in rules.iter().take(most) {
        let place = rule.field.as_ref().and_then(|field| {
            let place = field.place(object.source.as_ref())?;
            Some(match field.file {
                Some(_) => format!(" <- {place}"),
                None => format!(" <- line {}", place.line),
            })
        });
        let place = place.unwrap_or_default();
        line!(
            f,
            "{}: {}{}",
            rule.label,
            printable_name(&rule.text),
            printable_name(&place)
        )?;
    }
    match rules.len().saturating_sub(most) {
        0 => Ok(()),
        more => line!(f, "and {more} more rules"),
    }
}

/// Keys that people ask for, the likeliest first.
const ASKED: &[&str] = &[
    "schedule",
    "timeZone",
    "sourcePVC",
    "repository",
    "destinationPath",
    "retain",
    "retentionPolicy",
    "dnsName",
    "targets",
    "recordType",
    "hostname",
    "hostnames",
    "instances",
    "replicas",
    "size",
    "storage",
    "storageClass",
    "storageClassName",
    "image",
    "imageName",
    "version",
    "cluster",
    "databaseName",
    "databaseServerRef",
    "secretName",
    "issuerRef",
    "server",
    "host",
    "url",
    "capacity",
    "endpointURL",
    "branch",
    "dnsNames",
    "ttl",
    "range",
    "filterTags",
];

/// Whether a field says which kind of thing another one is about.
fn is_word(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or(path);
    matches!(last, "kind" | "type" | "mode" | "from" | "group" | "apiVersion")
}

/// How likely a field is asked for: by its key, or by the one above it.
fn rank(path: &str) -> usize {
    let plain = |key: &'_ str| key.split('[').next().unwrap_or(key).len();
    let keys = path
        .rsplit('.')
        .take(2)
        .map(|key| key.get(..plain(key)).unwrap_or(key));
    let ranks = keys.enumerate().filter_map(|(at, key)| {
        let rank = ASKED.iter().position(|asked| *asked == key)?;
        // Only some words say what is below them.
        let is_said = at == 0
            || matches!(
                key,
                "retain" | "cluster" | "databaseServerRef" | "issuerRef" | "filterTags"
            );
        is_said.then_some(rank)
    });
    ranks.min().unwrap_or(ASKED.len())
}

/// The few fields of an object that people ask for, such as `, instances 2, storage.size 20Gi`.
pub(crate) fn summary(object: &OtherObject) -> String {
    const MOST_ASKED: usize = 7;
    const MOST_OF_ONE: usize = 3;
    const LONGEST_RULES: usize = 240;
    let rules = network_policy::rules(object);
    if !rules.is_empty() {
        let texts: Vec<String> = rules
            .iter()
            .map(|rule| format!("{} {}", rule.label, rule.text))
            .collect();
        return format!(", {}", on_one_line(&texts.join("; "), LONGEST_RULES));
    }
    let mut told: Vec<(usize, &str, &ObjectField)> = object
        .fields
        .iter()
        .filter(|(path, field)| path.starts_with("spec.") && !field.value.is_empty() && !is_word(path))
        .map(|(path, field)| (rank(path), path.as_str(), field))
        .filter(|(rank, ..)| *rank < ASKED.len())
        .collect();
    told.sort_by_key(|(rank, path, _)| (*rank, path.matches(['.', '[']).count()));
    let mut text = String::new();
    // Of a list the first few say what it is.
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    told.retain(|(rank, ..)| {
        let count = counts.entry(*rank).or_default();
        *count += 1;
        *count <= MOST_OF_ONE
    });
    for (_, path, field) in told.into_iter().take(MOST_ASKED) {
        let value = field.value.as_str();
        let mut keys = path.rsplit('.');
        let (last, above) = (keys.next().unwrap_or(path), keys.next());
        // A word such as `size` says little without what it is of.
        let is_of_part = last == "version" && path.matches('.').count() > 1;
        let is_short = is_of_part || matches!(last, "size" | "name" | "storage") || path.contains(".retain.");
        let key = match above.filter(|_| is_short) {
            Some(above) => format!("{above}.{last}"),
            None => last.split('[').next().unwrap_or(last).to_owned(),
        };
        // A digest behind a tag says nothing to people.
        let value = value.split("@sha256:").next().unwrap_or(value);
        let said = format!(", {key} {value}");
        if text.ends_with(&said) {
            continue;
        }
        text.push_str(&said);
        // The line that people edit for another version.
        if matches!(last, "image" | "imageName" | "version") {
            match (field.place(object.source.as_ref()), &field.file) {
                (Some(place), Some(_)) => text.push_str(&format!(" ({place})")),
                (Some(place), None) => text.push_str(&format!(" (line {})", place.line)),
                (None, _) => {}
            }
        }
    }
    text
}

/// The first few settings of an object, those that stand high up first: `, comment: known, matchers[0].name: alertname`.
pub(crate) fn first_fields(object: &OtherObject) -> String {
    const MOST: usize = 3;
    const LONGEST: usize = 60;
    let own = object.fields.iter().filter_map(|(path, field)| {
        let short = path.strip_prefix("spec.")?;
        let is_said = !field.value.is_empty() && field.value.len() <= LONGEST && !is_word(path);
        is_said.then_some((short, field.value.as_str()))
    });
    let mut own: Vec<(&str, &str)> = own.collect();
    own.sort_by_key(|(path, _)| path.matches(['.', '[']).count());
    let texts = own
        .iter()
        .take(MOST)
        .map(|(path, value)| format!(", {path}: {value}"));
    texts.collect()
}

/// What stands beside a value that names an item of a list: ` (expr: up == 0, for: 5m)`; of a backend the hosts of its route.
pub(crate) fn beside(subject: Subject<'_>, path: &str) -> String {
    const MOST: usize = 6;
    const LONGEST: usize = 240;
    const NAMES: [&str; 7] = ["name", "alert", "record", "key", "id", "host", "hostname"];
    let Some(fields) = subject.fields() else {
        return String::new();
    };
    let Some((item, last)) = path.rfind("].").and_then(|end| path.split_at_checked(end + 2)) else {
        return String::new();
    };
    if !last.rsplit('.').next().is_some_and(|key| NAMES.contains(&key)) {
        return String::new();
    }
    let says_more = |path: &str, value: &str| {
        path != last && !path.contains("annotations.") && !matches!(value, "true" | "false")
    };
    let inside = fields
        .iter()
        .filter_map(|(path, field)| Some((path.strip_prefix(item)?, field)));
    let mut inside: Vec<(&str, &ObjectField)> = inside
        .filter(|(path, field)| says_more(path, &field.value))
        .collect();
    inside.sort_by_key(|(path, _)| path.matches(['.', '[']).count());
    let texts = inside.iter().take(MOST);
    let texts = texts.map(|(path, field)| format!("{path}: {}", on_one_line(&field.value, LONGEST)));
    let address = fields
        .get("spec.loadBalancerIP")
        .filter(|_| subject.kind() == "Service");
    let address = address.map(|field| format!("loadBalancerIP: {}", field.value));
    let texts: Vec<String> = texts.chain(address).chain(hosts_of_route(fields, path)).collect();
    match texts.is_empty() {
        true => String::new(),
        false => format!(" ({})", texts.join(", ")),
    }
}

/// The few other settings of the mapping that a field is in: ` (beside it: timeout: 5s)`.
pub(crate) fn siblings(subject: Subject<'_>, path: &str) -> String {
    const MOST: usize = 10;
    const LONGEST: usize = 60;
    let (Some((above, own)), Some(fields)) = (path.rsplit_once('.'), subject.fields()) else {
        return String::new();
    };
    // What is set in them has nothing to do with each other.
    if above.starts_with("metadata")
        || ["env", "labels", "annotations", "data", "stringData"]
            .iter()
            .any(|it| above.ends_with(it))
    {
        return String::new();
    }
    let beside = fields.iter().filter_map(|(path, field)| {
        let key = path.strip_prefix(above)?.strip_prefix('.')?;
        (key != own && !key.contains(['.', '['])).then_some((key, field))
    });
    let texts: Vec<String> = beside
        .map(|(key, field)| format!("{key}: {}", on_one_line(&field.value, LONGEST)))
        .collect();
    match texts.len() {
        1..=MOST => format!(" (beside it: {})", texts.join(", ")),
        _ => String::new(),
    }
}

/// The hosts of the route among values that has a backend, the nearest around it.
fn hosts_of_route(fields: &BTreeMap<String, ObjectField>, path: &str) -> Option<String> {
    let (route, _) = path
        .split_once(".rules[")
        .filter(|(_, rest)| rest.contains(".backend"))?;
    let start = format!("{route}.hostnames[");
    let hosts = fields.iter().filter(|(path, _)| path.starts_with(&start));
    let hosts: Vec<&str> = hosts.map(|(_, field)| field.value.as_str()).collect();
    (!hosts.is_empty()).then(|| format!("hostnames: {}", hosts.join(", ")))
}

/// A text of several lines on one, which is cut after so many characters.
pub(crate) fn on_one_line(text: &str, most: usize) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let mut text = lines.join(" ");
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// A field with its line; the file is the object's, unless another one decides.
pub(crate) fn field_line(
    f: &mut Lines<'_>,
    source: Option<&Place>,
    path: &str,
    field: &ObjectField,
) -> fmt::Result {
    const LONGEST: usize = 160;
    let value = match field.value.contains('\n') {
        true if field.value.len() > LONGEST => format!("{} lines", field.value.lines().count()),
        true => on_one_line(&field.value, LONGEST),
        false => field.value.clone(),
    };
    write!(f, "{}: {}", printable_name(path), printable_name(&value))?;
    if let Some(written) = &field.written {
        write!(f, " (written {})", printable_name(written))?;
    }
    let comment = field.comment.as_deref();
    let comment = comment.map_or(String::new(), |comment| {
        format!("  # {}", printable_name(comment))
    });
    match (&field.file, field.place(source)) {
        (Some(_), Some(place)) => line!(f, " <- {}{comment}", printable_name(&place.to_string())),
        (None, Some(place)) => line!(f, " <- line {}{comment}", place.line),
        (_, None) => line!(f, "{comment}"),
    }
}
