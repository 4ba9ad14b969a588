//! Scalars of the objects that Flux applies, whatever their kind, with the lines that decide them. No catalog has them all: of
//! what a chart installs it keeps what was rendered, of Flux' own objects what its questions are about.

use std::collections::BTreeMap;

use flux_evaluate::Evaluation;
use infra_model::object::{ObjectField, OtherObject};
use infra_model::{Key, ObjectRef};
use source_tree::RepoPath;
use yaml_node::Node;

use crate::config_text::without_credentials;
use crate::inventory::Inventory;
use crate::scalars::{TakeScalars, fields_of_object, take_scalars};
use crate::text_place::TextPlace;
use crate::view::View;
use crate::{keys, secret_values};

/// Longest text that is looked at, in bytes.
const LONGEST: usize = 256 << 10;

/// Which fields are asked for.
pub struct AskedFields<'q> {
    /// Whether an object is looked at.
    pub of: &'q dyn Fn(&ObjectRef) -> bool,
    /// Whether a field is, by its path and the text, which is one line.
    pub is_asked: &'q dyn Fn(&str, &str) -> bool,
    /// So many at most are returned.
    pub most: usize,
}

/// The objects of a cluster with the fields that are asked for; those that charts make only where no other object has any.
/// Of a text of several lines each line is a field.
pub fn stated_fields(evaluation: &Evaluation, asked: &AskedFields<'_>) -> BTreeMap<Key, OtherObject> {
    let evaluation = &*secret_values::withhold(evaluation);
    let kustomization_keys = keys::kustomizations(evaluation);
    let inventory = Inventory::new(evaluation, &kustomization_keys);
    let mut search = Search {
        inventory: &inventory,
        asked,
        left: asked.most,
        file: None,
        fields: BTreeMap::new(),
        found: BTreeMap::new(),
    };
    search.objects(false);
    if search.found.is_empty() {
        search.objects(true);
    }
    search.found
}

struct Search<'s> {
    inventory: &'s Inventory<'s>,
    asked: &'s AskedFields<'s>,
    /// So many fields more are returned.
    left: usize,
    /// The file of the object that is looked at, and its fields.
    file: Option<RepoPath>,
    fields: BTreeMap<String, ObjectField>,
    found: BTreeMap<Key, OtherObject>,
}

impl Search<'_> {
    /// Goes through the objects that people state, or those that charts make.
    fn objects(&mut self, of_charts: bool) {
        const HIDDEN: [&str; 3] = ["Secret", "SealedSecret", "CustomResourceDefinition"];
        let inventory = self.inventory;
        for object in &inventory.objects {
            let id = object.object_name();
            if object.is_of_chart() != of_charts || HIDDEN.contains(&object.kind) || !(self.asked.of)(&id) {
                continue;
            }
            let source = inventory.source(object);
            self.file = source.as_ref().map(|source| source.file.clone());
            for (name, value) in fields_of_object(inventory.view(object)) {
                take_scalars(name, name, value, 1, self);
            }
            let fields = std::mem::take(&mut self.fields);
            if fields.is_empty() {
                continue;
            }
            let short = format!("{}/{}", id.kind, id.name);
            let key = match self.found.contains_key(&short) {
                true => id.to_string(),
                false => short,
            };
            let found = OtherObject {
                kind: id.kind,
                name: id.name,
                namespace: id.namespace,
                api_version: object.api_version().to_owned(),
                kustomization: inventory.kustomization(object),
                fields,
                more_fields: self.left == 0,
                source,
                ..OtherObject::default()
            };
            self.found.insert(key, found);
        }
    }
}

impl TakeScalars for Search<'_> {
    fn is_full(&self) -> bool {
        self.left == 0
    }

    fn take(&mut self, path: &str, key: &str, value: View<'_>) {
        let Some(text) = value.text().filter(|text| text.len() <= LONGEST) else {
            return;
        };
        // Only what may match is worth being looked at for credentials; no line that has one matches by it.
        let is_asked = |line: &str| (self.asked.is_asked)(path, line.trim_end());
        if text.starts_with("ENC[") || !text.lines().any(is_asked) {
            return;
        }
        let is_one_line = !text.trim_end().contains('\n');
        // A credential may have several lines, of which no single one is known as such.
        if !is_one_line && redaction::credential_in_text(text) {
            return;
        }
        let shown = without_credentials(key, text);
        let shown = match is_one_line {
            true => redaction::without_random_words(&shown).into_owned(),
            false => shown,
        };
        let place = match is_one_line {
            true => TextPlace::line(value),
            false => TextPlace::of(&self.inventory.evaluation.sources, value),
        };
        let built = value.built.and_then(Node::text).filter(|built| *built != text);
        let written = built
            .filter(|_| is_one_line)
            .map(|built| without_credentials(key, built.trim_end()))
            .map(|built| redaction::without_random_words(&built).into_owned());
        for (number, line) in (1_u32..).zip(shown.lines()) {
            if self.left == 0 || !is_asked(line) {
                continue;
            }
            let place = self.inventory.place(place.at(number));
            let file = place.as_ref().map(|place| &place.file);
            let field = ObjectField {
                value: line.trim_end().to_owned(),
                written: written.clone(),
                line: place.as_ref().map_or(0, |place| place.line),
                comment: None,
                file: file.filter(|file| Some(*file) != self.file.as_ref()).cloned(),
            };
            let path = match is_one_line {
                true => path.to_owned(),
                false => format!("{path} line {number:02}"),
            };
            self.fields.insert(path, field);
            self.left -= 1;
        }
    }
}
