//! Dependencies of services, with their evidence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::keys::Key;
use crate::{Place, RepoPath};

/// Something that a service talks to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "DependencyEntry")]
pub struct Dependency {
    /// Key of a service, or the host of something outside.
    pub target: Target,
    /// How it is known.
    pub via: Via,
    /// What shows it.
    pub evidence: String,
    /// The file that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<RepoPath>,
    /// The line in that file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

impl Dependency {
    /// Where it is stated, if that is known.
    pub fn place(&self) -> Option<Place> {
        Place::from_parts(self.file.as_ref(), self.line)
    }
}

/// The target of an edge. A catalog has only its name: it is a service if a service has that key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Target {
    /// Key of a service.
    Service(Key),
    /// Host of something outside, or a curated name.
    External(String),
}

source_tree::schema_as!(Target as String);

impl Target {
    /// The key or host.
    pub fn as_str(&self) -> &str {
        match self {
            Target::Service(text) | Target::External(text) => text,
        }
    }

    /// Decides whether the target is a service.
    pub fn resolve(&mut self, is_service: impl FnOnce(&str) -> bool) {
        let text = std::mem::take(match self {
            Target::Service(text) | Target::External(text) => text,
        });
        *self = match is_service(&text) {
            true => Target::Service(text),
            false => Target::External(text),
        };
    }
}

impl Default for Target {
    fn default() -> Self {
        Target::External(String::new())
    }
}

impl From<String> for Target {
    /// External, until [`Target::resolve`] decides.
    fn from(text: String) -> Self {
        Target::External(text)
    }
}

impl From<Target> for String {
    fn from(target: Target) -> Self {
        match target {
            Target::Service(text) | Target::External(text) => text,
        }
    }
}

/// How it is known that a service talks to something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Via {
    /// A container's `env`.
    #[default]
    Env,
    /// A ConfigMap that the service uses.
    Config,
    /// A Secret that the service uses, by what the template of its ExternalSecret states.
    Secret,
    /// A container's `command` or `args`.
    Args,
    /// A volume of the pods that lies on another machine.
    Volume,
    /// Effective Helm values.
    Values,
    /// The knowledge file.
    Curated,
}

impl Via {
    /// The word that `services.json` uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Via::Env => "env",
            Via::Config => "config",
            Via::Secret => "secret",
            Via::Args => "args",
            Via::Volume => "volume",
            Via::Values => "values",
            Via::Curated => "curated",
        }
    }
}
