//! Findings and verdicts in the formats that code review tools read.

pub(crate) mod github;
pub(crate) mod junit;
pub(crate) mod sarif;
