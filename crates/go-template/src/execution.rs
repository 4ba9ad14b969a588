//! Options of an execution.

use std::any::Any;

use crate::{Budget, Limits};

/// How an execution treats unknown values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknown {
    /// Uses their placeholders, and marks everything computed from them as unknown too.
    #[default]
    Placeholder,
    /// Using one fails with its reason as the message.
    Error,
}

/// Options of one execution.
#[derive(Clone, Copy, Debug)]
pub struct Execution<'e> {
    /// Bounds of work and memory.
    pub limits: Limits,
    /// A budget shared by several executions. Its limits replace [`limits`](Execution::limits).
    pub budget: Option<&'e Budget>,
    /// Whether unknown values may be used.
    pub unknown: Unknown,
    /// Data that functions get through [`Caller::host_any`](crate::Caller::host_any).
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
