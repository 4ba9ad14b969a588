//! Differences of chart-made objects that follow from the chart's version or from another difference.

use crate::difference::{Path, Step};
use crate::objects::Object;

/// Labels in which charts state their own version.
const LABELS: [&str; 3] = ["helm.sh/chart", "app.kubernetes.io/version", "chart"];

/// What is noise in an object.
pub(crate) struct Noise {
    is_chart_made: bool,
}

impl Noise {
    pub(crate) fn of(object: &Object<'_>) -> Self {
        let maker = object.applied.generated_by.as_ref();
        Noise {
            is_chart_made: maker.is_some_and(|maker| maker.kind == "HelmRelease"),
        }
    }

    /// Whether a field is noise: a version in a label, a checksum in an annotation.
    pub(crate) fn has(&self, path: &Path) -> bool {
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
