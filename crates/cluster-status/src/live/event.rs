//! Events of `v1` and of `events.k8s.io/v1`.

use super::metadata::Metadata;
use super::reference::ObjectReference;
use crate::message::non_empty;

/// An event.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Event {
    pub(crate) metadata: Metadata,
    #[serde(alias = "regarding")]
    pub(crate) involved_object: ObjectReference,
    #[serde(deserialize_with = "super::view::or_default")]
    pub(crate) reason: String,
    #[serde(alias = "note", deserialize_with = "super::view::or_default")]
    pub(crate) message: String,
    #[serde(deserialize_with = "super::view::or_default")]
    pub(crate) r#type: String,
    #[serde(alias = "deprecatedCount", deserialize_with = "super::view::or_default")]
    pub(crate) count: Option<u64>,
    #[serde(
        alias = "deprecatedLastTimestamp",
        deserialize_with = "super::view::or_default"
    )]
    pub(crate) last_timestamp: String,
    #[serde(deserialize_with = "super::view::or_default")]
    pub(crate) event_time: String,
    #[serde(deserialize_with = "super::view::or_default")]
    pub(crate) series: Option<Series>,
}

super::view::views! {
    /// `series`
    Series {
        count: Option<u64>,
        last_observed_time: String,
    }
}

impl Event {
    /// When it was seen last.
    pub(crate) fn last_seen(&self) -> &str {
        let series = self.series.as_ref();
        let series = series.and_then(|series| non_empty(&series.last_observed_time));
        series
            .or(non_empty(&self.last_timestamp))
            .or(non_empty(&self.event_time))
            .unwrap_or(&self.metadata.creation_timestamp)
    }

    /// How often it was seen.
    pub(crate) fn times(&self) -> u64 {
        let series = self.series.as_ref().and_then(|series| series.count);
        series.or(self.count).unwrap_or(1)
    }
}
