//! ConfigMaps, and the names and keys of Secrets.

use std::collections::BTreeMap;

use redaction::{REDACTED, credential, credential_in_text};
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::metadata::Metadata;
use super::view::views;

views! {
    /// A ConfigMap. Credentials in it are not kept.
    ConfigMap {
        metadata: Metadata,
        data: Values,
        binary_data: Keys,
    }

    /// A Secret: its name and its keys.
    Secret {
        metadata: Metadata,
        r#type: String,
        data: Keys,
    }
}

/// The values of a ConfigMap by key, `<redacted>` for credentials.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(transparent)]
pub(crate) struct Values(pub(crate) BTreeMap<String, String>);

/// Keys without values. They are written with empty values.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(transparent)]
pub(crate) struct Keys(pub(crate) BTreeMap<String, &'static str>);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut values: BTreeMap<String, String> = BTreeMap::deserialize(deserializer)?;
        for (key, value) in &mut values {
            if credential(key, value).is_some() || credential_in_text(value) {
                REDACTED.clone_into(value);
            }
        }
        Ok(Values(values))
    }
}

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeysVisitor;
        impl<'de> Visitor<'de> for KeysVisitor {
            type Value = Keys;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("data")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut keys = BTreeMap::new();
                while let Some((key, _)) = map.next_entry::<String, IgnoredAny>()? {
                    // The template for kubectl ends each key with a comma and the list with an empty key.
                    if !key.is_empty() {
                        keys.insert(key, "");
                    }
                }
                Ok(Keys(keys))
            }
        }
        deserializer.deserialize_map(KeysVisitor)
    }
}
