//! What every answer has: words for a reader, and commands to run next.

use std::fmt;

use plain_text::Lines;

use crate::next_steps::Step;

/// How many commands the text of an answer ends with.
pub(crate) const MOST_STEPS: usize = 2;

/// Something with a text of lines, which hold texts of the repository as [`Lines`] lets them.
pub trait Text {
    /// Writes the lines.
    ///
    /// # Errors
    /// Those of what the lines go to.
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result;
}

/// An answer to a question.
pub trait Answer: Text {
    /// Every command to run next, in the order in which to run them. The answer's text ends with the first of them.
    fn steps(&self) -> &[Step];
}

/// Declares the answers: their [`Display`](fmt::Display) is the whole text.
macro_rules! shown {
    ($($answer:ty),* $(,)?) => {
        $(impl fmt::Display for $answer {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut lines = Lines::new(f);
                self.lines(&mut lines)?;
                lines.commands(self.steps().iter().take(MOST_STEPS).map(|step| step.command.as_str()))
            }
        })*
    };
}

shown! {
    crate::config::ConfigAnswer<'_>,
    crate::explain::ExplainAnswer<'_>,
    crate::flux::FluxAnswer<'_>,
    crate::grep::Grep<'_>,
    crate::image::ImageAnswer<'_>,
    crate::impact::Impact<'_>,
    crate::lint::Lint<'_>,
    crate::list::List<'_>,
    crate::secret::SecretAnswer<'_>,
    crate::trace::Trace<'_>,
    crate::r#where::Where<'_>,
}

impl fmt::Display for crate::next::Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines(&mut Lines::new(f))
    }
}
