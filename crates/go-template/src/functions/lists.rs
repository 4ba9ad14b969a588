//! Functions on lists. Most exist twice: the variant with `must` returns the error that the other one panics with; both print
//! the same.

use super::convert::{items, list_type, texts_of, to_int, to_text};
use super::equal::deep_equal;
use super::result::Result;
use crate::Type::{Any, Int};
use crate::{Arguments, Caller, Function, FunctionError, ListType, Value};

const APPEND: Function = Function::new(&[Any, Any], append);
const CHUNK: Function = Function::new(&[Int, Any], chunk);
const COMPACT: Function = Function::new(&[Any], compact);
const FIRST: Function = Function::new(&[Any], |_, a| {
    end(a.any(0), <[Value]>::first, "Cannot find first on type")
})
.keeping_mark();
const HAS: Function = Function::new(&[Any, Any], has);
const INITIAL: Function = Function::new(&[Any], initial);
const LAST: Function = Function::new(&[Any], |_, a| {
    end(a.any(0), <[Value]>::last, "Cannot find last on type")
})
.keeping_mark();
const LIST: Function = Function::variadic(&[], Any, |c, a| list(c, a.rest(0).to_vec()));
const PREPEND: Function = Function::new(&[Any, Any], prepend);
const REST: Function = Function::new(&[Any], rest);
const REVERSE: Function = Function::new(&[Any], reverse);
const SLICE: Function = Function::variadic(&[Any], Any, slice);
const UNIQ: Function = Function::new(&[Any], uniq);
const WITHOUT: Function = Function::variadic(&[Any], Any, without);

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("append", APPEND),
    ("chunk", CHUNK),
    ("compact", COMPACT),
    ("concat", Function::variadic(&[], Any, concat)),
    ("first", FIRST),
    ("has", HAS),
    ("initial", INITIAL),
    ("last", LAST),
    ("list", LIST),
    ("mustAppend", APPEND),
    ("mustChunk", CHUNK),
    ("mustCompact", COMPACT),
    ("mustFirst", FIRST),
    ("mustHas", HAS),
    ("mustInitial", INITIAL),
    ("mustLast", LAST),
    ("mustPrepend", PREPEND),
    ("mustPush", APPEND),
    ("mustRest", REST),
    ("mustReverse", REVERSE),
    ("mustSlice", SLICE),
    ("mustUniq", UNIQ),
    ("mustWithout", WITHOUT),
    ("prepend", PREPEND),
    ("push", APPEND),
    ("rest", REST),
    ("reverse", REVERSE),
    ("slice", SLICE),
    ("sortAlpha", Function::new(&[Any], sort_alpha)),
    ("tuple", LIST),
    ("uniq", UNIQ),
    ("without", WITHOUT),
];

/// A new list, charged to the budget.
fn list(caller: &mut dyn Caller<'_>, items: Vec<Value>) -> Result {
    caller.budget().spend(items.len() as u64)?;
    caller.budget().allocate_values(items.len())?;
    Ok(Value::list(items))
}

/// The elements of a list, or Go's error for another value: `refusal` and the kind of the value.
fn elements(value: &Value, refusal: &str) -> Result<Vec<Value>> {
    let items = items(value).ok_or_else(|| refuse(value, refusal))?;
    Ok(items.into_owned())
}

fn refuse(value: &Value, refusal: &str) -> FunctionError {
    if value.is_nil() {
        return FunctionError::new("runtime error: invalid memory address or nil pointer dereference");
    }
    FunctionError::new(format!("{refusal} {}", value.kind_name()))
}

fn append(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let mut items = elements(arguments.any(0), "Cannot push on type")?;
    items.push(arguments.any(1).clone());
    list(caller, items)
}

fn prepend(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let mut items = elements(arguments.any(0), "Cannot prepend on type")?;
    items.insert(0, arguments.any(1).clone());
    list(caller, items)
}

