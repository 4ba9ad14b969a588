//! Objects without an entry of another type, such as those of operators.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::{Entry, abridge_name_after_kind, complete_kind_and_name};
use crate::fields::Fields;
use crate::keys::Key;
use crate::secrets::CopiedTo;
use crate::skip::{is_default, is_false};
use crate::{Place, RepoPath};

/// An object that a Kustomization applies and no other entry tells of: what an operator reads, a route, a claim, a role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "ObjectEntry")]
pub struct OtherObject {
    /// The kind. The key begins with it.
    #[serde(skip)]
    pub kind: String,
    /// The plain name, where the key has another after the kind.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub name: String,
    /// Its namespace.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub namespace: String,
    /// `apiVersion`
    pub api_version: String,
    /// Key of the Kustomization that applies it; `null` where none does.
    pub kustomization: Option<Key>,
    /// Keys of further Kustomizations that apply the same object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_applied_by: Vec<Key>,
    /// Its scalars as Flux applies them, by dotted path such as `spec.rules[0].host`, without labels and what its name says. Long texts
    /// are cut, credentials withheld.
    #[serde(skip_serializing_if = "Fields::is_empty")]
    pub fields: Fields,
    /// Present and true where it has more fields than are kept.
    #[serde(skip_serializing_if = "is_false")]
    pub more_fields: bool,
    /// Keys of the services that use it: those that mount a claim, run as an account, name a class of storage, priority or runtime, or
    /// talk to a Service of `dns`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<Key>,
    /// Names in the cluster's DNS of the Services that an operator makes of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<String>,
    /// Where a controller copies the Secret to that is made of it, as of a Certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copied_to: Option<CopiedTo>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

/// A scalar of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "ObjectFieldEntry")]
pub struct ObjectField {
    /// The value as Flux applies it; of a long text of several lines how many it has.
    pub value: String,
    /// The text with variables that it is made of, where it has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<String>,
    /// The file that decides it, where that is not the object's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<RepoPath>,
    /// The line that decides it; 0 where none does.
    #[serde(skip_serializing_if = "is_default")]
    pub line: u32,
    /// The comment behind it or directly above, where people wrote one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl ObjectField {
    /// The place that decides it. `source` is the place of its object.
    pub fn place(&self, source: Option<&Place>) -> Option<Place> {
        let own = || source.map(|source| source.file.clone());
        let file = self.file.clone().or_else(own)?;
        (self.line > 0).then_some(Place {
            file,
            line: self.line,
        })
    }
}

impl Entry for OtherObject {
    fn complete(&mut self, key: &str) {
        complete_kind_and_name(&mut self.kind, &mut self.name, key);
    }

    fn abridge(&mut self, key: &str) {
        abridge_name_after_kind(&mut self.name, key);
    }
}
