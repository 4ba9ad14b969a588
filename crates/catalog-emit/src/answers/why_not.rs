//! What is not applied: `[{..., "because": [...]}]`, each an entry of `notApplied` in `flux-resources.json`.

use infra_query::WhyNot;
use serde_json::{Error, Value, to_value};

use super::unless_empty;

/// The things that a name means; `null` for none.
pub(super) fn entries(not_applied: &[WhyNot]) -> Result<Value, Error> {
    const MOST: usize = 100;
    let entries: Vec<Value> = not_applied
        .iter()
        .take(MOST)
        .map(entry)
        .collect::<Result<_, Error>>()?;
    Ok(unless_empty(entries))
}

fn entry(why: &WhyNot) -> Result<Value, Error> {
    let mut value = to_value(&why.entry)?;
    if let (Value::Object(members), false) = (&mut value, why.because.is_empty()) {
        members.insert("because".to_owned(), to_value(&why.because)?);
    }
    Ok(value)
}
