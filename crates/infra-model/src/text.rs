//! A text as its author wrote it, and as Flux applies it.

use std::collections::BTreeMap;

/// A value before and after substitution.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Written {
    /// The text as written, such as `kubernetes-${cluster_name}`.
    pub written: String,
    /// The substituted text where it differs and is fully known.
    pub resolved: Option<String>,
}

impl Written {
    /// A text without variables.
    pub fn plain(text: impl Into<String>) -> Self {
        Written {
            written: text.into(),
            resolved: None,
        }
    }

    /// What Flux applies, as far as it is known.
    pub fn value(&self) -> &str {
        self.resolved.as_deref().unwrap_or(&self.written)
    }
}

/// Texts by name, in name order.
pub type WrittenMap = BTreeMap<String, Written>;
