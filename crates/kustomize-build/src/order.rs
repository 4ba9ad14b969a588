//! The order of printing: by kind and id, or unsorted.

use std::cmp::Ordering;
use std::sync::LazyLock;

use foldhash::HashMap;
use smol_str::SmolStr;

use crate::error::Context;
use crate::kustomization::SortOptions;
use crate::resource::{Gvk, Resource, or};
use crate::{BuildError, ResMap};

const ORDER_FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];
const ORDER_LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Applies `sortOptions`.
///
/// # Errors
/// [`BuildError::Kustomization`] for an unknown order, or legacy options of another order.
pub(crate) fn apply(map: &mut ResMap, options: &SortOptions) -> Result<(), BuildError> {
    match options.order.as_str() {
        "fifo" if options.legacy.is_some() => Err(BuildError::kustomization(
            "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'",
        )),
        "fifo" => Ok(()),
        "legacy" => {
            let legacy = options.legacy.as_ref();
            let legacy = legacy.map(|(first, last)| ranks(first, last));
            sort(map, legacy.as_ref().unwrap_or(&DEFAULT_RANKS))
        }
        _ => Err(BuildError::kustomization(
            "the field 'sortOptions.order' must be one of [fifo, legacy]",
        )),
    }
    .at(options.mark)
}

/// The order of the command line without flags.
///
/// # Errors
/// [`BuildError::Resource`] if two objects have the same id.
pub(crate) fn legacy(map: &mut ResMap) -> Result<(), BuildError> {
    sort(map, &DEFAULT_RANKS)
}

/// The order of field specs and name references: by kind, then by the text of group, version and kind.
pub(crate) fn compare_gvk(a: &Gvk, b: &Gvk) -> Ordering {
    let rank_of = |gvk: &Gvk| DEFAULT_RANKS.get(&gvk.kind).copied().unwrap_or(0);
    rank_of(a).cmp(&rank_of(b)).then_with(|| {
        // Most specs state a kind only.
        if (&a.group, &a.version) == (&b.group, &b.version) {
            return kind_text(a).cmp(kind_text(b));
        }
        let bytes = |gvk| gvk_parts(gvk).into_iter().flat_map(str::bytes);
        bytes(a).cmp(bytes(b))
    })
}

