//! Records of a cluster that can be read again.
//!
//! A record has only the fields of the views: no value of a Secret, no environment of a container, no credential.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::{Coverage, Extent};
use crate::live::{Object, View};

/// The kind of the item that describes a record.
pub(super) const RECORD: &str = "ClusterRecord";

/// Description of a record.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RecordHead {
    api_version: String,
    kind: String,
    metadata: serde_json::Map<String, serde_json::Value>,
    /// The kinds of which it has all objects, and in which namespaces.
    pub(super) kinds: BTreeMap<String, Extent>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Recorded<'a> {
    api_version: &'a str,
    kind: &'a str,
    #[serde(flatten)]
    view: &'a View,
}

/// Writes objects as a `List`, sorted, one a line.
///
/// # Errors
/// Those of the writer.
pub fn write_record(objects: &[Object], coverage: &Coverage, out: &mut dyn Write) -> io::Result<()> {
    let head = RecordHead {
        api_version: "flux-infra-guide/v1".to_owned(),
        kind: RECORD.to_owned(),
        metadata: serde_json::Map::new(),
        kinds: coverage.kinds.clone(),
    };
    out.write_all(b"{\"apiVersion\":\"v1\",\"items\":[\n")?;
    out.write_all(serde_json::to_string(&head)?.as_bytes())?;
    let mut sorted: Vec<&Object> = objects.iter().collect();
    sorted.sort_by_key(|object| object.object());
    for object in sorted {
        let item = Recorded {
            api_version: &object.api_version,
            kind: &object.kind,
            view: &object.view,
        };
        let item = serde_json::to_value(&item)?;
        let item = serde_json::to_string(&without_credentials(item))?;
        out.write_all(b",\n")?;
        out.write_all(item.as_bytes())?;
    }
    out.write_all(b"\n],\"kind\":\"List\"}\n")
}

/// The value with every text masked.
fn without_credentials(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::String(text) => Value::String(redaction::without_credentials(&text).into_owned()),
        Value::Array(items) => items.into_iter().map(without_credentials).collect(),
        Value::Object(mut members) => {
            for value in members.values_mut() {
                *value = without_credentials(value.take());
            }
            Value::Object(members)
        }
        other => other,
    }
}
