//! `list`: a flat array. Images are plain strings, everything else is `{"name", "kind", "namespace", "about", "states", "owner"}`.

use std::borrow::Cow;

use infra_model::Place;
use infra_query::list::{List, ListKind};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, to_value};

use super::ToJson;

/// One of a list.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum ItemJson<'a> {
    /// An image.
    Image(&'a str),
    /// Anything else.
    Thing(ListedJson<'a>),
}

/// A thing in a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Listed")]
pub(super) struct ListedJson<'a> {
    /// Key or name.
    name: &'a str,
    /// Kind of object, where the list has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    /// Namespace, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
    /// What else is worth a line: keys of services, a path, a value.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    about: &'a [Cow<'a, str>],
    /// States such as `suspended`, `failed` or `partial`; the provider or protection of a secret.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    states: &'a [&'a str],
    /// Key of the HelmRelease or Kustomization that owns it.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    /// Where a person edits it, in a list of several kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a Place>,
}

impl ToJson for List<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let items = self.items.iter().map(|item| match self.kind {
            ListKind::Images => ItemJson::Image(item.name),
            _ => ItemJson::Thing(ListedJson {
                name: item.name,
                kind: item.kind,
                namespace: item.namespace,
                about: &item.about,
                states: &item.states,
                owner: item.owner,
                source: item.place,
            }),
        });
        to_value(items.collect::<Vec<_>>())
    }
}
