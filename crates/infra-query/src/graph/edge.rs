//! Edges of the graph: who depends on what, the evidence, and its place.

use std::borrow::Cow;

use infra_model::Place;

use super::node::Node;

/// A relation, from the dependent node to its dependency.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge<'a> {
    /// The dependent node.
    pub from: Node<'a>,
    /// Its dependency.
    pub to: Node<'a>,
    /// The kind of dependency.
    pub kind: EdgeKind,
    /// The evidence, such as `env DB_HOST`; empty if the kind is enough.
    pub evidence: Cow<'a, str>,
    /// The line that states it, if it is known.
    pub place: Option<Place>,
}

/// The kinds of dependencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgeKind {
    /// A service talks to a service or to a host.
    TalksTo,
    /// A Kustomization or HelmRelease names it in `dependsOn`.
    DependsOn,
    /// A Kustomization is ready only when the service is: it waits for all its objects, or checks the health of this
    /// one.
    ReadyWith,
    /// A Kustomization applies it.
    AppliedBy,
    /// A HelmRelease installs it.
    InstalledBy,
    /// Its manifests or its chart come from a source.
    SourcedFrom,
    /// It reads a ConfigMap or a secret.
    Reads,
    /// It reads a ConfigMap or a secret if there is one: `optional: true`.
    MayRead,
    /// A Kustomization substitutes a variable.
    Substitutes,
    /// An image group decides one of its images.
    RunsImage,
}
