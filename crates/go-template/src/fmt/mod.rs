//! Go's `fmt`: values as text.

mod flags;
mod number;
mod printer;
mod printf;
mod value;

use crate::error::FunctionResult;
use crate::{Budget, Kind, Text, Value};
use printer::Printer;

/// `fmt.Sprintf`
///
/// ```
/// use go_template::{Budget, Limits, Value, fmt};
/// let budget = Budget::new(Limits::default());
/// let text = fmt::sprintf(b"%05.1f|%-4s|%q", &[Value::float(2.25), Value::text("ab"), Value::text("x")], &budget)?;
/// assert_eq!(text, "002.2|ab  |\"x\"");
/// # Ok::<(), go_template::FunctionError>(())
/// ```
///
/// # Errors
/// If the budget is exceeded. A wrong verb is not an error: it shows in the text.
pub fn sprintf(format: &[u8], operands: &[Value], budget: &Budget) -> FunctionResult<Text> {
    let mut printer = Printer::new(budget);
    printf::printf(&mut printer, format, operands)?;
    Ok(printer.finish())
}

/// `fmt.Sprint`: a blank between operands if neither is a string.
///
/// # Errors
/// If the budget is exceeded.
pub fn sprint(operands: &[Value], budget: &Budget) -> FunctionResult<Text> {
    // The common case of one string copies nothing.
    if let [
        Value {
            kind: Kind::Text(text),
            ..
        },
    ] = operands
    {
        return Ok(text.clone());
    }
    let mut printer = Printer::new(budget);
    let mut after_text = true;
    for (index, operand) in operands.iter().enumerate() {
        let is_text = operand.kind_name() == "string";
        if index > 0 && !is_text && !after_text {
            printer.out.push(b' ');
        }
        printer.operand(operand, 'v')?;
        after_text = is_text;
    }
    Ok(printer.finish())
}

/// A value as an action prints it: nil is `<no value>`, and a pointer is dereferenced.
///
/// # Errors
/// If the budget is exceeded.
pub fn print_action(value: &Value, budget: &Budget) -> FunctionResult<Text> {
    match &value.kind {
        Kind::Nil => Ok("<no value>".into()),
        Kind::Object(object) => match object.string() {
            Some(text) => Ok(text),
            None => {
                let text = sprint(std::slice::from_ref(value), budget)?;
                let bytes = text.as_bytes();
                let pointed = object.kind_name() == "ptr";
                Ok(match bytes.strip_prefix(b"&").filter(|_| pointed) {
                    Some(pointed) => pointed.into(),
                    None => text,
                })
            }
        },
        _ => sprint(std::slice::from_ref(value), budget),
    }
}

/// `fmt.Sprintln`: a blank between all operands, and a final newline.
///
/// # Errors
/// If the budget is exceeded.
pub fn sprintln(operands: &[Value], budget: &Budget) -> FunctionResult<Text> {
    let mut printer = Printer::new(budget);
    for (index, operand) in operands.iter().enumerate() {
        if index > 0 {
            printer.out.push(b' ');
        }
        printer.operand(operand, 'v')?;
    }
    printer.out.push(b'\n');
    Ok(printer.finish())
}
