//! Fields that get the values of variables, also through Kustomizations that pass a value on to the objects that they apply.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashSet, HashSetExt};
use infra_model::config::VariableUse;
use source_tree::Mark;
use yaml_node::{Node, Value};

use crate::inventory::{KUSTOMIZE, Object};
use crate::linker::Linker;
use crate::text_place::TextPlace;
use crate::view::View;

/// Most uses of one variable that are kept.
const MOST: usize = 6;
/// Most Kustomizations through which a value is followed.
const DEEPEST: usize = 6;
/// Most uses that are followed: each Kustomization may pass a value on to several others.
const MOST_FOLLOWED: usize = 1_000_000;

/// The first uses of one variable, and the number of further ones.
pub(super) type BoundedUses = (Vec<VariableUse>, usize);

/// The uses of all variables, by name.
pub(super) fn uses(linker: &Linker<'_>) -> BTreeMap<String, BoundedUses> {
    let all = AllUses::new(linker);
    let mut left = MOST_FOLLOWED;
    let mut found = BTreeMap::new();
    for name in all.by_name.keys() {
        let mut fields: HashSet<(usize, Mark)> = HashSet::new();
        let mut kept = Vec::new();
        let mut add = |used: &Used<'_>, object: &Object<'_>, through: &[&str]| {
            if fields.insert((used.object, used.mark)) && kept.len() < MOST {
                kept.push(VariableUse {
                    object: key_of(linker, object),
                    field: dotted(&used.path),
                    through: through.iter().map(|through| (*through).to_owned()).collect(),
                    source: linker.inventory.place(used.mark),
                });
            }
        };
        all.follow(linker, name, None, &[], &mut left, &mut add);
        let more = fields.len().saturating_sub(kept.len());
        found.insert((*name).to_owned(), (kept, more));
    }
    found
}

/// `Kind/<key>`, by the name before the hash suffix.
fn key_of(linker: &Linker<'_>, object: &Object<'_>) -> String {
    let generated = match object.kind {
        _ if object.unhashed_name() == object.name => None,
        "ConfigMap" => linker.config_map_keys.get(&object.catalogued()),
        "Secret" => linker.secret_keys.get(&object.catalogued()),
        _ => None,
    };
    match generated {
        Some(key) => format!("{}/{key}", object.kind),
        None => linker.object_keys.kind_key(object),
    }
}

/// A use of a variable.
struct Used<'a> {
    /// Index among the owners.
    owner: usize,
    /// Index among the objects.
    object: usize,
    path: Vec<Step<'a>>,
    mark: Mark,
    /// The variable of another Kustomization that gets the value, with its index among the owners.
    passed_to: Option<(usize, String)>,
}

/// The uses of all variables.
struct AllUses<'a> {
    by_name: BTreeMap<&'a str, Vec<Used<'a>>>,
}

impl<'a> AllUses<'a> {
    fn new(linker: &Linker<'a>) -> Self {
        let inventory = linker.inventory;
        let owners = inventory.owners.iter().enumerate();
        let owners: HashMap<(&str, &str), usize> = owners
            .filter_map(|(index, owner)| {
                let id = owner.evaluated.id.as_ref()?;
                Some(((id.namespace.as_str(), id.name.as_str()), index))
            })
            .collect();
        let mut all = AllUses {
            by_name: BTreeMap::new(),
        };
        for (position, object) in inventory.objects.iter().enumerate() {
            let Some(owner) = inventory.owner(object) else {
                continue;
            };
            let known = &owner.evaluated.variable_uses;
            // Definitions of types have no variables, and much text.
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
                        let view = View::plain(node);
                        match text.trim_end().contains('\n') {
                            true => TextPlace::new(&inventory.evaluation.sources, view),
                            false => TextPlace::line(view),
                        }
                    });
                    let passed_to = child.and_then(|child| match path {
                        [
                            Step::Key("spec"),
                            Step::Key("postBuild"),
                            Step::Key("substitute"),
                            Step::Key(variable),
                        ] => Some((child, (*variable).to_owned())),
                        _ => None,
                    });
                    all.by_name.entry(name).or_default().push(Used {
                        owner: object.owner,
                        object: position,
                        path: path.to_vec(),
                        mark: place.at(line),
                        passed_to,
                    });
                }
            });
        }
        all
    }

    /// Calls `add` for each use of a variable's value, only of those by `owner` if one is given.
    fn follow(
        &self,
        linker: &Linker<'a>,
        name: &str,
        owner: Option<usize>,
        through: &[&str],
        left: &mut usize,
        add: &mut dyn FnMut(&Used<'_>, &Object<'a>, &[&str]),
    ) {
        let used = self.by_name.get(name).into_iter().flatten();
        for used in used.filter(|used| owner.is_none_or(|owner| owner == used.owner)) {
            let Some(object) = linker.inventory.objects.get(used.object) else {
                continue;
            };
            let passed_to = used.passed_to.as_ref().filter(|_| *left > 0);
            let uses_of = |variable: &str| self.by_name.get(variable).map_or(&[][..], Vec::as_slice);
            let next = passed_to.filter(|(child, variable)| {
                let mut uses = uses_of(variable).iter();
                uses.any(|next| next.owner == *child) && through.len() < DEEPEST && *child != used.owner
            });
            match next {
                Some((child, variable)) => {
                    let owner = linker.inventory.owners.get(*child);
                    let key = owner.and_then(|owner| owner.key.as_deref());
                    let step = format!("{variable} of Kustomization {}", key.unwrap_or(object.name));
                    let through: Vec<&str> = through.iter().copied().chain([step.as_str()]).collect();
                    *left = left.saturating_sub(uses_of(variable).len());
                    self.follow(linker, variable, Some(*child), &through, left, add);
                }
                None => add(used, object, through),
            }
        }
    }
}

/// A step of a path.
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

/// Calls `take` for the texts below a node that may have variables, each with its path.
fn texts<'n>(node: &'n Node, path: &mut Vec<Step<'n>>, take: &mut dyn FnMut(&[Step<'n>], &'n Node, &'n str)) {
    match &node.value {
        Value::Scalar(scalar) => {
            // Few texts have a `$`, which is found faster than two characters.
            if scalar.text.contains('$') && scalar.text.contains("${") {
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

/// The names after `${` in a text, each with the line number of its first use, without escaped ones (`$${`).
fn names_in(text: &str) -> Vec<(u32, &str)> {
    let mut found: Vec<(u32, &str)> = Vec::new();
    let mut known = BTreeSet::new();
    let lines = (1_u32..).zip(text.split('\n'));
    for (number, line) in lines.filter(|(_, line)| line.contains('$')) {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("${") {
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let (name, after) = after.split_at(end.unwrap_or(after.len()));
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
