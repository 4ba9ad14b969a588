//! Warnings of a rendering.

/// Most remarks of one rendering.
const MOST: usize = 200;

/// Warnings of one rendering, in order.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    pub(crate) texts: Vec<String>,
    /// Charts whose schemas are too large to check.
    pub(crate) unchecked_schemas: Vec<String>,
}

impl Remarks {
    pub(crate) fn add(&mut self, remark: impl FnOnce() -> String) {
        if self.texts.len() < MOST {
            let remark = remark();
            if !self.texts.contains(&remark) {
                self.texts.push(remark);
            }
        }
    }

    pub(crate) fn add_unchecked_schema(&mut self, chart: &str) {
        self.add(|| {
            format!("the schema of chart {chart} multiplies itself through its references; it is not checked")
        });
        if self.unchecked_schemas.len() < MOST && !self.unchecked_schemas.iter().any(|known| known == chart) {
            self.unchecked_schemas.push(chart.to_owned());
        }
    }
}
