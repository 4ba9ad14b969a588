//! Pairing of the items of two lists.

use std::collections::{HashMap, HashSet};

use yaml_node::{Node, Sequence};

use super::{Pairing, Step};

/// Fields that may identify the items of a list of Kubernetes. The first that identifies all items of both lists counts.
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

/// Pairs the items of two lists: by a field that identifies them, by value if the lists differ in length and hold unique texts, else
/// by position between the common ends.
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
    KEYS.iter().find_map(|field| {
        let name = |item| Node::as_mapping(item).and_then(|_| item.text_at(field));
        let (old, new) = (unique(before, name)?, unique(after, name)?);
        let step = |_, name: &str| Step::Item {
            field,
            name: name.to_owned(),
        };
        Some(paired(&old, &new, step))
    })
}

/// Pairs the items of two lists of unique texts by value.
fn by_value(before: &[Node], after: &[Node]) -> Option<Vec<Pairing>> {
    let (old, new) = (unique(before, Node::text)?, unique(after, Node::text)?);
    Some(paired(&old, &new, |position, _| Step::Index(position)))
}

/// Pairs positions by the names there. Those of the list before come first, in its order.
fn paired(before: &[&str], after: &[&str], step: impl Fn(usize, &str) -> Step) -> Vec<Pairing> {
    fn positions<'n>(names: &[&'n str]) -> HashMap<&'n str, usize> {
        let names = names.iter().enumerate();
        names.map(|(position, name)| (*name, position)).collect()
    }
    let (old_at, new_at) = (positions(before), positions(after));
    let kept = before.iter().enumerate().map(|(position, name)| Pairing {
        step: step(position, name),
        before: Some(position),
        after: new_at.get(name).copied(),
    });
    let added = after.iter().enumerate();
    let added = added.filter(|(_, name)| !old_at.contains_key(*name));
    let added = added.map(|(position, name)| Pairing {
        step: step(position, name),
        before: None,
        after: Some(position),
    });
    kept.chain(added).collect()
}

/// The names of all items, if each has one and no two are the same.
fn unique<'a>(items: &'a [Node], name: impl Fn(&'a Node) -> Option<&'a str>) -> Option<Vec<&'a str>> {
    let mut seen = HashSet::new();
    let names = items
        .iter()
        .map(|item| name(item).filter(|name| seen.insert(*name)));
    names.collect()
}

/// How many items two lists have in common at their beginnings and at their ends.
fn common_ends(before: &[Node], after: &[Node]) -> (usize, usize) {
    let is_same = |pair: &(&Node, &Node)| pair.0.same_value(pair.1);
    let first = before.iter().zip(after).take_while(is_same).count();
    let rest = before.len().min(after.len()) - first;
    let last = before
        .iter()
        .rev()
        .zip(after.iter().rev())
        .take(rest)
        .take_while(is_same)
        .count();
    (first, last)
}
