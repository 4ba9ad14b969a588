//! [`Definitions`] of Kubernetes' own types, from an embedded table that is parsed once per process.

use std::sync::OnceLock;

use foldhash::{HashMap, HashMapExt};
use smol_str::SmolStr;

use super::definitions::{Definitions, Type};

const TABLE: &str = include_str!("../data/strategic_merge_schema.txt");
// The table omits this prefix of nearly all names.
const COMMON_PREFIX: &str = "io.k8s.";

/// The types of Kubernetes 1.21.2 and of kustomize itself.
pub(super) fn definitions() -> &'static Definitions {
    static DEFINITIONS: OnceLock<Definitions> = OnceLock::new();
    DEFINITIONS.get_or_init(|| parse(TABLE))
}

/// Whether the table has objects of the group of an `apiVersion`: only then it needs to be parsed.
pub(super) fn may_have(api_version: &str) -> bool {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    !group.contains('.') || group.ends_with(".k8s.io")
}

fn parse(table: &'static str) -> Definitions {
    let mut definitions = Definitions {
        types: HashMap::with_capacity(256),
        ..Definitions::default()
    };
    let mut open: Option<(SmolStr, Type)> = None;
    for line in table.lines() {
        let mut words = line.split(' ');
        let (first, second, third) = (words.next().unwrap_or_default(), words.next(), words.next());
        match (first, second, third) {
            ("" | "#", _, _) => {}
            ("type", Some(name), None) => {
                if let Some((name, done)) = open.replace((full_name(name), abridged())) {
                    definitions.types.insert(name, done);
                }
            }
            ("as", Some(api_version), Some(kind)) => {
                if let Some((name, _)) = &open {
                    let kinds = definitions
                        .objects
                        .entry(SmolStr::new_static(api_version))
                        .or_default();
                    kinds.insert(SmolStr::new_static(kind), name.clone());
                }
            }
            (field, Some(kind), item) => {
                if let Some((_, open)) = &mut open {
                    open.fields
                        .insert(SmolStr::new_static(field), parse_field(kind, item));
                }
            }
            _ => {}
        }
    }
    definitions.types.extend(open);
    definitions
}

fn parse_field(kind: &'static str, item: Option<&'static str>) -> Type {
    let Some(keys) = kind.strip_prefix('[').and_then(|kind| kind.strip_suffix(']')) else {
        return reference(kind);
    };
    Type {
        items: Some(Box::new(item.map_or_else(abridged, reference))),
        merge_keys: match keys {
            "" => None,
            "=" => Some(Vec::new()),
            keys => Some(keys.split(',').map(SmolStr::new_static).collect()),
        },
        ..abridged()
    }
}

fn reference(name: &str) -> Type {
    Type {
        reference: Some(full_name(name)),
        ..abridged()
    }
}

/// A known type without details in the table. A value with a known type is not treated as an object of its own.
pub(super) fn plain() -> &'static Type {
    static PLAIN: OnceLock<Type> = OnceLock::new();
    PLAIN.get_or_init(abridged)
}

fn abridged() -> Type {
    Type {
        abridged: true,
        ..Type::default()
    }
}

fn full_name(name: &str) -> SmolStr {
    SmolStr::from_iter([COMMON_PREFIX, name])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_parsed() {
        let lines = |first: &str| {
            TABLE
                .lines()
                .filter(|line| line.split(' ').next() == Some(first))
                .count()
        };
        let definitions = definitions();
        assert_eq!(definitions.types.len(), lines("type"));
        let objects: usize = definitions.objects.values().map(HashMap::len).sum();
        assert_eq!(objects, lines("as"));
        assert!(
            definitions
                .objects
                .keys()
                .all(|api_version| may_have(api_version))
        );
        for kinds in definitions.objects.values() {
            assert!(kinds.values().all(|name| definitions.types.contains_key(name)));
        }
        for (name, known) in &definitions.types {
            for (field, known) in &known.fields {
                let items = known.items.as_deref().unwrap_or(known);
                let target = items.reference.as_ref();
                assert!(
                    target.is_none_or(|to| definitions.types.contains_key(to)),
                    "{name}.{field}"
                );
            }
        }
    }
}
