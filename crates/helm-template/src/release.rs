//! `.Release` as input of a rendering.

use crate::{Error, Stage};

/// Longest name of a release, in bytes.
const NAME_BYTES: usize = 53;

/// A release, which templates see as `.Release`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Whether it is an upgrade, not an installation.
    pub is_upgrade: bool,
    /// Its revision.
    pub revision: i64,
}

impl Release {
    /// A first installation.
    pub fn new(name: impl Into<String>, namespace: impl Into<String>) -> Self {
        Release {
            name: name.into(),
            namespace: namespace.into(),
            is_upgrade: false,
            revision: 1,
        }
    }

    /// Refuses invalid release names.
    pub(crate) fn check_name(&self) -> Result<(), Error> {
        let name = self.name.as_str();
        let reason = if name.is_empty() {
            "no name provided"
        } else if name.len() > NAME_BYTES || !name.split('.').all(is_label) {
            "invalid release name, must match regex ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ \
             and the length must not be longer than 53"
        } else {
            return Ok(());
        };
        Err(Error::new(
            Stage::ReleaseName,
            format!(
                "release name check failed: release name {}: {reason}",
                go_std::quote::quote(name)
            ),
        ))
    }
}

/// `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
fn is_label(part: &str) -> bool {
    !part.is_empty()
        && !part.starts_with('-')
        && !part.ends_with('-')
        && part
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_dns_names_of_bounded_length() {
        let is_valid = |name: &str| Release::new(name, "ns").check_name().is_ok();
        assert!(is_valid("a.b-c.0") && is_valid(&"x".repeat(53)));
        for name in ["", "A", "a_b", "-a", "a-", "a..b", "a."] {
            assert!(!is_valid(name), "{name}");
        }
        assert!(!is_valid(&"x".repeat(54)));
    }
}
