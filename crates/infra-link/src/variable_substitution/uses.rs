//! Where the values of variables land: the fields of objects, and behind a Kustomization that only hands a value on those of the
//! objects that it applies.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use infra_model::ObjectRef;
use infra_model::config::VariableUse;
use source_tree::Mark;
use yaml_node::{Node, Value};

use crate::inventory::{KUSTOMIZE, Object};
use crate::linker::Linker;
use crate::text_place::TextPlace;
use crate::view::View;

/// So many uses of one variable are kept.
const MOST: usize = 6;
/// Most Kustomizations through which a value is followed.
const DEEPEST: usize = 6;
/// So many uses are looked at behind those that hand a value on. Kustomizations may hand on to several each, and these again.
const MOST_BEHIND: usize = 1_000_000;

/// The uses of one variable that are kept, and how many there are more.
pub(super) type Kept = (Vec<VariableUse>, usize);

/// The uses of all variables, by name.
pub(super) fn uses(linker: &Linker<'_>) -> BTreeMap<String, Kept> {
    let all = All::of(linker);
    let mut left = MOST_BEHIND;
    let mut found = BTreeMap::new();
    for name in all.by_name.keys() {
        let mut landed: HashSet<(usize, Mark)> = HashSet::new();
        let mut kept = Vec::new();
        all.follow(
            linker,
            name,
            None,
            &[],
            &mut left,
            &mut |used, object, through| {
                if landed.insert((used.object, used.mark)) && kept.len() < MOST {
                    kept.push(VariableUse {
                        object: key_of(linker, object),
                        field: used.field.clone(),
                        through: through.iter().map(|through| (*through).to_owned()).collect(),
                        source: linker.inventory.place(used.mark),
                    });
                }
            },
        );
        let more = landed.len().saturating_sub(kept.len());
        found.insert((*name).to_owned(), (kept, more));
    }
    found
}

/// `Kind/<key>`; what a generator makes is called as people write it.
fn key_of(linker: &Linker<'_>, object: &Object<'_>) -> String {
    let name = object.unhashed_name();
    let id = ObjectRef::new(object.kind, object.namespace, name);
    let generated = match object.kind {
        "ConfigMap" if name != object.name => linker.config_map_keys.get(&id),
        "Secret" if name != object.name => linker.secret_keys.get(&id),
        _ => None,
    };
    match generated {
        Some(key) => format!("{}/{key}", object.kind),
        None => linker.object_keys.kind_key(object),
    }
}

/// One use.
struct Used {
    /// Index among the owners.
    owner: usize,
    /// Index among the objects.
    object: usize,
    field: String,
    mark: Mark,
    /// The variable of another Kustomization that gets the value, with the index of that one among the owners.
    handed_to: Option<(usize, String)>,
}

/// All uses.
struct All<'a> {
    by_name: BTreeMap<&'a str, Vec<Used>>,
}

impl<'a> All<'a> {
    fn of(linker: &Linker<'a>) -> Self {
        let inventory = linker.inventory;
        let mut owners: HashMap<(&str, &str), usize> = HashMap::new();
        for (index, owner) in inventory.owners.iter().enumerate() {
            if let Some(id) = &owner.evaluated.id {
                owners.insert((&id.namespace, &id.name), index);
            }
        }
        let mut all = All {
            by_name: BTreeMap::new(),
        };
        for (position, object) in inventory.objects.iter().enumerate() {
            let Some(owner) = inventory.owner(object) else {
                continue;
            };
            let known = &owner.evaluated.variable_uses;
            // Definitions of types hold no variables, and much text.
            if known.is_empty() || object.is_of_chart() || object.kind == "CustomResourceDefinition" {
                continue;
            }
            let child = match object.group == KUSTOMIZE && object.kind == "Kustomization" {
                true => owners.get(&(object.namespace, object.name)).copied(),
                false => None,
            };
            let mut path = Vec::new();
            texts(&object.applied.built, &mut path, &mut |path, node, text| {
                let mut lines = None;
                for (line, name) in names_in(text) {
                    let Some((name, _)) = known.get_key_value(name) else {
                        continue;
                    };
                    let place = lines.get_or_insert_with(|| {
                        let view = View::new(node, Some(node), None);
                        match text.trim_end().contains('\n') {
                            true => TextPlace::of(&inventory.evaluation.sources, view),
                            false => TextPlace::line(view),
                        }
                    });
                    let handed_to = child.and_then(|child| {
                        let variable = path.strip_prefix(&[
                            Step::Key("spec"),
                            Step::Key("postBuild"),
                            Step::Key("substitute"),
                        ])?;
                        match variable {
                            [Step::Key(variable)] => Some((child, (*variable).to_owned())),
                            _ => None,
                        }
                    });
                    all.by_name.entry(name).or_default().push(Used {
                        owner: object.owner,
                        object: position,
                        field: dotted(path),
                        mark: place.at(line),
                        handed_to,
                    });
                }
            });
        }
        all
    }

