//! What is shown in place of a credential.

/// What is shown in place of a credential.
pub const REDACTED: &str = "<redacted>";
