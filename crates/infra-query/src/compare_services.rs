//! `compare` of two subjects: their differences, with the name of each replaced by `*`.

use std::collections::{BTreeMap, BTreeSet};

use crate::Facts;
use crate::compare::{Compare, Difference, Fields, Kind, Same, in_short, titles};
use crate::find::{QueryError, find_service};
use crate::text::shortened;

/// The keys of the entries that a name means, by kind and by the key with `*` for the name.
type Side = BTreeMap<(Kind, String), String>;

/// Compares what two names mean. Fields and values that differ only by these names are equal.
///
/// # Errors
/// [`QueryError`] if one of them means nothing that can be compared.
pub fn compare_things(
    [one, other]: [(&dyn Facts, &str); 2],
    names: [&str; 2],
) -> Result<Compare, QueryError> {
    let (left, mut right) = (side(one.0, one.1)?, side(other.0, other.1)?);
    let is_one_cluster = one.0.metadata().cluster == other.0.metadata().cluster;
    let mut compare = Compare {
        clusters: names.map(str::to_owned),
        is_of_things: true,
        ..Compare::default()
    };
    let mut alike = 0;
    for ((kind, name), key) in left {
        let mut of_kind = right.keys().filter(|(other, _)| *other == kind);
        let (first, second) = (of_kind.next().cloned(), of_kind.next());
        // If each side has one entry of a kind, they belong together whatever their names.
        let only = first.filter(|_| second.is_none());
        let twin = right
            .remove(&(kind, name.clone()))
            .or_else(|| right.remove(&only?));
        match twin {
            None => compare.only[0].push(kind.title(&key)),
            Some(twin) if twin == key && is_one_cluster => compare.same.push(Same {
                of: "both".to_owned(),
                value: kind.title(&key),
            }),
            Some(twin) => {
                let fields = [kind.fields(one.0, &key), kind.fields(other.0, &twin)];
                alike += add(
                    &mut compare,
                    &kind.title(&name),
                    fields.map(Option::unwrap_or_default),
                    names,
                );
            }
        }
    }
    let rest = right.into_iter().map(|((kind, _), key)| kind.title(&key));
    compare.only[1].extend(rest);
    if alike > 0 {
        compare.same.push(Same {
            of: "both".to_owned(),
            value: match alike {
                1 => "1 more field".to_owned(),
                more => format!("{more} more fields"),
            },
        });
    }
    compare.versions_first();
    Ok(compare)
}

fn side(facts: &dyn Facts, name: &str) -> Result<Side, QueryError> {
    let mut found = titles(facts, Some(name))?;
    let services: Vec<String> = found
        .iter()
        .filter(|(kind, _)| *kind == Kind::Service)
        .map(|(_, key)| key.clone())
        .collect();
    if services.len() > 1 {
        find_service(facts, name)?;
    }
    for service in services.iter().filter_map(|key| facts.services().get(key)) {
        let owner = service.kustomization.clone();
        found.extend(owner.map(|key| (Kind::Kustomization, key)));
    }
    found.retain(|(kind, _)| !matches!(kind, Kind::Variable | Kind::Source));
    if found.is_empty() {
        return Err(QueryError::not_found(name));
    }
    let own = name.rsplit('/').next().unwrap_or(name);
    let keyed = found
        .into_iter()
        .map(|(kind, key)| ((kind, starred(&key, own)), key));
    Ok(keyed.collect())
}

