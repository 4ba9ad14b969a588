//! What a service talks to, with the evidence.

use crate::Place;
use crate::keys::Key;

/// One edge from a service to what it talks to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dependency {
    /// A service, or something outside of the repository.
    pub target: Target,
    /// How it is known.
    pub via: Via,
    /// The name that shows it, such as `env DATABASE_HOST=postgres-primary.postgres.svc`, without credentials.
    pub evidence: String,
    /// Where the evidence stands.
    pub place: Option<Place>,
}

/// The end of an edge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Key of a service.
    Service(Key),
    /// Host of something outside, or a curated name.
    External(String),
}

impl Target {
    /// The key or host.
    pub fn as_str(&self) -> &str {
        match self {
            Target::Service(text) | Target::External(text) => text,
        }
    }
}

/// How an edge is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// A container's `env`.
    Env,
    /// A ConfigMap that the service uses.
    Config,
    /// A container's `command` or `args`.
    Args,
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
            Via::Args => "args",
            Via::Values => "values",
            Via::Curated => "curated",
        }
    }
}
