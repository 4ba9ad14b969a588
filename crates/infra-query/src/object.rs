//! Text of an object without a section of its own: its owner, its users, its fields.

use std::collections::BTreeMap;
use std::fmt;

use infra_model::Place;
use infra_model::fields::Fields;
use infra_model::object::{ObjectField, OtherObject};
use plain_text::{Lines, line, printable_name};

use crate::Subject;
use crate::network_policy::{self, Rule};
use crate::text::{field, listed, names, shortened};

/// The value of a field of an object.
pub(crate) fn value<'o>(object: &'o OtherObject, path: &str) -> Option<&'o str> {
    object.fields.get(path).map(|field| field.value.as_str())
}

/// The line that decides a field: `line 3` in the file of the object, else `file:3`.
pub(crate) fn field_place(field: &ObjectField, source: Option<&Place>) -> Option<String> {
    let place = field.place(source)?;
    Some(match field.file {
        Some(_) => printable_name(&place.to_string()).into_owned(),
        None => format!("line {}", place.line),
    })
}

/// Maximum number of fields in the answer about one object.
pub(crate) const MOST: usize = 16;

/// Writes the lines of an object, with at most `most` of its fields.
pub(crate) fn lines(f: &mut Lines<'_>, key: &str, object: &OtherObject, most: usize) -> fmt::Result {
    line!(f, "api version: {}", printable_name(&object.api_version))?;
    let owner = object.kustomization.as_ref();
    field(f, "flux", owner.map(|key| format!("Kustomization {key}")))?;
    names(f, "services", &object.dns)?;
    names(f, "used by", &object.used_by)?;
    let rules = network_policy::rules(object);
    if !rules.is_empty() {
        return write_rules(f, object, &rules, most);
    }
    let fields = object.fields.iter();
    let fields = fields.filter(|(path, _)| !path.starts_with("metadata.labels."));
    let mut fields: Vec<(&String, &ObjectField)> = fields.collect();
    // Fields that people ask for come first, then those of a low depth. If not all are shown, fields such as `kind:
    // Secret` come after names.
    let is_cut = fields.len() > most;
    fields.sort_by_key(|(path, _)| (rank(path), is_cut && is_word(path), depth(path)));
    for (path, field) in fields.iter().take(most) {
        field_line(f, object.source.as_ref(), path, field)?;
    }
    if fields.len() > most || object.more_fields {
        let more = fields.len().saturating_sub(most).max(1);
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
        let field = rule.field.as_ref();
        let place = field.and_then(|field| field_place(field, object.source.as_ref()));
        line!(
            f,
            "{}: {}{}",
            rule.label,
            printable_name(&rule.text),
            listed(" <- ", place.as_slice())
        )?;
    }
    match rules.len().saturating_sub(most) {
        0 => Ok(()),
        more => line!(f, "and {more} more rules"),
    }
}

/// Keys that people ask for, the most likely first.
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

/// Whether a field only says of which kind another field is.
fn is_word(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or(path);
    matches!(last, "kind" | "type" | "mode" | "from" | "group" | "apiVersion")
}

/// Number of dots and brackets in a path.
fn depth(path: &str) -> usize {
    path.matches(['.', '[']).count()
}

