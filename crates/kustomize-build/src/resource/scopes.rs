//! The scopes of types in `openapi` documents.

use std::collections::HashSet;

use smol_str::SmolStr;

use super::Gvk;

/// The types that are cluster-scoped in an `openapi` document, as apiVersion and kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scopes {
    pub(crate) cluster_scoped: HashSet<(SmolStr, SmolStr)>,
}

impl Scopes {
    /// Whether a type is cluster-scoped. The built-in table has precedence.
    pub(crate) fn is_cluster_scoped(scopes: Option<&Scopes>, gvk: &Gvk) -> bool {
        match (gvk.known_scope(), scopes) {
            (Some(namespaced), _) => !namespaced,
            (None, None) => false,
            (None, Some(scopes)) => scopes
                .cluster_scoped
                .contains(&(gvk.api_version().into(), gvk.kind.clone())),
        }
    }
}
