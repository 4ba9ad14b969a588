//! Parsed templates and a value turn into text.

mod arguments;
mod call;
mod fields;
mod frame;
mod output;
mod pipeline;
mod range;
mod slot;
mod state;

use std::sync::Arc;

use crate::{ExecError, Execution, Templates, Value};

pub use output::{Output, Span};

use frame::Frame;
use output::Writer;
use slot::Slot;
use state::State;

impl Templates {
    /// Executes a template with `data` as its dot.
    ///
    /// # Errors
    /// If there is no such template, if it or a function that it calls fails, and if a limit is hit.
    pub fn execute(
        &self,
        name: &str,
        data: Value,
        execution: &Execution<'_>,
    ) -> Result<Output, Box<ExecError>> {
        let mut state = State::new(self, execution);
        let mut writer = Writer::new(true);
        let Some(tree) = self.tree(name) else {
            return Err(Box::new(ExecError::undefined(self.name(), name)));
        };
        let tree = Arc::clone(tree);
        Frame::new(&mut state, &tree, Slot::plain(data), &mut writer).execute()?;
        Ok(writer.finish())
    }
}
