//! Local dates and times, which have no zone.

use go_std::time::{Time, Zone};

/// The names of zones by which the library marks local dates and times.
pub(super) const LOCAL: [&str; 3] = ["datetime-local", "date-local", "time-local"];

/// The layout of a time, by the name of its zone.
pub(super) fn layout(time: &Time) -> &'static str {
    match &time.zone {
        Zone::Fixed(name, _) if name == LOCAL[0] => "2006-01-02T15:04:05.999999999",
        Zone::Fixed(name, _) if name == LOCAL[1] => "2006-01-02",
        Zone::Fixed(name, _) if name == LOCAL[2] => "15:04:05.999999999",
        _ => "2006-01-02T15:04:05.999999999Z07:00",
    }
}
