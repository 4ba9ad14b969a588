//! Values of a release: the known objects of `valuesFrom`, and `spec.values`.

use std::collections::BTreeMap;

use helm_release::{ObjectData, ValuesError, ValuesReference, ValuesSource, chart_values};
use helm_template::Values;
use source_tree::FileId;
use yaml_node::{Node, Scalar, Tag, Value};

use super::withhold;
use crate::flux::HelmRelease;

/// The text that an entry of `valuesFrom` references.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownValue {
    pub(crate) text: String,
    pub(crate) file: FileId,
}

/// Texts by kind, name and key; `None` for a key that the object does not have.
pub(crate) type KnownValues = BTreeMap<(String, String, String), Option<KnownValue>>;

/// The placeholder for an unknown text.
pub(crate) fn placeholder(name: &str, key: &str) -> String {
    format!("${{{name}.{key}}}")
}

struct Known<'a>(&'a KnownValues);

impl ValuesSource for Known<'_> {
    fn data(&self, kind: &str, name: &str) -> Option<ObjectData<'_>> {
        let mut keys = self.0.keys();
        keys.find(|(known_kind, known_name, _)| known_kind == kind && known_name == name)?;
        let (kind, name) = (kind.to_owned(), name.to_owned());
        Some(Box::new(move |key| {
            let found = self.0.get(&(kind.clone(), name.clone(), key.to_owned()))?;
            let found = found.as_ref()?;
            Some((found.text.clone(), found.file))
        }))
    }
}

/// The values of a release. References that are not in `known` are ignored.
pub(super) fn of_release(
    release: &HelmRelease,
    object: &Node,
    known: &KnownValues,
    withholds: bool,
) -> Result<Values, ValuesError> {
    let is_known = |reference: &&crate::flux::ValuesReference| {
        let key = reference.key().to_owned();
        known.contains_key(&(reference.kind.clone(), reference.name.clone(), key))
    };
    let references = release.values_from.iter().filter(is_known);
    let references = references.map(|reference| ValuesReference {
        kind: reference.kind.clone(),
        name: reference.name.clone(),
        values_key: reference.values_key.clone(),
        target_path: reference.target_path.clone().unwrap_or_default(),
        optional: reference.optional,
        literal: reference.literal,
    });
    let references: Vec<ValuesReference> = references.collect();
    let mut inline = object.at(&["spec", "values"]).cloned();
    inline.iter_mut().for_each(normalise);
    let values = chart_values(&release.id.namespace, inline.as_ref(), &references, &Known(known))?;
    if withholds {
        withhold::in_values(values.map());
    }
    Ok(values)
}

/// Changes scalars to their form in JSON, in which the API server stores objects.
fn normalise(node: &mut Node) {
    match &mut node.value {
        Value::Scalar(Scalar { tag: Tag::Str, .. }) => {}
        Value::Scalar(_) => {
            if let Ok(json) = node.to_json() {
                *node = Node::from_json(&json).with_mark(node.mark);
            }
        }
        Value::Sequence(items) => items.items_mut().iter_mut().for_each(normalise),
        Value::Mapping(mapping) => {
            for (_, value) in mapping.entries_mut() {
                normalise(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use source_tree::Limits;

    #[test]
    fn known_values_are_merged_and_unknown_ones_ignored() {
        let text = "metadata: {name: a, namespace: n}\nspec:\n  valuesFrom:\n  - {kind: ConfigMap, name: c}\n  \
                    - {kind: Secret, name: s}\n  - {kind: Secret, name: t, valuesKey: k, targetPath: db.host}\n  \
                    values: {mode: 0o17, big: 10000000, password: hush-hush-12}\n";
        let object = yaml_node::read_documents(text, FileId::NONE, &Limits::default())
            .unwrap()
            .remove(0);
        let release = HelmRelease::of(&object);
        let key = |kind: &str, name: &str, key: &str| (kind.to_owned(), name.to_owned(), key.to_owned());
        let value = |text: String| {
            Some(KnownValue {
                text,
                file: FileId::NONE,
            })
        };
        let known = KnownValues::from([
            (key("ConfigMap", "c", "values.yaml"), value("a: 1\n".to_owned())),
            (key("Secret", "t", "k"), value(placeholder("t", "k"))),
        ]);
        let values = of_release(&release, &object, &known, true).unwrap();
        assert_eq!(
            values.to_json(),
            r#"{"a":1,"big":10000000,"db":{"host":"${t.k}"},"mode":15,"password":"\u003credacted\u003e"}"#
        );
    }
}
