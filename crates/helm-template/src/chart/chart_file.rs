//! A file of a chart.

use std::sync::Arc;

/// A file of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartFile {
    /// Its path in the chart, `/` separated.
    pub name: Arc<str>,
    /// Its contents, without a byte order mark.
    pub data: Arc<[u8]>,
}

impl ChartFile {
    /// A file, whose byte order mark is taken away.
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

    /// The contents as text, of UTF-16 too where a byte order mark says so; what is neither is replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        yaml_node::decode(&self.data).unwrap_or_else(|_| String::from_utf8_lossy(&self.data))
    }
}
