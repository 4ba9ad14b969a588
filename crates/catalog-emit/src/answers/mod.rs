//! Answers of questions as JSON, one question a file. Things are stated as their catalogs state them.

mod compare;
mod config;
mod explain;
mod flux;
mod grep;
mod image;
mod impact;
mod lint;
mod list;
mod next;
mod next_steps;
mod secret;
mod subject;
mod trace;
mod r#where;
mod why_not;

use infra_query::QueryError;
use serde_json::{Value, json};

/// An answer that has a form as JSON.
pub trait ToJson {
    /// The answer as JSON.
    ///
    /// # Errors
    /// Those of serde_json; no answer has any.
    fn to_json(&self) -> Result<Value, serde_json::Error>;
}

impl ToJson for QueryError {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let error = self.to_string();
        Ok(match self {
            QueryError::NotFound(missing) => object([
                ("error", error.into()),
                ("term", missing.term.as_str().into()),
                ("suggestions", json!(missing.suggestions)),
                ("others", json!(missing.others)),
                ("notApplied", why_not::entries(&missing.not_applied)?),
            ]),
            QueryError::NoKey { holder, key, keys } => json!({
                "error": error,
                "term": format!("{holder}/{key}"),
                "keys": keys,
            }),
            QueryError::Ambiguous { term, candidates, .. } => json!({
                "error": error,
                "term": term,
                "candidates": candidates,
            }),
        })
    }
}

/// An object of the members that are there: a member that is `null` is left out.
fn object(members: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    members
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// A list, or nothing for an empty one.
fn unless_empty<T: Into<Value>>(items: impl IntoIterator<Item = T>) -> Value {
    let items: Vec<Value> = items.into_iter().map(Into::into).collect();
    if items.is_empty() {
        Value::Null
    } else {
        Value::Array(items)
    }
}
