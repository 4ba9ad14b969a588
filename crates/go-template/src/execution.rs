//! How an execution goes.

use std::any::Any;

use crate::{Budget, Limits};

/// What becomes of values that cannot be known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknown {
    /// Their stand-ins are used, and what is made from them is marked as unknown too.
    #[default]
    Placeholder,
    /// Whoever uses one fails, with the reason as message.
    Error,
}

/// How one execution goes.
#[derive(Clone, Copy, Debug)]
pub struct Execution<'e> {
    /// Bounds of work and memory.
    pub limits: Limits,
    /// What several executions may use together. Its limits count in place of [`limits`](Execution::limits).
    pub budget: Option<&'e Budget>,
    /// Whether unknown values may be used.
    pub unknown: Unknown,
    /// What functions ask [`Caller::host_any`](crate::Caller::host_any) for.
    pub host: &'e dyn Any,
}

impl Default for Execution<'_> {
    fn default() -> Self {
        Execution {
            limits: Limits::default(),
            budget: None,
            unknown: Unknown::default(),
            host: &(),
        }
    }
}
