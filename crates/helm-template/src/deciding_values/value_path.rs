//! Paths of values.

use std::fmt;
use std::rc::Rc;

use go_template::{Kind, Map, Text, Value};
use yaml_node::Node;

use crate::values::{copy_map, copy_value, empty_map};

/// The keys and indexes that lead to a value. It prints in the syntax of [yq](https://mikefarah.gitbook.io/yq).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValuePath(pub Vec<ValueStep>);

/// One step of a [`ValuePath`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueStep {
    /// The value of a key.
    Key(String),
    /// The element of a list, counted from 0.
    Index(usize),
}

impl ValuePath {
    /// The path with one more key.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.with(ValueStep::Key(key.to_owned()))
    }

    /// The path with one more index.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(ValueStep::Index(index))
    }

    fn with(&self, step: ValueStep) -> Self {
        ValuePath(self.0.iter().cloned().chain([step]).collect())
    }

    /// The last key, ignoring indexes after it.
    pub fn last_key(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|step| match step {
            ValueStep::Key(key) => Some(key.as_str()),
            ValueStep::Index(_) => None,
        })
    }

    /// The node at the path.
    pub fn node<'n>(&self, root: &'n Node) -> Option<&'n Node> {
        self.0.iter().try_fold(root, |node, step| match step {
            ValueStep::Key(key) => node.get(key),
            ValueStep::Index(index) => node.items().get(*index),
        })
    }

    /// The value at the path.
    pub(crate) fn get(&self, values: &Rc<Map>) -> Option<Value> {
        let mut value = Value::new(Kind::Map(Rc::clone(values)));
        for step in &self.0 {
            value = match (step, &value.kind) {
                (ValueStep::Key(key), Kind::Map(map)) => map.get(key)?,
                (ValueStep::Index(index), Kind::List(list)) => list.items().get(*index)?.clone(),
                _ => return None,
            };
        }
        Some(value)
    }

    /// Sets a value. Helm replaces lists as a whole, so a list that `values` does not have is copied from `effective`, the values
    /// that the chart sees.
    pub(crate) fn put(&self, values: &Map, effective: &Map, new: Value) {
        put(&self.0, values, Some(effective), new);
    }
}

fn put(path: &[ValueStep], values: &Map, effective: Option<&Map>, new: Value) {
    let Some((ValueStep::Key(key), rest)) = path.split_first() else {
        return;
    };
    let own = values.get(key).map(|value| value.kind);
    let seen = effective.and_then(|map| map.get(key)).map(|value| value.kind);
    let value = match rest.first() {
        None => new,
        Some(ValueStep::Key(_)) => {
            let map = match own {
                Some(Kind::Map(map)) => map,
                _ => Rc::new(empty_map()),
            };
            let seen = match &seen {
                Some(Kind::Map(map)) => Some(&**map),
                _ => None,
            };
            put(rest, &map, seen, new);
            Value::new(Kind::Map(map))
        }
        Some(ValueStep::Index(_)) => match own.or(seen) {
            Some(list) => in_list(rest, Value::new(list), new),
            None => return,
        },
    };
    values.insert(Text::from(key.as_str()), value);
}

fn in_list(path: &[ValueStep], list: Value, new: Value) -> Value {
    let (Some((ValueStep::Index(index), rest)), Kind::List(old)) = (path.split_first(), &list.kind) else {
        return list;
    };
    let mut items: Vec<Value> = old.items().to_vec();
    if let Some(item) = items.get_mut(*index) {
        *item = match (rest.first(), &item.kind) {
            (None, _) => new,
            (Some(ValueStep::Key(_)), Kind::Map(map)) => {
                let map = copy_map(map);
                put(rest, &map, None, new);
                Value::new(Kind::Map(Rc::new(map)))
            }
            (Some(ValueStep::Index(_)), _) => in_list(rest, copy_value(item), new),
            _ => return list,
        };
    }
    Value::list_of(old.list_type(), items)
}

impl fmt::Display for ValuePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.0 {
            match step {
                ValueStep::Key(key) if is_plain(key) => write!(f, ".{key}")?,
                ValueStep::Key(key) => write!(f, ".{}", go_std::quote::quote(key))?,
                ValueStep::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Whether a key needs no quotes in yq.
fn is_plain(key: &str) -> bool {
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_';
    key.starts_with(starts) && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