/// Splits a list into lists of `size` elements. Go computes their number in floats, which shows if `size` is not positive.
#[allow(clippy::cast_precision_loss, reason = "Go converts so too")]
fn chunk(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let size = arguments.int(0);
    let items = elements(arguments.any(1), "Cannot chunk type")?;
    let bad_length = || FunctionError::new("runtime error: makeslice: len out of range");
    let count = ((items.len() as f64 - 1.0) / size as f64).floor() + 1.0;
    if !(0.0..1e12).contains(&count) {
        return Err(bad_length());
    }
    if count == 0.0 {
        return Ok(Value::list_of(ListType::Lists, Vec::new()));
    }
    // For a negative size Go makes only the last list, of the remaining elements.
    let size = match usize::try_from(size) {
        Ok(size) => size,
        Err(_) if items.len() == 1 && size != -1 => 1,
        Err(_) => return Err(bad_length()),
    };
    caller
        .budget()
        .allocate(items.len().saturating_mul(2 * size_of::<Value>()))?;
    let chunks = items
        .chunks(size)
        .map(|chunk| Value::list(chunk.to_vec()))
        .collect();
    Ok(Value::list_of(ListType::Lists, chunks))
}

fn compact(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let mut items = elements(arguments.any(0), "Cannot compact on type")?;
    items.retain(Value::truth);
    list(caller, items)
}

fn concat(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let mut all = Vec::new();
    for value in arguments.rest(0) {
        match items(value) {
            Some(items) => all.extend_from_slice(&items),
            None if value.is_nil() => return Err(refuse(value, "")),
            None => {
                return Err(format!("Cannot concat type {} as list", value.kind_name()).into());
            }
        }
    }
    if all.is_empty() {
        return Ok(Value::nil_list());
    }
    list(caller, all)
}

fn end(value: &Value, pick: fn(&[Value]) -> Option<&Value>, refusal: &str) -> Result {
    let items = items(value).ok_or_else(|| refuse(value, refusal))?;
    Ok(pick(&items).cloned().unwrap_or(Value::NIL))
}

fn rest(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let mut items = elements(arguments.any(0), "Cannot find rest on type")?;
    if items.is_empty() {
        return Ok(Value::nil_list());
    }
    items.remove(0);
    list(caller, items)
}

fn initial(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let mut items = elements(arguments.any(0), "Cannot find initial on type")?;
    if items.pop().is_none() {
        return Ok(Value::nil_list());
    }
    list(caller, items)
}

fn reverse(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let mut items = elements(arguments.any(0), "Cannot find reverse on type")?;
    items.reverse();
    list(caller, items)
}

fn has(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let haystack = arguments.any(1);
    if haystack.is_nil() {
        return Ok(Value::bool(false));
    }
    let items = items(haystack).ok_or_else(|| refuse(haystack, "Cannot find has on type"))?;
    is_among(caller, &items, arguments.any(0)).map(Value::bool)
}

fn is_among(caller: &mut dyn Caller<'_>, items: &[Value], value: &Value) -> Result<bool> {
    for item in items {
        if deep_equal(caller.budget(), value, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn uniq(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let items = elements(arguments.any(0), "Cannot find uniq on type")?;
    let mut unique: Vec<Value> = Vec::new();
    for item in items {
        if !is_among(caller, &unique, &item)? {
            unique.push(item);
        }
    }
    list(caller, unique)
}

fn without(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let items = elements(arguments.any(0), "Cannot find without on type")?;
    let mut left = Vec::new();
    for item in items {
        if !is_among(caller, arguments.rest(1), &item)? {
            left.push(item);
        }
    }
    list(caller, left)
}

fn slice(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let value = arguments.any(0);
    let items = elements(value, "list should be type of slice or array but")?;
    if items.is_empty() {
        return Ok(Value::NIL);
    }
    let start = arguments.rest(1).first().map_or(0, to_int);
    let end = arguments.rest(1).get(1).map(to_int);
    let range = match end {
        Some(end) => usize::try_from(start).ok().zip(usize::try_from(end).ok()),
        None => usize::try_from(start).ok().map(|start| (start, items.len())),
    };
    let part = range
        .and_then(|(start, end)| items.get(start..end))
        .ok_or_else(|| FunctionError::new("reflect.Value.Slice: slice index out of bounds"))?;
    caller.budget().allocate(size_of_val(part))?;
    Ok(Value::list_of(list_type(value), part.to_vec()))
}

fn sort_alpha(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let value = arguments.any(0);
    if items(value).is_none() {
        return Ok(Value::texts([to_text(caller, value)?]));
    }
    let mut texts = texts_of(caller, value)?;
    caller.budget().spend(texts.len() as u64 * 16)?;
    texts.sort();
    Ok(Value::texts(texts))
}
