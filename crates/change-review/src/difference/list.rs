//! The items of two lists side by side.

use std::collections::{HashMap, HashSet};

use yaml_node::{Node, Sequence, Value};

use super::{Pairing, Step};

/// Fields that tell the items of Kubernetes' lists apart, the first that does it for both lists.
const KEYS: [&[&str]; 11] = [
    &["name"],
    &["mountPath"],
    &["containerPort"],
    &["port"],
    &["host"],
    &["path"],
    &["key"],
    &["topologyKey"],
    &["ip"],
    &["uid"],
    &["metadata", "name"],
];

/// The items of two lists side by side, by their positions: by a field that tells them apart, or by their words where one list is
/// longer, else by position once what both ends have in common is set aside.
pub(super) fn aligned(before: &Sequence, after: &Sequence) -> Vec<Pairing> {
    if let Some(named) = by_key(before, after) {
        return named;
    }
    if before.len() != after.len()
        && let Some(words) = by_value(before, after)
    {
        return words;
    }
    let (first, last) = common_ends(before, after);
    let (old, new) = (before.len() - last, after.len() - last);
    let within = |position: usize, end: usize| (position < end).then_some(position);
    (first..old.max(new))
        .map(|position| Pairing {
            step: Step::Index(position),
            before: within(position, old),
            after: within(position, new),
        })
        .collect()
}

fn by_key(before: &[Node], after: &[Node]) -> Option<Vec<Pairing>> {
    if before.is_empty() && after.is_empty() {
        return None;
    }
    let (field, old, new) = KEYS
        .iter()
        .find_map(|field| Some((*field, names(before, field)?, names(after, field)?)))?;
    let positions = |names: &[&str]| -> HashMap<String, usize> {
        let names = names.iter().enumerate();
        names
            .map(|(position, name)| ((*name).to_owned(), position))
            .collect()
    };
    let (old_at, new_at) = (positions(&old), positions(&new));
    let step = |name: &str| Step::Item {
        field,
        name: name.to_owned(),
    };
    let kept = old.iter().enumerate().map(|(position, name)| Pairing {
        step: step(name),
        before: Some(position),
        after: new_at.get(*name).copied(),
    });
    let added = new
        .iter()
        .enumerate()
        .filter(|(_, name)| !old_at.contains_key(**name))
        .map(|(position, name)| Pairing {
            step: step(name),
            before: None,
            after: Some(position),
        });
    Some(kept.chain(added).collect())
}

/// The words of two lists that are in one of them alone, and those in both, where each list names every word once.
fn by_value(before: &[Node], after: &[Node]) -> Option<Vec<Pairing>> {
    let words = |list: &[Node]| -> Option<HashMap<String, usize>> {
        let mut words = HashMap::new();
        for (position, item) in list.iter().enumerate() {
            if words.insert(item.text()?.to_owned(), position).is_some() {
                return None;
            }
        }
        Some(words)
    };
    let (old, new) = (words(before)?, words(after)?);
    let kept = before.iter().enumerate().map(|(position, item)| Pairing {
        step: Step::Index(position),
        before: Some(position),
        after: item.text().and_then(|word| new.get(word)).copied(),
    });
    let is_new = |item: &Node| item.text().is_some_and(|word| !old.contains_key(word));
    let added = after
        .iter()
        .enumerate()
        .filter(|(_, item)| is_new(item))
        .map(|(position, _)| Pairing {
            step: Step::Index(position),
            before: None,
            after: Some(position),
        });
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
