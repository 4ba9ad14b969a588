//! Nodes of an object as built and as applied: texts as written and as resolved, with the places that decide them.

use std::collections::BTreeMap;

use infra_model::Written;
use source_tree::Mark;
use yaml_node::{Mapping, Node};

use flux_evaluate::VariableUse;

/// A node of an object, as Flux applies it and as its author wrote it.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    /// Substituted.
    pub(crate) node: &'a Node,
    /// With variables as written; `None` if substitution changed the structure around it.
    pub(crate) built: Option<&'a Node>,
    uses: Option<&'a BTreeMap<String, VariableUse>>,
}

impl<'a> View<'a> {
    /// An applied node beside the same node before substitution.
    pub(crate) fn new(
        node: &'a Node,
        built: Option<&'a Node>,
        uses: Option<&'a BTreeMap<String, VariableUse>>,
    ) -> Self {
        View { node, built, uses }
    }

    /// A node that has no form before substitution, such as merged values.
    pub(crate) fn plain(node: &'a Node) -> Self {
        View::new(node, None, None)
    }

    /// Nodes that were read from a text of this object.
    pub(crate) fn sibling<'n>(self, node: &'n Node, built: Option<&'n Node>) -> View<'n>
    where
        'a: 'n,
    {
        View::new(node, built, self.uses)
    }

    /// The value under `key`.
    pub(crate) fn get(self, key: &str) -> Option<View<'a>> {
        let node = self.node.get(key)?;
        let built = self.built.and_then(|built| match built.shares(self.node) {
            // Nothing is substituted below.
            true => Some(node),
            false => built.get(key),
        });
        Some(self.sibling(node, built))
    }

    /// The value under a path of keys.
    pub(crate) fn at(self, path: &[&str]) -> Option<View<'a>> {
        path.iter().try_fold(self, |view, key| view.get(key))
    }

    /// The items of a list.
    pub(crate) fn items(self) -> impl Iterator<Item = View<'a>> {
        let built = self.built.map_or(&[][..], Node::items);
        let items = self.node.items();
        let same_length = built.len() == items.len();
        items
            .iter()
            .enumerate()
            .map(move |(index, node)| self.sibling(node, built.get(index).filter(|_| same_length)))
    }

    /// The items of the list under `key`.
    pub(crate) fn items_of(self, key: &str) -> impl Iterator<Item = View<'a>> + use<'a> {
        self.get(key).into_iter().flat_map(View::items)
    }

    /// The items of the list under a path.
    pub(crate) fn items_at(self, path: &[&str]) -> impl Iterator<Item = View<'a>> + use<'a> {
        self.at(path).into_iter().flat_map(View::items)
    }

    /// The texts in the list under a path.
    pub(crate) fn texts_at(self, path: &[&str]) -> impl Iterator<Item = &'a str> + use<'a> {
        self.items_at(path).filter_map(View::text)
    }

    /// Keys and values of a mapping.
    pub(crate) fn entries(self) -> impl Iterator<Item = (&'a str, View<'a>)> {
        let entries = self.node.as_mapping().map_or(&[][..], Mapping::entries);
        entries.iter().filter_map(move |(key, node)| {
            let key = key.text()?;
            let built = self.built.and_then(|built| built.get(key));
            Some((key, self.sibling(node, built)))
        })
    }

    /// Keys and values of the mapping under `key`.
    pub(crate) fn entries_of(self, key: &str) -> impl Iterator<Item = (&'a str, View<'a>)> + use<'a> {
        self.get(key).into_iter().flat_map(View::entries)
    }

    /// Keys and values of the mapping under a path.
    pub(crate) fn entries_at(self, path: &[&str]) -> impl Iterator<Item = (&'a str, View<'a>)> + use<'a> {
        self.at(path).into_iter().flat_map(View::entries)
    }

    /// Keys and texts of the mapping under a path, such as labels.
    pub(crate) fn labels_at(self, path: &[&str]) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        self.entries_at(path)
            .filter_map(|(key, value)| Some((key, value.text()?)))
    }

    /// Whether the value under `key` is `true`.
    pub(crate) fn is_true(self, key: &str) -> bool {
        self.get(key).and_then(|value| value.node.as_bool()) == Some(true)
    }

    /// The text as applied; `None` for null.
    pub(crate) fn text(self) -> Option<&'a str> {
        self.node.text().filter(|_| !self.node.is_null())
    }

    /// The text under `key` as applied, if it is not empty.
    pub(crate) fn text_of(self, key: &str) -> Option<&'a str> {
        self.get(key)?.text().filter(|text| !text.is_empty())
    }

    /// The text under a path as applied, if it is not empty.
    pub(crate) fn text_at(self, path: &[&str]) -> Option<&'a str> {
        self.at(path)?.text().filter(|text| !text.is_empty())
    }

    /// The text as written and as resolved; `None` for null, mappings and lists.
    pub(crate) fn written(self) -> Option<Written> {
        Some(self.written_text(self.text()?))
    }

    /// As [`View::written`], under a path.
    pub(crate) fn written_at(self, path: &[&str]) -> Option<Written> {
        self.at(path)?.written().filter(|text| !text.written.is_empty())
    }

    /// The text as built.
    pub(crate) fn built_text(self) -> Option<&'a str> {
        self.built.and_then(Node::text)
    }

    /// The line that states the value.
    pub(crate) fn mark(self) -> Mark {
        match self.built {
            // Patches and transformers leave the mark of the deciding value on the built tree.
            Some(built) if built.mark.is_some() => built.mark,
            _ => self.node.mark,
        }
    }

    /// Whether `text`, a text of this object as applied, has no unknown variable in it.
    pub(crate) fn is_known(self, text: &str) -> bool {
        let Some(uses) = self.uses else {
            return true;
        };
        variables(text).all(|name| uses.get(name).is_none_or(|used| used.known))
    }

    /// A text of this object as applied, with the one it was written as.
    fn written_text(self, text: &str) -> Written {
        match self.built_text() {
            Some(built) if built != text => Written {
                written: built.to_owned(),
                resolved: self.is_known(text).then(|| text.to_owned()),
            },
            _ => Written::plain(text),
        }
    }
}

