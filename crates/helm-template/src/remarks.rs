//! What Helm says on its way without failing.

/// Most remarks of one rendering.
const MOST: usize = 200;

/// Remarks of one rendering, in the order in which they are made.
#[derive(Debug, Default)]
pub(crate) struct Remarks(Vec<String>);

impl Remarks {
    pub(crate) fn add(&mut self, remark: impl FnOnce() -> String) {
        if self.0.len() < MOST {
            let remark = remark();
            if !self.0.contains(&remark) {
                self.0.push(remark);
            }
        }
    }

    pub(crate) fn into_vec(self) -> Vec<String> {
        self.0
    }
}
