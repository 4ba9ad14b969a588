//! The hint for bounds that were met.

/// The hint of diagnostics about a bound.
pub(super) const LIMIT_HINT: &str =
    "a scan holds to this bound so that no file can harm it; `--limit` raises it";
