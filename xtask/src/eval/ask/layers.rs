//! The line that decides a value.

use std::collections::BTreeMap;

use super::config::map_name;
use super::material::Material;
use super::only;
use crate::eval::question::{Catalog, Class, Draft, Fact, Question};
use crate::eval::rendering::Object;
use crate::json::entries;

static LINE: Class = Class {
    name: "deciding line",
    asks: "Which line decides the value of X (ConfigMap and key)?",
    catalog: Catalog::ConfigMaps,
};
static OVERRIDDEN: Class = Class {
    name: "deciding line among several",
    asks: "Which line decides the value of X (ConfigMap and key), of several that state one?",
    catalog: Catalog::ConfigMaps,
};

/// A line that states a value for a key.
struct Line<'r> {
    file: &'r str,
    number: usize,
    value: &'r str,
}

pub(super) fn questions<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let lines = stating_lines(material);
    let maps = material.rendering.of_kind("", "ConfigMap");
    let mut decided: Vec<(&'r Object, &'r str, &Line<'r>, bool)> = Vec::new();
    for &map in &maps {
        for (key, value) in entries(&map.value["data"]) {
            let Some(value) = value
                .as_str()
                .filter(|value| value.len() > 1 && !value.contains('\n'))
            else {
                continue;
            };
            let Some(stating) = lines.get(key).filter(|_| !super::is_credential(key)) else {
                continue;
            };
            if let Some(line) = only(stating.iter().filter(|line| line.value == value)) {
                decided.push((map, key, line, stating.len() > 1));
            }
        }
    }
    let ask = |(map, key, line): (&'r Object, &'r str, &Line<'r>)| {
        let answer = vec![Fact::place(line.file, line.number)];
        Draft {
            files: vec![line.file],
            ..Draft::of_key(&map_name(map, &maps), key, answer, vec![map])
        }
    };
    let among = |several: bool| {
        let decided = decided.iter();
        let chosen = decided.filter(move |(.., is_among)| *is_among == several);
        chosen.map(|(map, key, line, _)| (*map, *key, *line))
    };
    let mut questions = material.ask(&LINE, among(false), ask);
    questions.extend(material.ask(&OVERRIDDEN, among(true), ask));
    questions
}

/// Every line of the repository that gives a key a plain value (`KEY: value` or `KEY=value`), by key.
fn stating_lines<'r>(material: &Material<'r>) -> BTreeMap<&'r str, Vec<Line<'r>>> {
    let mut lines: BTreeMap<&'r str, Vec<Line<'r>>> = BTreeMap::new();
    for (file, text) in material.files {
        for (index, line) in text.lines().enumerate() {
            let stated = line.trim_start().trim_start_matches("- ").trim();
            let Some((key, value)) = stated.split_once(['=', ':']) else {
                continue;
            };
            let line = Line {
                file,
                number: index + 1,
                value: value.trim().trim_matches(['"', '\'']),
            };
            lines.entry(key.trim_matches(['"', '\''])).or_default().push(line);
        }
    }
    lines
}