/// Adds the differences between the fields of two entries. Returns the number of fields that are equal.
fn add(compare: &mut Compare, title: &str, fields: [Fields; 2], names: [&str; 2]) -> usize {
    let own = names.map(|name| name.rsplit('/').next().unwrap_or(name).to_owned());
    let [left, mut right] = fields;
    let by_star: BTreeMap<String, String> = right
        .keys()
        .map(|field| (starred(field, &own[1]), field.clone()))
        .collect();
    let keys: [BTreeSet<String>; 2] = [
        left.keys().map(|field| starred(field, &own[0])).collect(),
        by_star.keys().cloned().collect(),
    ];
    let mut alone: [Vec<(String, String)>; 2] = [Vec::new(), Vec::new()];
    let mut alike = 0;
    for (raw, one) in left {
        // One name may be a part of the other, so fields of the same name are paired first.
        let field = starred(&raw, &own[0]);
        let other = right.remove(&raw).or_else(|| right.remove(by_star.get(&field)?));
        let Some(other) = other else {
            alone[0].push((field, one));
            continue;
        };
        if one == other || starred(&one, &own[0]) == starred(&other, &own[1]) {
            alike += 1;
            continue;
        }
        let values = without_common(&one, &other, &own).unwrap_or([Some(one), Some(other)]);
        compare.differences.push(Difference {
            of: title.to_owned(),
            field,
            values: in_short(values),
        });
    }
    alone[1].extend(
        right
            .into_iter()
            .map(|(field, value)| (starred(&field, &own[1]), value)),
    );
    for (side, alone) in alone.into_iter().enumerate() {
        let none = BTreeSet::new();
        let others = keys.get(1 - side).unwrap_or(&none);
        if let Some(only) = compare.only.get_mut(side) {
            only.extend(folded(&alone, others));
        }
    }
    alike
}

/// The items of two lists that only one of them has.
fn without_common(one: &str, other: &str, names: &[String; 2]) -> Option<[Option<String>; 2]> {
    let items = [one, other].map(|text| text.split(", ").collect::<Vec<&str>>());
    if items.iter().all(|items| items.len() < 2) {
        return None;
    }
    let only = |side: usize| {
        let (own, other) = (items.get(side)?, items.get(1 - side)?);
        let [name, other_name] = [names.get(side)?, names.get(1 - side)?];
        let known: Vec<String> = other.iter().map(|item| starred(item, other_name)).collect();
        let is_alone = |item: &&&str| !other.contains(item) && !known.contains(&starred(item, name));
        let alone: Vec<&str> = own.iter().filter(is_alone).copied().collect();
        (!alone.is_empty()).then(|| alone.join(", "))
    };
    let only = [only(0), only(1)];
    only.iter().any(Option::is_some).then_some(only)
}

/// Fields that only one has, grouped by the highest path below which the other has nothing.
fn folded(alone: &[(String, String)], others: &BTreeSet<String>) -> Vec<String> {
    const LONGEST: usize = 40;
    let above = |field: &str| -> String {
        let ends = field.match_indices(['.', '[']).map(|(at, _)| at);
        let mut starts = ends
            .filter_map(|end| field.get(..end))
            .filter(|start| *start != "values");
        let is_alone = |start: &&str| {
            let is_below = |other: &&String| {
                let rest = other.strip_prefix(start);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            };
            !others.iter().any(|other| is_below(&other))
        };
        starts.find(is_alone).unwrap_or(field).to_owned()
    };
    let mut groups: Vec<(String, Vec<&(String, String)>)> = Vec::new();
    for one in alone {
        let above = above(&one.0);
        match groups.iter_mut().find(|(known, _)| *known == above) {
            Some((_, fields)) => fields.push(one),
            None => groups.push((above, vec![one])),
        }
    }
    let texts = groups.into_iter().map(|(above, fields)| match fields.as_slice() {
        [(field, value)] => format!("{field}={}", shortened(value, LONGEST)),
        several => format!("{above} ({} fields)", several.len()),
    });
    texts.collect()
}

/// A text with `*` for each occurrence of a name, in any case.
fn starred(text: &str, name: &str) -> String {
    if name.is_empty() {
        return text.to_owned();
    }
    let (lower, name) = (text.to_ascii_lowercase(), name.to_ascii_lowercase());
    let mut found = String::with_capacity(text.len());
    let mut copied = 0;
    for (at, part) in lower.match_indices(name.as_str()) {
        found.push_str(text.get(copied..at).unwrap_or_default());
        found.push('*');
        copied = at + part.len();
    }
    found.push_str(text.get(copied..).unwrap_or_default());
    found
}