    /// Hands on each object in which the value of a variable lands, as far as one owner applies it if one is given.
    fn follow(
        &self,
        linker: &Linker<'a>,
        name: &str,
        owner: Option<usize>,
        through: &[&str],
        left: &mut usize,
        land: &mut dyn FnMut(&Used, &Object<'a>, &[&str]),
    ) {
        let used = self.by_name.get(name).into_iter().flatten();
        for used in used.filter(|used| owner.is_none_or(|owner| owner == used.owner)) {
            let Some(object) = linker.inventory.objects.get(used.object) else {
                continue;
            };
            let handed_to = used.handed_to.as_ref().filter(|_| *left > 0);
            let next = handed_to.filter(|(child, variable)| {
                let is_used = self
                    .by_name
                    .get(variable.as_str())
                    .is_some_and(|uses| uses.iter().any(|one| one.owner == *child));
                is_used && through.len() < DEEPEST && *child != used.owner
            });
            match next {
                Some((child, variable)) => {
                    let key = linker
                        .inventory
                        .owners
                        .get(*child)
                        .and_then(|owner| owner.key.as_deref());
                    let step = format!("{variable} of Kustomization {}", key.unwrap_or(object.name));
                    let through: Vec<&str> = through.iter().copied().chain([step.as_str()]).collect();
                    let behind = self.by_name.get(variable.as_str()).map_or(0, Vec::len);
                    *left = left.saturating_sub(behind);
                    self.follow(linker, variable, Some(*child), &through, left, land);
                }
                None => land(used, object, through),
            }
        }
    }
}

/// A part of a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step<'n> {
    Key(&'n str),
    Index(usize),
}

fn dotted(path: &[Step<'_>]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Index(index) => text.push_str(&format!("[{index}]")),
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                match key.contains(['.', '[']) {
                    true => text.push_str(&format!("[{key}]")),
                    false => text.push_str(key),
                }
            }
        }
    }
    text
}

/// Hands on the texts below a node in which a variable may be, each with its path.
fn texts<'n>(node: &'n Node, path: &mut Vec<Step<'n>>, take: &mut dyn FnMut(&[Step<'n>], &'n Node, &'n str)) {
    match &node.value {
        Value::Scalar(scalar) => {
            if scalar.text.contains("${") {
                take(path, node, &scalar.text);
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Step::Index(index));
                texts(item, path, take);
                path.pop();
            }
        }
        Value::Mapping(mapping) => {
            for (key, value) in mapping.iter() {
                path.push(Step::Key(key));
                texts(value, path, take);
                path.pop();
            }
        }
    }
}

/// The names behind `${` in a text, each once with the number of the line of its first use; what `$${` escapes is none.
fn names_in(text: &str) -> Vec<(u32, &str)> {
    let mut found: Vec<(u32, &str)> = Vec::new();
    let mut known = BTreeSet::new();
    for (number, line) in (1_u32..).zip(text.split('\n')) {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("${") {
            let end = after
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(after.len());
            let (name, after) = after.split_at(end);
            if !before.ends_with('$') && !name.is_empty() && known.insert(name) {
                found.push((number, name));
            }
            rest = after;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_lines() {
        let text = "a: ${A}-${B:=x}\nb: $${C} ${A} ${}\nc: ${D";
        assert_eq!(names_in(text), [(1, "A"), (1, "B"), (3, "D")]);
    }
}