/// Names of the variables in `${NAME…}` expressions of a text.
pub(crate) fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("${").filter_map(|(start, _)| {
        let rest = text.get(start + 2..)?;
        let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric());
        let name = rest.get(..end.unwrap_or(rest.len()))?;
        Some(name).filter(|name| !name.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use yaml_node::Value;

    #[test]
    fn entries_are_those_of_the_built_tree() {
        let entry = |key: &str, value: &str| (Node::str(key), Node::str(value));
        let shared = ["a", "b", "a", "c"].iter().zip(["1", "2", "3", "4"]);
        let shared: Vec<_> = shared.map(|(key, value)| entry(key, value)).collect();
        let shared = Node::new(Value::Mapping(Mapping::new(shared)));
        let changed = Node::new(Value::Mapping(Mapping::new(vec![
            entry("b", "x"),
            entry("a", "y"),
        ])));
        for (node, built) in [
            (&shared, &shared.clone()),
            (&shared, &changed),
            (&changed, &shared),
        ] {
            let view = View::new(node, Some(built), None);
            for (key, value) in view.entries() {
                assert_eq!(value.built, built.get(key), "{key}");
            }
            for key in ["a", "b", "c", "d"] {
                let value = view.get(key);
                assert_eq!(value.map(|value| value.node), node.get(key), "{key}");
                assert_eq!(
                    value.and_then(|value| value.built),
                    built.get(key).filter(|_| value.is_some()),
                    "{key}"
                );
            }
        }
    }

    #[test]
    fn a_text_is_resolved_where_all_of_it_is_known() {
        let used = |known| VariableUse {
            first: Mark::NONE,
            known,
            unknown: !known,
            defined_in: None,
            defaulted: false,
        };
        let uses = BTreeMap::from([("a".to_owned(), used(true)), ("b".to_owned(), used(false))]);
        let check = |built: &str, node: &str, resolved: Option<&str>| {
            let (built, node) = (Node::str(built), Node::str(node));
            let written = View::new(&node, Some(&built), Some(&uses)).written().unwrap();
            assert_eq!(written.written, built.text().unwrap());
            assert_eq!(written.resolved.as_deref(), resolved);
        };
        check("x-${a}", "x-1", Some("x-1"));
        check("x-${a}-${b}", "x-1-${b}", None);
        check("$${shell}", "${shell}", Some("${shell}"));
        check("plain", "plain", None);
    }
}
