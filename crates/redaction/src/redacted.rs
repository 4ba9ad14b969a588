//! The text that replaces a credential.

/// The text that replaces a credential.
pub const REDACTED: &str = "<redacted>";
