//! The model with a hostile text in every text field of every entry, names of entries included.

use std::collections::{BTreeMap, BTreeSet};

use catalog_emit::{Catalog, Catalogs, ConfigMapsFile, FluxResourcesFile, SecretsMapFile, ServicesFile};
use infra_model::Infrastructure;
use serde_json::Value;

#[path = "../../../infra-model/tests/model/mod.rs"]
mod model;

/// Fields whose words decide what is asked, so that a second model keeps them unchanged.
const WORDS: &[&str] = &["kind", "how", "provider", "chartSourceKind", "sourceKind", "via"];

/// Writes a hostile text into texts of the model.
pub(crate) struct Hostile {
    shapes: BTreeMap<&'static str, Shape>,
    catalogs: Catalogs<'static>,
}

/// The places of the hostile text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Before,
    Behind,
}

impl Hostile {
    pub(crate) fn new() -> Self {
        let model = Box::leak(Box::new(model::infrastructure()));
        let catalogs = Catalogs::new(model, "2026-02-02T10:00:00Z");
        let shapes = BTreeMap::from([
            (ServicesFile::NAME, Shape::of(&catalogs.services)),
            (FluxResourcesFile::NAME, Shape::of(&catalogs.flux_resources)),
            (SecretsMapFile::NAME, Shape::of(&catalogs.secrets_map)),
            (ConfigMapsFile::NAME, Shape::of(&catalogs.config_maps)),
        ]);
        Hostile { shapes, catalogs }
    }

    /// The names of the fields with a fixed set of words.
    pub(crate) fn fields_of_words(&self) -> BTreeSet<&str> {
        let patterns = self.shapes.values().flat_map(|shape| &shape.words);
        patterns
            .filter_map(|pattern| pattern.rsplit('/').find(|part| *part != "*"))
            .collect()
    }

    /// The model with `text` in every field; with `words`, words that decide what is asked stay.
    pub(crate) fn model(&self, text: &str, side: Side, words: bool) -> Infrastructure {
        let mut model = Infrastructure {
            metadata: model::infrastructure().metadata,
            ..Infrastructure::default()
        };
        let change = |old: &str| match side {
            Side::Before => format!("{text}{old}"),
            Side::Behind => format!("{old}{text}"),
        };
        self.add(&self.catalogs.services, &change, words, &mut model);
        self.add(&self.catalogs.flux_resources, &change, words, &mut model);
        self.add(&self.catalogs.secrets_map, &change, words, &mut model);
        self.add(&self.catalogs.config_maps, &change, words, &mut model);
        model.metadata.generated_from = change("infra-flux");
        model
    }

    fn add<C: Catalog>(
        &self,
        catalog: &C,
        change: &dyn Fn(&str) -> String,
        words: bool,
        model: &mut Infrastructure,
    ) {
        let mut value = serde_json::to_value(catalog).unwrap();
        self.shapes[C::NAME].change(&mut value, "", "", words, change);
        serde_json::from_value::<C>(value).unwrap().add_to(model);
    }
}

/// The texts and words of a catalog. Patterns are JSON pointers with `*` for places in lists and names in maps.
#[derive(Default)]
struct Shape {
    /// Objects whose keys are names of the repository.
    maps: BTreeSet<String>,
    /// Texts from a fixed set of words.
    words: BTreeSet<String>,
}

impl Shape {
    /// Found by writing a mark to one place at a time: the type refuses or drops it unless the place takes any text.
    fn of<C: Catalog>(catalog: &C) -> Self {
        let all = serde_json::to_value(catalog).unwrap();
        let takes = |value: &Value| {
            let file = serde_json::from_value::<C>(value.clone()).ok();
            file.and_then(|file| serde_json::to_value(&file).ok())
                .is_some_and(|back| back == *value)
        };
        let mut shape = Shape::default();
        shape.look(&all, "", "", &|pointer, marked| {
            let mut all = all.clone();
            *all.pointer_mut(pointer).unwrap() = marked;
            takes(&all)
        });
        shape
    }

    fn look(&mut self, value: &Value, pattern: &str, pointer: &str, takes: &dyn Fn(&str, Value) -> bool) {
        let below = |name: &str| format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        match value {
            Value::String(text) if !takes(pointer, format!("{text}zq").into()) => {
                self.words.insert(pattern.to_owned());
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.look(
                        item,
                        &format!("{pattern}/*"),
                        &format!("{pointer}/{index}"),
                        takes,
                    );
                }
            }
            Value::Object(members) => {
                let renamed = members
                    .iter()
                    .map(|(name, member)| (format!("{name}zq"), member.clone()));
                if !pattern.is_empty() && !members.is_empty() && takes(pointer, renamed.collect()) {
                    self.maps.insert(pattern.to_owned());
                }
                let is_map = self.maps.contains(pattern);
                for (name, member) in members.iter().filter(|(name, _)| !is_metadata(pattern, name)) {
                    let step = if is_map { "*" } else { name };
                    self.look(member, &format!("{pattern}/{step}"), &below(name), takes);
                }
            }
            _ => {}
        }
    }

    fn change(
        &self,
        value: &mut Value,
        pattern: &str,
        field: &str,
        words: bool,
        change: &dyn Fn(&str) -> String,
    ) {
        match value {
            Value::String(text) => {
                let stays = self.words.contains(pattern) || words && WORDS.contains(&field);
                if !stays {
                    *text = change(text);
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.change(item, &format!("{pattern}/*"), field, words, change);
                }
            }
            Value::Object(members) => {
                let is_map = self.maps.contains(pattern);
                for (name, mut member) in std::mem::take(members) {
                    let (step, field) = if is_map {
                        ("*", field)
                    } else {
                        (name.as_str(), name.as_str())
                    };
                    if !is_metadata(pattern, &name) {
                        self.change(&mut member, &format!("{pattern}/{step}"), field, words, change);
                    }
                    members.insert(if is_map { change(&name) } else { name.clone() }, member);
                }
            }
            _ => {}
        }
    }
}

/// Metadata has fields that the program needs to read a file.
fn is_metadata(pattern: &str, name: &str) -> bool {
    pattern.is_empty() && matches!(name, "metadata" | "$schema")
}
