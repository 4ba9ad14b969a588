//! `list`: a flat array. Images are plain strings, everything else is `{"name", "kind", "namespace", "about", "states", "owner"}`.

use infra_query::list::{List, ListKind};
use serde_json::Value;

use super::{ToJson, object, unless_empty};

impl ToJson for List<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let items = self.items.iter();
        if self.kind == ListKind::Images {
            return Ok(items.map(|item| Value::from(item.name)).collect());
        }
        Ok(items
            .map(|item| {
                object([
                    ("name", item.name.into()),
                    ("kind", item.kind.into()),
                    ("namespace", item.namespace.into()),
                    ("about", unless_empty(item.about.iter().copied())),
                    ("states", unless_empty(item.states.iter().copied())),
                    ("owner", item.owner.into()),
                ])
            })
            .collect())
    }
}