/// Position of a field among those that people ask for, by its key or the one above it.
fn rank(path: &str) -> usize {
    let keys = path.rsplit('.').take(2).enumerate();
    let ranks = keys.filter_map(|(at, key)| {
        let key = key.split('[').next().unwrap_or(key);
        let rank = ASKED.iter().position(|asked| *asked == key)?;
        // Only some keys say enough about the fields below them.
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
    let mut fields: Vec<(usize, &str, &ObjectField)> = object
        .fields
        .iter()
        .filter(|(path, field)| path.starts_with("spec.") && !field.value.is_empty() && !is_word(path))
        .map(|(path, field)| (rank(path), path.as_str(), field))
        .filter(|(rank, ..)| *rank < ASKED.len())
        .collect();
    fields.sort_by_key(|(rank, path, _)| (*rank, depth(path)));
    let mut text = String::new();
    // The first few items of a list are enough.
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    fields.retain(|(rank, ..)| {
        let count = counts.entry(*rank).or_default();
        *count += 1;
        *count <= MOST_OF_ONE
    });
    for (_, path, field) in fields.into_iter().take(MOST_ASKED) {
        let value = field.value.as_str();
        let mut keys = path.rsplit('.');
        let (last, above) = (keys.next().unwrap_or(path), keys.next());
        // A key such as `size` needs the one above it.
        let is_of_part = last == "version" && path.matches('.').count() > 1;
        let is_short = is_of_part || matches!(last, "size" | "name" | "storage") || path.contains(".retain.");
        let key = match above.filter(|_| is_short) {
            Some(above) => format!("{above}.{last}"),
            None => last.split('[').next().unwrap_or(last).to_owned(),
        };
        // A digest behind a tag means nothing to people.
        let value = value.split("@sha256:").next().unwrap_or(value);
        let said = format!(", {key} {value}");
        if text.ends_with(&said) {
            continue;
        }
        text.push_str(&said);
        // The line that people edit for another version.
        if matches!(last, "image" | "imageName" | "version") {
            text.push_str(&line_in_brackets(object, field));
        }
    }
    text
}

/// ` (line 3)` of a field, with the file if it is not that of the object; empty if the line is not known.
pub(crate) fn line_in_brackets(object: &OtherObject, field: &ObjectField) -> String {
    match (field.place(object.source.as_ref()), &field.file) {
        (Some(place), Some(_)) => format!(" ({place})"),
        (Some(place), None) => format!(" (line {})", place.line),
        (None, _) => String::new(),
    }
}

/// The first few settings of an object, those of a low depth first: `, comment: known, matchers[0].name: alertname`.
pub(crate) fn first_fields(object: &OtherObject) -> String {
    const MOST: usize = 3;
    const LONGEST: usize = 60;
    let own = object.fields.iter().filter_map(|(path, field)| {
        let short = path.strip_prefix("spec.")?;
        let is_said = !field.value.is_empty() && field.value.len() <= LONGEST && !is_word(path);
        is_said.then_some((short, field.value.as_str()))
    });
    let mut own: Vec<(&str, &str)> = own.collect();
    own.sort_by_key(|(path, _)| depth(path));
    let texts = own
        .iter()
        .take(MOST)
        .map(|(path, value)| format!(", {path}: {value}"));
    texts.collect()
}

/// The settings beside a value that names an item of a list: ` (expr: up == 0, for: 5m)`; of a backend also the hosts
/// of its route.
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
    inside.sort_by_key(|(path, _)| depth(path));
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

/// The other settings of the mapping that a field is in, if they are few: ` (beside it: timeout: 5s)`.
pub(crate) fn siblings(subject: Subject<'_>, path: &str) -> String {
    const MOST: usize = 10;
    const LONGEST: usize = 60;
    let (Some((above, own)), Some(fields)) = (path.rsplit_once('.'), subject.fields()) else {
        return String::new();
    };
    // Members of these mappings are not related to each other.
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

/// The hosts of the route of a backend among values.
fn hosts_of_route(fields: &Fields, path: &str) -> Option<String> {
    let (route, _) = path
        .split_once(".rules[")
        .filter(|(_, rest)| rest.contains(".backend"))?;
    let start = format!("{route}.hostnames[");
    let hosts = fields.iter().filter(|(path, _)| path.starts_with(&start));
    let hosts: Vec<&str> = hosts.map(|(_, field)| field.value.as_str()).collect();
    (!hosts.is_empty()).then(|| format!("hostnames: {}", hosts.join(", ")))
}

/// A text with all its lines on one, cut after `most` characters.
pub(crate) fn on_one_line(text: &str, most: usize) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    shortened(&lines.join(" "), most)
}

/// A field with its line, and the file if it is not that of the object.
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
    let place = field_place(field, source);
    write!(f, "{}", listed(" <- ", place.as_slice()))?;
    match &field.comment {
        Some(comment) => line!(f, "  # {}", printable_name(comment)),
        None => line!(f),
    }
}
