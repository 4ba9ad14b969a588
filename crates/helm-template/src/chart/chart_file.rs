//! A file of a chart.

use std::sync::Arc;

/// A file of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartFile {
    /// Its slash-separated path in the chart.
    pub name: Arc<str>,
    /// Its contents, without a byte order mark.
    pub data: Arc<[u8]>,
}

impl ChartFile {
    /// A file; a byte order mark is removed.
    pub fn new(name: impl Into<Arc<str>>, data: impl Into<Arc<[u8]>>) -> Self {
        let data: Arc<[u8]> = data.into();
        let data = match data.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) => rest.into(),
            None => data,
        };
        ChartFile {
            name: name.into(),
            data,
        }
    }

    /// The contents as text: UTF-16 if there is a byte order mark for it, otherwise UTF-8 with invalid bytes replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        yaml_node::decode(&self.data).unwrap_or_else(|_| String::from_utf8_lossy(&self.data))
    }
}
