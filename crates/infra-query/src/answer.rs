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

/// Declares the answers with their commands. Their [`Display`](fmt::Display) is the whole text.
macro_rules! answers {
    ($($answer:ty: $steps:ident),* $(,)?) => {
        $(impl Answer for $answer {
            fn steps(&self) -> &[Step] {
                &self.$steps
            }
        }

        impl fmt::Display for $answer {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut lines = Lines::new(f);
                self.lines(&mut lines)?;
                lines.commands(self.steps().iter().take(MOST_STEPS).map(|step| step.command.as_str()))
            }
        })*
    };
}

answers! {
    crate::config::ConfigAnswer<'_>: check,
    crate::flux::FluxAnswer<'_>: check,
    crate::grep::Grep<'_>: next,
    crate::image::ImageAnswer<'_>: next,
    crate::impact::Impact<'_>: next,
    crate::lint::Lint<'_>: next,
    crate::list::List<'_>: next,
    crate::secret::SecretAnswer<'_>: check,
    crate::trace::Trace<'_>: next,
    crate::r#where::Where<'_>: next,
}

impl fmt::Display for crate::next::Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines(&mut Lines::new(f))
    }
}
