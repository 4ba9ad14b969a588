//! The edges of the graph: who depends on what, how that is known, and where it is stated.

use std::borrow::Cow;

use infra_model::Place;

use super::node::Node;

/// One relation. It runs from what depends to what it depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge<'a> {
    /// What depends.
    pub from: Node<'a>,
    /// What it depends on.
    pub to: Node<'a>,
    /// In which way.
    pub kind: EdgeKind,
    /// How it is known, such as `env DB_HOST`; empty where the kind says it all.
    pub evidence: Cow<'a, str>,
    /// Where it is stated, as far as that is known.
    pub place: Option<Place>,
}

/// The way in which something depends on something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgeKind {
    /// A service talks to a service or to a host.
    TalksTo,
    /// A Kustomization or HelmRelease names it in `dependsOn`.
    DependsOn,
    /// A Kustomization is ready only when the service is: it waits for all of its objects, or checks the health of this one.
    ReadyWith,
    /// A Kustomization applies it.
    AppliedBy,
    /// A HelmRelease installs it.
    InstalledBy,
    /// Its manifests or its chart come from a source.
    SourcedFrom,
    /// It reads a ConfigMap or a secret.
    Reads,
    /// It reads a ConfigMap or a secret where there is one: `optional: true`.
    MayRead,
    /// A Kustomization substitutes a variable.
    Substitutes,
    /// An image group decides one of its images.
    RunsImage,
}
