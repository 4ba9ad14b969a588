//! Time zones: UTC, a fixed offset, or one of the IANA database.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `time.Location`
#[derive(Clone, Debug)]
pub enum Zone {
    /// UTC
    Utc,
    /// A name, which may be empty, and an offset in seconds.
    Fixed(String, i64),
    /// A zone of the IANA database.
    Named(TimeZone),
}

impl Zone {
    /// A zone by its name in the IANA database. `Local` is UTC, since the machine is unknown.
    pub fn load(name: &str) -> Option<Zone> {
        match name {
            "" | "UTC" | "Local" => Some(Zone::Utc),
            // Go refuses paths that lead out of its database.
            _ if name.contains("..") || name.starts_with('/') || name.contains('\\') => None,
            // Names are case-sensitive in Go, but not in jiff.
            _ => {
                let zone = jiff::tz::TimeZoneDatabase::bundled().get(name).ok()?;
                (zone.iana_name() == Some(name)).then_some(Zone::Named(zone))
            }
        }
    }

    /// The name as Go's `String` prints it.
    pub fn name(&self) -> String {
        match self {
            Zone::Utc => "UTC".to_owned(),
            Zone::Fixed(name, _) => name.clone(),
            Zone::Named(zone) => zone.iana_name().unwrap_or_default().to_owned(),
        }
    }

    /// The abbreviation and the offset in seconds at a time.
    pub(super) fn at(&self, seconds: i64) -> (String, i64) {
        match self {
            Zone::Utc => ("UTC".to_owned(), 0),
            Zone::Fixed(name, offset) => (name.clone(), *offset),
            Zone::Named(zone) => {
                let bounds = Timestamp::MIN.as_second()..=Timestamp::MAX.as_second();
                let seconds = seconds.clamp(*bounds.start(), *bounds.end());
                let moment = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
                let info = zone.to_offset_info(moment);
                (info.abbreviation().to_owned(), i64::from(info.offset().seconds()))
            }
        }
    }
}
