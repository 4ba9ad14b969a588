//! Trees and a value turn into text.

mod arguments;
mod call;
mod fields;
mod frame;
mod output;
mod pipeline;
mod range;
mod slot;

use std::sync::Arc;

use crate::caller::Caller;
use crate::{ExecError, Execution, Templates, Value};
pub use output::{Output, Piece};

pub(crate) use frame::Frame;
pub(crate) use output::Writer;

/// Errors are large and rare.
pub(crate) type Result<T, E = Box<ExecError>> = std::result::Result<T, E>;

/// Executes a template of the set.
pub(crate) fn execute(
    templates: &Templates,
    name: &str,
    data: Value,
    execution: &Execution<'_>,
) -> Result<Output> {
    let mut caller = Caller::new(templates, execution);
    let mut writer = Writer::new(true);
    let Some(tree) = templates.tree(name) else {
        return Err(Box::new(ExecError::undefined(templates.name(), name)));
    };
    let tree = Arc::clone(tree);
    Frame::new(&mut caller, &tree, data, &mut writer).execute()?;
    Ok(writer.finish())
}
