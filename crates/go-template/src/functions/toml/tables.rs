//! Tables of the TOML parser.

use std::collections::{BTreeMap, BTreeSet};

use go_std::quote::quote;

use super::read::Reader;
use crate::{ListType, Text, Value};

/// The content of a key.
pub(super) enum Item {
    Value(Value),
    Table(Table),
    TableArray(Vec<Table>),
}

pub(super) type Table = BTreeMap<String, Item>;

pub(super) fn value_of(table: Table) -> Value {
    let entries = table.into_iter().map(|(key, item)| {
        let value = match item {
            Item::Value(value) => value,
            Item::Table(table) => value_of(table),
            Item::TableArray(tables) => {
                Value::list_of(ListType::Maps, tables.into_iter().map(value_of).collect())
            }
        };
        (Text::from(key), value)
    });
    Value::map(entries.collect())
}

impl Reader<'_> {
    /// Opens a table at a path, creating its parents if they do not exist.
    pub(super) fn open(&mut self, path: &[String], array: bool, line: usize) -> Result<(), String> {
        let Some((last, parents)) = path.split_last() else {
            return Ok(());
        };
        if !array {
            return self.define(path, Item::Table(Table::new()), line);
        }
        let problem = match table_at(&mut self.root, parents, &mut self.implicit) {
            Ok(table) => {
                let item = table.entry(last.clone());
                if let Item::TableArray(tables) = item.or_insert_with(|| Item::TableArray(Vec::new())) {
                    tables.push(Table::new());
                    return Ok(());
                }
                let key = self.full(path);
                format!("Key '{key}' was already created and cannot be used as an array.")
            }
            Err(problem) => problem,
        };
        self.fail_at(line, &problem)
    }

    /// The path in the document of a path in the current inline table.
    fn full(&self, path: &[String]) -> String {
        joined(&[self.outer.as_slice(), path].concat())
    }

    /// Defines a path. Only a table that was created implicitly may exist there already.
    pub(super) fn define(&mut self, path: &[String], item: Item, line: usize) -> Result<(), String> {
        let Some((last, parents)) = path.split_last() else {
            return Ok(());
        };
        let key = joined(path);
        let problem = match table_at(&mut self.root, parents, &mut self.implicit) {
            Ok(table) => {
                if !table.contains_key(last) {
                    table.insert(last.clone(), item);
                    return Ok(());
                }
                let is_table = matches!(item, Item::Table(_));
                if is_table && self.implicit.remove(&key) {
                    return Ok(());
                }
                format!("Key '{}' has already been defined.", self.full(path))
            }
            Err(problem) => problem,
        };
        self.fail_at(line, &problem)
    }
}

fn table_at<'t>(
    root: &'t mut Table,
    path: &[String],
    implicit: &mut BTreeSet<String>,
) -> Result<&'t mut Table, String> {
    let mut table = root;
    for (index, name) in path.iter().enumerate() {
        let so_far = path.get(..=index).unwrap_or_default();
        if !table.contains_key(name) {
            implicit.insert(joined(so_far));
        }
        let item = table
            .entry(name.clone())
            .or_insert_with(|| Item::Table(Table::new()));
        table = match item {
            Item::Table(table) => table,
            Item::TableArray(tables) => tables.last_mut().ok_or_else(String::new)?,
            Item::Value(_) => return Err(format!("Key '{}' has already been defined.", joined(so_far))),
        };
    }
    Ok(table)
}

pub(super) fn joined(path: &[String]) -> String {
    let names: Vec<String> = path.iter().map(|name| quoted_key(name)).collect();
    names.join(".")
}

pub(super) fn quoted_key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !name.is_empty() && name.chars().all(bare) {
        name.to_owned()
    } else {
        quote(name)
    }
}
