//! Output of a template, line by line, turns into lines of the template.

/// What a template writes, and which of its lines wrote it.
#[derive(Debug)]
pub struct Rendered {
    /// The output.
    pub text: String,
    pub(super) origins: Vec<Origin>,
}

/// From where in the output on a line of the template is at work.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) offset: usize,
    pub(super) line: u32,
    /// Whether the line counts on with the line ends of the output.
    pub(super) advances: bool,
}

impl Rendered {
    /// The template's line behind each line of the text.
    pub fn lines(&self) -> Vec<u32> {
        let mut lines = Vec::new();
        let mut origins = self.origins.iter().peekable();
        let mut current: Option<&Origin> = None;
        // Line ends since the current origin began.
        let mut passed = 0;
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            while let Some(origin) = origins.next_if(|origin| origin.offset <= start) {
                passed = self
                    .text
                    .get(origin.offset..start)
                    .map_or(0, |text| text.matches('\n').count());
                current = Some(origin);
            }
            lines.push(current.map_or(1, |origin| {
                let passed = if origin.advances {
                    u32::try_from(passed).unwrap_or(u32::MAX)
                } else {
                    0
                };
                origin.line.saturating_add(passed)
            }));
            passed += 1;
            start += line.len();
        }
        lines
    }
}
