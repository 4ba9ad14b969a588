//! Scalars of all objects that Flux applies, with the lines that decide them. No catalog has them all: of objects of charts and of
//! Flux it keeps only a part.

use std::collections::BTreeMap;

use flux_evaluate::Evaluation;
use infra_model::object::{ObjectField, OtherObject};
use infra_model::{Key, ObjectRef};
use source_tree::RepoPath;

use crate::config_text::without_credentials;
use crate::inventory::Inventory;
use crate::scalars::{TakeScalars, fields_of_object, take_scalars};
use crate::text_place::TextPlace;
use crate::view::View;
use crate::{keys, secret_values};

/// Longest text that is read, in bytes.
const LONGEST: usize = 256 << 10;

/// The fields to return.
pub struct AskedFields<'q> {
    /// Whether to read an object, by its name and the key of the Kustomization that applies it.
    pub of: &'q dyn Fn(&ObjectRef, Option<&str>) -> bool,
    /// Whether to return a field.
    pub is_asked: &'q dyn Fn(StatedLine<'_>) -> bool,
    /// Most lines that are returned below one that opens a block in a text, such as `paths:`.
    pub below: usize,
    /// Most fields that are returned.
    pub most: usize,
}

/// A scalar of one line, or a line of one with several.
#[derive(Clone, Copy, Debug)]
pub struct StatedLine<'a> {
    /// Kind and name of its object: `ConfigMap/papi`.
    pub title: &'a str,
    /// The path of the scalar.
    pub path: &'a str,
    /// The name that describes it: the last part of the path, or for a `value` the `name` beside it.
    pub key: &'a str,
    /// The line.
    pub text: &'a str,
    /// Its number, from 1, in a scalar of several lines.
    pub number: Option<u32>,
}

/// The objects of each cluster with the fields asked for, by the first of some ways that finds any field in any cluster. Each line of
/// a text of several lines is a field.
pub fn first_stated(
    evaluations: &[&Evaluation],
    ways: &[AskedFields<'_>],
) -> Vec<BTreeMap<Key, OtherObject>> {
    let withheld = evaluations
        .iter()
        .map(|evaluation| secret_values::withhold(evaluation));
    let withheld: Vec<_> = withheld.collect();
    let inventories: Vec<Inventory<'_>> = withheld
        .iter()
        .map(|evaluation| Inventory::new(evaluation, &keys::kustomizations(evaluation)))
        .collect();
    let in_each = |asked| {
        let inventories = inventories.iter();
        inventories.map(|inventory| stated(inventory, asked)).collect()
    };
    let mut found = ways.iter().map(in_each);
    found
        .find(|found: &Vec<BTreeMap<_, _>>| found.iter().any(|objects| !objects.is_empty()))
        .unwrap_or_else(|| vec![BTreeMap::new(); evaluations.len()])
}

/// The objects of a cluster with fields; those of charts only if no other object has any.
fn stated(inventory: &Inventory<'_>, asked: &AskedFields<'_>) -> BTreeMap<Key, OtherObject> {
    let mut search = Search {
        inventory,
        asked,
        left: asked.most,
        title: String::new(),
        file: None,
        fields: Vec::new(),
        found: BTreeMap::new(),
    };
    search.add_objects(false);
    if search.found.is_empty() {
        search.add_objects(true);
    }
    search.found
}

struct Search<'s> {
    inventory: &'s Inventory<'s>,
    asked: &'s AskedFields<'s>,
    /// The number of fields that may still be returned.
    left: usize,
    /// Title, file and fields of the object that is read.
    title: String,
    file: Option<RepoPath>,
    fields: Vec<(String, ObjectField)>,
    found: BTreeMap<Key, OtherObject>,
}

impl Search<'_> {
    /// Adds the objects that people state, or those of charts.
    fn add_objects(&mut self, of_charts: bool) {
        const HIDDEN: [&str; 3] = ["Secret", "SealedSecret", "CustomResourceDefinition"];
        let inventory = self.inventory;
        for object in &inventory.objects {
            if object.is_of_chart() != of_charts || HIDDEN.contains(&object.kind) {
                continue;
            }
            let id = object.object_name();
            let kustomization = inventory.kustomization(object);
            if !(self.asked.of)(&id, kustomization.as_deref()) {
                continue;
            }
            self.title = format!("{}/{}", id.kind, id.name);
            let source = inventory.source(object);
            self.file = source.as_ref().map(|source| source.file.clone());
            for (name, value) in fields_of_object(inventory.view(object)) {
                take_scalars(name, name, value, 1, self);
            }
            let fields = std::mem::take(&mut self.fields);
            if fields.is_empty() {
                continue;
            }
            let key = match self.found.contains_key(&self.title) {
                true => id.to_string(),
                false => self.title.clone(),
            };
            let found = OtherObject {
                kind: id.kind.into(),
                name: id.name.into(),
                namespace: id.namespace.into(),
                api_version: object.api_version.to_owned(),
                kustomization,
                fields: fields.into_iter().collect(),
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
        let is_one_line = !text.trim_end().contains('\n');
        let is_asked = |number: u32, line: &str| {
            (self.asked.is_asked)(StatedLine {
                title: &self.title,
                path,
                key,
                text: line.trim_end(),
                number: (!is_one_line).then_some(number),
            })
        };
        // Spares the search for credentials in texts that do not match.
        let mut lines = (1_u32..).zip(text.lines());
        if text.starts_with("ENC[") || !lines.any(|(number, line)| is_asked(number, line)) {
            return;
        }
        // A credential may have several lines, none of which looks like one.
        if !is_one_line && redaction::credential_in_text(text) {
            return;
        }
        let one_line =
            |text: &str| redaction::without_random_words(&without_credentials(key, text)).into_owned();
        let sources = &self.inventory.evaluation.sources;
        let (shown, place) = match is_one_line {
            true => (one_line(text), TextPlace::line(value)),
            false => (without_credentials(key, text), TextPlace::new(sources, value)),
        };
        let built = value.built_text().filter(|built| *built != text && is_one_line);
        let written = built.map(|built| one_line(built.trim_end()));
        // The indentation of the line that opened a block, and the number of lines that may follow.
        let mut block: Option<(usize, usize)> = None;
        for (number, line) in (1_u32..).zip(shown.lines()) {
            let is_match = is_asked(number, line);
            let is_below = match &mut block {
                Some((depth, left)) if !line.trim().is_empty() && indent(line) > *depth && *left > 0 => {
                    *left -= 1;
                    true
                }
                Some(_) if line.trim().is_empty() => false,
                _ => {
                    block = None;
                    false
                }
            };
            if self.left == 0 || !is_match && !is_below {
                continue;
            }
            if is_match && !is_below && is_block_start(line) {
                block = Some((indent(line), self.asked.below));
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
                false => format!("{path} line {number:04}"),
            };
            self.fields.push((path, field));
            self.left -= 1;
        }
    }
}

/// The indentation of a line.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Whether a line opens a block, like `paths:`, `script: |` and `routes = [`.
fn is_block_start(line: &str) -> bool {
    let line = line.trim_end();
    let block = line.trim_end_matches(|c: char| "+-".contains(c) || c.is_ascii_digit());
    line.ends_with([':', '{', '[', '(']) || (block.ends_with(" |") || block.ends_with(" >"))
}