fn to_rank(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

type Ranks = HashMap<SmolStr, i64>;

static DEFAULT_RANKS: LazyLock<Ranks> = LazyLock::new(|| ranks(&ORDER_FIRST, &ORDER_LAST));

// A kind that is listed twice has its last rank.
fn ranks(first: &[impl AsRef<str>], last: &[impl AsRef<str>]) -> Ranks {
    let mut ranks = Ranks::default();
    for (index, kind) in first.iter().enumerate() {
        ranks.insert(kind.as_ref().into(), to_rank(index) - to_rank(first.len()));
    }
    for (index, kind) in last.iter().enumerate() {
        ranks.insert(kind.as_ref().into(), to_rank(index) + 1);
    }
    ranks
}

fn sort(map: &mut ResMap, ranks: &Ranks) -> Result<(), BuildError> {
    let keys: Vec<Key> = map
        .resources()
        .iter()
        .map(|resource| Key::new(resource, ranks))
        .collect();
    let order = merge_sort(
        (0..keys.len()).collect(),
        &|a, b| match (keys.get(*a), keys.get(*b)) {
            (Some(a), Some(b)) => a.is_before(b),
            _ => false,
        },
    );
    map.reorder(&order);
    map.check_unique()
        .context(|| "SortOrderTransformer: Failed to append to resources".into())
}

/// Sorts by an order that need not be consistent: kustomize's is not if Namespaces of several groups share their rank
/// with other kinds, and the sort of the standard library may panic then.
fn merge_sort(mut items: Vec<usize>, is_before: &impl Fn(&usize, &usize) -> bool) -> Vec<usize> {
    if items.len() < 2 {
        return items;
    }
    let right = merge_sort(items.split_off(items.len() / 2), is_before);
    let left = merge_sort(items, is_before);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if is_before(b, a) {
            right.next()
        } else {
            left.next()
        };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    merged
}

/// The sort key of a resource.
struct Key {
    rank: i64,
    is_namespace: bool,
    is_core: bool,
    gvk: String,
    id: String,
}

impl Key {
    fn new(resource: &Resource, ranks: &Ranks) -> Self {
        let id = resource.current_id();
        Key {
            rank: ranks.get(&id.gvk.kind).copied().unwrap_or(0),
            is_namespace: id.gvk.kind == "Namespace",
            is_core: id.gvk.group.is_empty(),
            gvk: gvk_parts(&id.gvk).concat(),
            id: format!("{}|{}|{}", id.gvk, or(&id.namespace, "~X"), or(&id.name, "~N")),
        }
    }

    fn is_before(&self, other: &Key) -> bool {
        // A core Namespace comes before those of other groups; for other kinds the core group comes last.
        let reversed = self.is_namespace && other.is_namespace && (self.is_core || other.is_core);
        let by_gvk = if reversed {
            other.gvk.cmp(&self.gvk)
        } else {
            self.gvk.cmp(&other.gvk)
        };
        self.rank
            .cmp(&other.rank)
            .then(by_gvk)
            .then_with(|| self.id.cmp(&other.id))
            .is_lt()
    }
}

/// The parts of the text by which kustomize sorts types.
fn gvk_parts(gvk: &Gvk) -> [&str; 5] {
    let (group, version) = (or(&gvk.group, "~G"), or(&gvk.version, "~V"));
    [group, "_", version, "_", kind_text(gvk)]
}

fn kind_text(gvk: &Gvk) -> &str {
    or(&gvk.kind, "~K")
}

#[cfg(test)]
mod tests {
    use super::*;
    use yaml_node::Node;

    #[test]
    fn types_are_compared_by_their_texts() {
        let parts = ["", "a", "a_", "~G", "~V", "b.c", "Z", "v1"];
        let types = || {
            let groups = parts
                .iter()
                .flat_map(|group| parts.map(|version| (*group, version)));
            groups.flat_map(|(group, version)| {
                parts.map(|kind| Gvk {
                    group: group.into(),
                    version: version.into(),
                    kind: kind.into(),
                })
            })
        };
        for a in types() {
            for b in types() {
                let texts = gvk_parts(&a).concat().cmp(&gvk_parts(&b).concat());
                assert_eq!(compare_gvk(&a, &b), texts, "{a:?} {b:?}");
            }
        }
    }

    fn map(objects: &[(&str, &str, &str, &str)]) -> ResMap {
        let mut map = ResMap::new();
        for (api_version, kind, namespace, name) in objects {
            let mut metadata = vec![("name", Node::str(*name))];
            if !namespace.is_empty() {
                metadata.push(("namespace", Node::str(*namespace)));
            }
            map.append(Resource::new(Node::mapping([
                ("apiVersion", Node::str(*api_version)),
                ("kind", Node::str(*kind)),
                ("metadata", Node::mapping(metadata)),
            ])))
            .unwrap();
        }
        map
    }

    fn names(map: &ResMap) -> Vec<&str> {
        map.resources().iter().map(Resource::name).collect()
    }

    #[test]
    fn legacy_order_goes_by_kind_group_namespace_and_name() {
        let mut map = map(&[
            (
                "admissionregistration.k8s.io/v1",
                "ValidatingWebhookConfiguration",
                "",
                "last",
            ),
            ("example.com/v1", "Thing", "", "middle"),
            ("v1", "Service", "", "none"),
            ("v1", "Service", "a", "b10"),
            ("v1", "Service", "a", "b9"),
            ("serving.knative.dev/v1", "Service", "", "foreign"),
            ("example.com/v1", "Namespace", "", "foreign-ns"),
            ("v1", "Namespace", "", "core-ns"),
        ]);
        legacy(&mut map).unwrap();
        assert_eq!(
            names(&map),
            [
                "core-ns",
                "foreign-ns",
                "foreign",
                "b10",
                "b9",
                "none",
                "middle",
                "last"
            ]
        );
    }

    #[test]
    fn an_inconsistent_order_does_not_panic() {
        let mut objects = vec![
            ("v1", "Namespace", "", "core"),
            ("a/v1", "Namespace", "", "foreign"),
            ("b/v1", "Foo", "", "between"),
        ];
        objects.extend([("c/v1", "Namespace", "", "other"), ("v1", "Zoo", "", "last")]);
        let mut map = map(&objects);
        let options = SortOptions {
            order: "legacy".into(),
            legacy: Some((Vec::new(), Vec::new())),
            ..SortOptions::default()
        };
        apply(&mut map, &options).unwrap();
        assert_eq!(map.len(), objects.len());
    }

    #[test]
    fn options_may_give_their_own_order() {
        let mut options = SortOptions {
            order: "legacy".into(),
            legacy: Some((vec!["B".into()], vec!["A".into()])),
            ..SortOptions::default()
        };
        let mut map = map(&[("v1", "A", "", "a"), ("v1", "C", "", "c"), ("v1", "B", "", "b")]);
        apply(&mut map, &options).unwrap();
        assert_eq!(names(&map), ["b", "c", "a"]);
        options.order = "fifo".into();
        assert!(apply(&mut map, &options).is_err());
    }
}
