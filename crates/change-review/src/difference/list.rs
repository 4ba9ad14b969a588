//! The items of two lists side by side.

use std::collections::HashSet;

use yaml_node::{Node, Sequence, Value};

use super::{Pairing, Step};

/// Fields that tell the items of Kubernetes' lists apart, the first that does it for both lists.
const KEYS: [&str; 10] = [
    "name",
    "mountPath",
    "containerPort",
    "port",
    "host",
    "path",
    "key",
    "topologyKey",
    "ip",
    "uid",
];

/// The items of two lists side by side: by a field that tells them apart, by value for texts, else by position once what both
/// ends have in common is set aside.
pub(super) fn aligned<'a>(before: &'a Sequence, after: &'a Sequence) -> Vec<Pairing<'a>> {
    if let Some(named) = by_key(before, after) {
        return named;
    }
    let (first, last) = common_ends(before, after);
    let old = &before[first..before.len() - last];
    let new = &after[first..after.len() - last];
    (0..old.len().max(new.len()))
        .map(|offset| (Step::Index(first + offset), old.get(offset), new.get(offset)))
        .collect()
}

fn by_key<'a>(before: &'a [Node], after: &'a [Node]) -> Option<Vec<Pairing<'a>>> {
    if before.is_empty() && after.is_empty() {
        return None;
    }
    let (old, new) = KEYS
        .iter()
        .map(|field| vec![*field])
        .chain([vec!["metadata", "name"]])
        .find_map(|field| Some((names(before, &field)?, names(after, &field)?)))?;
    let at = |names: &[&str], list: &'a [Node], name: &str| {
        let position = names.iter().position(|other| *other == name)?;
        list.get(position)
    };
    let new_names: HashSet<&str> = new.iter().copied().collect();
    let old_names: HashSet<&str> = old.iter().copied().collect();
    let kept = old.iter().zip(before).map(|(name, item)| {
        let now = new_names.contains(name).then(|| at(&new, after, name)).flatten();
        (Step::Item((*name).to_owned()), Some(item), now)
    });
    let added = new
        .iter()
        .zip(after)
        .filter(|(name, _)| !old_names.contains(*name))
        .map(|(name, item)| (Step::Item((*name).to_owned()), None, Some(item)));
    Some(kept.chain(added).collect())
}

/// What each item has in a field, where all have something else in it.
fn names<'a>(items: &'a [Node], field: &[&str]) -> Option<Vec<&'a str>> {
    let mut seen = HashSet::new();
    items
        .iter()
        .map(|item| {
            matches!(item.value, Value::Mapping(_)).then_some(())?;
            item.text_at(field).filter(|name| seen.insert(*name))
        })
        .collect()
}

/// How many items two lists have in common at their beginnings and at their ends.
fn common_ends(before: &[Node], after: &[Node]) -> (usize, usize) {
    let same = |pair: &(&Node, &Node)| pair.0.same_value(pair.1);
    let first = before.iter().zip(after).take_while(same).count();
    let rest = before.len().min(after.len()) - first;
    let last = before
        .iter()
        .rev()
        .zip(after.iter().rev())
        .take(rest)
        .take_while(same)
        .count();
    (first, last)
}
