//! Test functions with every type of parameter and result.

use std::collections::BTreeMap;

use go_template::{Function, Kind, Library, ListType, Type, Value, fmt};

/// `list`, `dict`, `int64`, `uint64`, `upper`, `words`, `repeat`, `bytes`, `keys` and `ints`.
pub(crate) fn library() -> Library {
    Library::new().with(FUNCTIONS)
}

const FUNCTIONS: [(&str, Function); 10] = [
    (
        "list",
        Function::variadic(&[], Type::Any, |_, a| Ok(Value::list(a.0.to_vec()))),
    ),
    (
        "dict",
        Function::variadic(&[], Type::Any, |caller, a| {
            let mut entries = BTreeMap::new();
            for pair in a.0.chunks_exact(2) {
                entries.insert(fmt::sprint(&pair[..1], caller.budget())?, pair[1].clone());
            }
            Ok(Value::map(entries))
        }),
    ),
    (
        "int64",
        Function::new(&[Type::Int], |_, a| Ok(Value::int64(a.int(0)))),
    ),
    (
        "uint64",
        Function::new(&[Type::Int], |_, a| {
            Ok(Value::new(Kind::Uint64(a.int(0).cast_unsigned())))
        }),
    ),
    (
        "upper",
        Function::new(&[Type::Text], |_, a| {
            Ok(Value::text(a.text(0).to_str().to_uppercase()))
        }),
    ),
    (
        "words",
        Function::new(&[Type::Text], |_, a| {
            Ok(Value::texts(a.text(0).to_str().split_whitespace()))
        }),
    ),
    (
        "repeat",
        Function::new(&[Type::Int, Type::Text], |_, a| match usize::try_from(a.int(0)) {
            Ok(count) if count <= 100 => Ok(Value::text(a.text(1).to_str().repeat(count))),
            Ok(count) => Err(format!("too many: {count}").into()),
            Err(_) => Err("strings: negative Repeat count".into()),
        }),
    ),
    (
        "bytes",
        Function::new(&[Type::Text], |_, a| Ok(Value::bytes(a.text(0).clone()))),
    ),
    (
        "keys",
        Function::new(&[Type::Map], |_, a| Ok(Value::size(a.map(0).len()))),
    ),
    (
        "ints",
        Function::new(&[Type::Int], |_, a| {
            Ok(Value::list_of(
                ListType::Int,
                (0..a.int(0)).map(Value::int).collect(),
            ))
        }),
    ),
];
