//! The current time: from the clock, or from `SOURCE_DATE_EPOCH`.

use std::time::{Duration, SystemTime};

use crate::exit::Failure;

/// Now, as RFC 3339 in UTC and whole seconds. `SOURCE_DATE_EPOCH` overrides the clock
/// (<https://reproducible-builds.org/specs/source-date-epoch/>).
pub(crate) fn now() -> Result<String, Failure> {
    Ok(humantime::format_rfc3339_seconds(time()?).to_string())
}

/// As [`now`], as a [`SystemTime`].
pub(crate) fn time() -> Result<SystemTime, Failure> {
    Ok(match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(seconds) => seconds
            .trim()
            .parse()
            .ok()
            .and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)))
            // RFC 3339 has no years of five digits.
            .filter(|time| *time < SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_800))
            .ok_or_else(|| {
                Failure::usage(format!(
                    "SOURCE_DATE_EPOCH={seconds:?}: expected seconds since 1970"
                ))
            })?,
        Err(_) => SystemTime::now(),
    })
}
