//! Regular expressions. Functions with `must` return errors, the others panic with them; `regexMatch` ignores them.

use std::rc::Rc;

use go_std::quote::{can_backquote, quote_bytes};
use go_std::regexp::{GoRegex, TooLong, quote_meta};

use super::result::Result;
use crate::Type::{Int, Text as Str};
use crate::budget::regex_size;
use crate::{Arguments, Caller, Function, FunctionError, ListType, Value};

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    (
        "mustRegexFind",
        Function::new(&[Str, Str], |c, a| find(c, a, compile)),
    ),
    (
        "mustRegexFindAll",
        Function::new(&[Str, Str, Int], |c, a| find_all(c, a, compile)),
    ),
    (
        "mustRegexMatch",
        Function::new(&[Str, Str], |c, a| {
            let regex = compile(c, a)?;
            Ok(Value::bool(regex.is_match(a.bytes(1))))
        }),
    ),
    (
        "mustRegexReplaceAll",
        Function::new(&[Str, Str, Str], |c, a| replace(c, a, compile, false)),
    ),
    (
        "mustRegexReplaceAllLiteral",
        Function::new(&[Str, Str, Str], |c, a| replace(c, a, compile, true)),
    ),
    (
        "mustRegexSplit",
        Function::new(&[Str, Str, Int], |c, a| split(c, a, compile)),
    ),
    (
        "regexFind",
        Function::new(&[Str, Str], |c, a| find(c, a, must_compile)),
    ),
    (
        "regexFindAll",
        Function::new(&[Str, Str, Int], |c, a| find_all(c, a, must_compile)),
    ),
    (
        "regexMatch",
        Function::new(&[Str, Str], |c, a| match compile(c, a) {
            Err(error) if error.limit => Err(error),
            regex => Ok(Value::bool(regex.is_ok_and(|regex| regex.is_match(a.bytes(1))))),
        }),
    ),
    (
        "regexQuoteMeta",
        Function::new(&[Str], |_, a| Ok(Value::text(quote_meta(a.bytes(0))))),
    ),
    (
        "regexReplaceAll",
        Function::new(&[Str, Str, Str], |c, a| replace(c, a, must_compile, false)),
    ),
    (
        "regexReplaceAllLiteral",
        Function::new(&[Str, Str, Str], |c, a| replace(c, a, must_compile, true)),
    ),
    (
        "regexSplit",
        Function::new(&[Str, Str, Int], |c, a| split(c, a, must_compile)),
    ),
];

type Compiled = Result<Rc<GoRegex>>;

/// Compiles the first argument and charges the search of the second.
type Compile = fn(&mut dyn Caller<'_>, Arguments<'_>) -> Compiled;

/// `regexp.Compile`
fn compile(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Compiled {
    let (expression, text) = (arguments.text(0), arguments.text(1));
    // A large expression has many states active for each byte.
    let states = regex_size(expression.as_bytes());
    caller
        .budget()
        .spend((text.len() as u64).saturating_mul(1 + states / 2048))?;
    caller.budget().regex(expression)
}

/// `regexp.MustCompile`
fn must_compile(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Compiled {
    let expression = arguments.text(0);
    compile(caller, arguments).map_err(|error| {
        if error.limit {
            return error;
        }
        let quoted = if can_backquote(expression.as_bytes()) {
            format!("`{expression}`")
        } else {
            quote_bytes(expression.as_bytes())
        };
        FunctionError::new(format!("regexp: Compile({quoted}): {}", error.message))
    })
}

fn find(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>, compile: Compile) -> Result {
    let regex = compile(caller, arguments)?;
    let found = regex.find(arguments.bytes(1)).unwrap_or_default();
    Ok(Value::text(found))
}

/// A list of strings; nil for `None`.
fn texts(caller: &mut dyn Caller<'_>, texts: Option<Vec<&[u8]>>) -> Result {
    let Some(texts) = texts else {
        return Ok(Value::nil_list_of(ListType::Text));
    };
    caller.budget().allocate_values(texts.len())?;
    Ok(Value::texts(texts))
}

fn find_all(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>, compile: Compile) -> Result {
    let regex = compile(caller, arguments)?;
    let limit = usize::try_from(arguments.int(2)).unwrap_or(usize::MAX);
    let found = regex.find_all(arguments.bytes(1), limit);
    texts(caller, Some(found).filter(|found| !found.is_empty()))
}

fn split(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>, compile: Compile) -> Result {
    let regex = compile(caller, arguments)?;
    let parts = regex.split(arguments.bytes(1), arguments.int(2));
    texts(caller, parts)
}

fn replace(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>, compile: Compile, literal: bool) -> Result {
    let regex = compile(caller, arguments)?;
    let (text, with) = (arguments.bytes(1), arguments.bytes(2));
    caller.budget().spend(with.len() as u64)?;
    let most = caller.budget().limits().text_bytes;
    let replaced = if literal {
        regex.replace_all_literal(text, with, most)
    } else {
        regex.replace_all(text, with, most)
    };
    let replaced =
        replaced.map_err(|TooLong| FunctionError::limit(format!("a text is longer than {most} bytes")))?;
    caller.budget().allocate(replaced.len())?;
    Ok(Value::text(replaced))
}
