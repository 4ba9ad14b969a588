//! `merge` and `mergeOverwrite` by the rules of <https://github.com/darccio/mergo> 1.0: empty values count as absent.

use std::rc::Rc;

use super::MAX_DEPTH;
use super::dicts::returned;
use super::result::Result;
use crate::{Arguments, Budget, Caller, FunctionError, Kind, Map, MapType, Value};

/// Merges maps into the first one, which is changed and shares the values that it takes.
pub(super) fn merge(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>, overwrite: bool) -> Result {
    let mut into = arguments.map(0);
    for index in 1..arguments.len() {
        let from = arguments.map(index);
        if into.is_nil() && !from.is_nil() {
            into = Rc::new(Map::new(MapType::Any, std::collections::BTreeMap::new()));
        }
        merge_map(caller.budget(), &into, &from, overwrite, 0)?;
    }
    Ok(returned(&into))
}

fn merge_map(budget: &Budget, into: &Rc<Map>, from: &Map, overwrite: bool, depth: u32) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(FunctionError::limit("a value is too deep to merge"));
    }
    budget.spend(from.len() as u64 + 1)?;
    budget.allocate_values(from.len())?;
    for (key, value) in from.snapshot() {
        let present = into.get(&key);
        if value.is_nil() {
            if overwrite {
                into.insert(key, value);
            }
            continue;
        }
        if let (Kind::Map(value), Some(Kind::Map(present))) = (&value.kind, present.as_ref().map(|v| &v.kind))
            && !present.is_nil()
        {
            merge_map(budget, present, value, overwrite, depth + 1)?;
        }
        let keeps = match &present {
            // A map stays if it is not empty, which the merge above may have changed.
            Some(present) if is_map(present) && is_map(&value) && present.truth() => true,
            Some(present) => !overwrite && present.truth(),
            None => false,
        };
        if !keeps {
            into.insert(key, value);
        }
    }
    Ok(())
}

fn is_map(value: &Value) -> bool {
    matches!(value.kind, Kind::Map(_))
}
