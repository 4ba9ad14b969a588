//! Removes credentials from shown texts. Credentials are recognised by their key or by their form.
//!
//! ```
//! assert!(redaction::credential("DB_PASSWORD", "hunter2").is_some());
//! assert!(redaction::credential("DB_PASSWORD", "${db_password}").is_none());
//! assert_eq!(
//!     redaction::without_credentials("redis://:hunter2@redis:6379/0 is down"),
//!     "redis://:<redacted>@redis:6379/0 is down"
//! );
//! ```

mod address;
mod credential;
mod hints;
mod key;
mod prose;
mod random;
mod redacted;
mod rule;
mod secret_fields;
mod secret_manifests;
mod stated;
mod text;
mod tokens;
mod value;
mod words;

pub use credential::{Reason, credential};
pub use random::without_random_words;
pub use redacted::REDACTED;
pub use secret_fields::{SecretPath, is_of_secret};
pub use text::{credential_in_text, free_text, without_credentials};
