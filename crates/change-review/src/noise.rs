//! Differences that follow from a chart's version, from another difference, or from the encryption of a file.

use crate::difference::{Path, Step};
use crate::objects::Object;

/// Labels in which charts state their own version, and those by which Flux finds the objects of a release.
const LABELS: [&str; 5] = [
    "helm.sh/chart",
    "app.kubernetes.io/version",
    "chart",
    "helm.toolkit.fluxcd.io/name",
    "helm.toolkit.fluxcd.io/namespace",
];

/// Decides which differences of an object are noise.
pub(crate) struct Noise {
    is_chart_made: bool,
}

impl Noise {
    pub(crate) fn new(object: &Object<'_>) -> Self {
        Noise {
            is_chart_made: object.is_of_release(),
        }
    }

    /// Whether a field is noise: a version or an owner in a label, a checksum in an annotation, metadata of SOPS.
    pub(crate) fn has(&self, path: &Path) -> bool {
        if matches!(path.steps(), [Step::Key(key), ..] if key == "sops") {
            return true;
        }
        let [.., Step::Key(field), Step::Key(key)] = path.steps() else {
            return false;
        };
        self.is_chart_made
            && match field.as_str() {
                "labels" => LABELS.contains(&key.as_str()),
                "annotations" => key.starts_with("checksum/") || key.starts_with("checksum-"),
                _ => false,
            }
    }
}
