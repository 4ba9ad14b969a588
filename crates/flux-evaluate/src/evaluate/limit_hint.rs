//! What helps where a bound was met.

/// The hint of diagnostics about a bound.
pub(super) const LIMIT_HINT: &str =
    "a scan holds to this bound so that no file can harm it; `--limit` raises it";
