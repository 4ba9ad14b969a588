//! What every answer has: words for a reader, and commands to run next.

use std::fmt;

use plain_text::Lines;

use crate::next_steps::Step;

/// How many commands the text of an answer ends with at most.
pub(crate) const MOST_STEPS: usize = 2;

/// An answer that can be written as lines, whose texts of the repository [`Lines`] escapes.
pub trait Text {
    /// Writes the lines.
    ///
    /// # Errors
    /// Errors of the writer.
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result;
}

/// An answer to a question.
pub trait Answer: Text {
    /// Every command to run next, in the order in which to run them. The answer's text ends with as many as [`Answer::shown`] says.
    fn steps(&self) -> &[Step];

    /// How many of them the text ends with: none where the answer is all that was wanted, such as a value or a list.
    fn shown(&self) -> usize {
        MOST_STEPS
    }
}

/// Gives an answer its [`Display`](fmt::Display): its lines, then the first of its commands.
macro_rules! display_answer {
    ($answer:ty) => {
        impl std::fmt::Display for $answer {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::answer::write_answer(self, f)
            }
        }
    };
}
pub(crate) use display_answer;

/// Writes the whole text of an answer.
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
