//! The traits of answers: their text, and commands to run next.

use std::fmt;

use plain_text::Lines;

use crate::next_steps::Step;

/// Maximum number of commands at the end of an answer's text.
pub(crate) const MOST_STEPS: usize = 2;

/// An answer that can be written as lines. [`Lines`] escapes the texts of the repository in it.
pub trait Text {
    /// Writes the lines.
    ///
    /// # Errors
    /// Errors of the writer.
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result;
}

/// An answer to a question.
pub trait Answer: Text {
    /// All commands to run next, in the order in which to run them. The answer's text ends with the first
    /// [`Answer::shown`].
    fn steps(&self) -> &[Step];

    /// Number of commands at the end of the text: 0 if the answer itself is enough, such as a value or a list.
    fn shown(&self) -> usize {
        MOST_STEPS
    }
}

/// Implements [`Display`](fmt::Display) for an answer: its lines, then the first of its commands. With the name of the
/// field that has its commands also [`Answer`], for an answer whose text shows none of them.
macro_rules! display_answer {
    ($answer:ty, $steps:ident) => {
        impl $crate::Answer for $answer {
            fn steps(&self) -> &[$crate::next_steps::Step] {
                &self.$steps
            }

            fn shown(&self) -> usize {
                0
            }
        }
        $crate::answer::display_answer!($answer);
    };
    ($answer:ty) => {
        impl std::fmt::Display for $answer {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::answer::write_answer(self, f)
            }
        }
    };
}
pub(crate) use display_answer;

/// Writes the text of an answer with its commands.
pub(crate) fn write_answer(answer: &impl Answer, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut lines = Lines::new(f);
    answer.lines(&mut lines)?;
    lines.commands(
        answer
            .steps()
            .iter()
            .take(answer.shown().min(MOST_STEPS))
            .map(|step| step.command.as_str()),
    )
}
