//! Events of `v1` and of `events.k8s.io/v1`.

use super::metadata::Metadata;
use super::reference::ObjectReference;

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
        let series = self
            .series
            .as_ref()
            .map_or("", |series| &series.last_observed_time);
        let times = [
            series,
            &self.last_timestamp,
            &self.event_time,
            &self.metadata.creation_timestamp,
        ];
        times
            .into_iter()
            .find(|time| !time.is_empty())
            .unwrap_or_default()
    }

    /// How often it was seen.
    pub(crate) fn times(&self) -> u64 {
        let series = self.series.as_ref().and_then(|series| series.count);
        series.or(self.count).unwrap_or(1)
    }
}
