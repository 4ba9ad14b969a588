//! Answers to questions as JSON, one question a file. Entries look as in their catalogs.

mod compare;
mod config;
mod explain;
mod flux;
mod grep;
mod image;
mod impact;
mod lint;
mod list;
mod named_by;
mod next;
mod next_steps;
mod secret;
mod subject;
mod trace;
mod r#where;
mod why_not;

use infra_query::QueryError;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, to_value};

use crate::schema::{file_name, written};

/// An answer with a JSON form.
pub trait ToJson {
    /// The answer as JSON.
    ///
    /// # Errors
    /// Those of serde_json; no answer has any.
    fn to_json(&self) -> Result<Value, serde_json::Error>;
}

/// File name and content of the schema of each answer, by its subcommand. `error` is printed by a question without an answer, `next`
/// with `--next`.
///
/// # Errors
/// Those of serde_json; no answer has any.
pub fn schemas() -> Result<Vec<(String, String)>, serde_json::Error> {
    fn schema<T: JsonSchema>(name: &str) -> Result<(String, String), serde_json::Error> {
        let title = match name {
            "error" => "--format json, without an answer".to_owned(),
            "next" => "--next --format json".to_owned(),
            name => format!("{name} --format json"),
        };
        Ok((file_name(name), written::<Printed<T>>(name, &title)?))
    }
    Ok(vec![
        schema::<compare::CompareJson<'_>>("compare")?,
        schema::<config::ConfigJson<'_>>("config")?,
        schema::<ErrorJson<'_>>("error")?,
        schema::<explain::ExplainJson<'_>>("explain")?,
        schema::<flux::FluxJson<'_>>("flux")?,
        schema::<Vec<grep::GrepMatchJson<'_>>>("grep")?,
        schema::<image::ImageJson<'_>>("image")?,
        schema::<impact::ImpactJson<'_>>("impact")?,
        schema::<lint::LintJson<'_>>("lint")?,
        schema::<Vec<list::ItemJson<'_>>>("list")?,
        schema::<next::NextJson<'_>>("next")?,
        schema::<secret::SecretJson<'_>>("secret")?,
        schema::<trace::TraceJson<'_>>("trace")?,
        schema::<r#where::WhereJson<'_>>("where")?,
    ])
}

/// What a question prints: the answer for one cluster, or those for several.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the schema of both; each is written by itself")]
enum Printed<T> {
    /// For one cluster.
    Answer(T),
    /// For several, equal ones once.
    Answers(Vec<OfClusters<T>>),
}

/// An answer with the clusters that it is for.
#[derive(JsonSchema)]
#[expect(
    dead_code,
    reason = "the schema; the program puts the answers of several clusters together"
)]
struct OfClusters<T> {
    /// The names of the clusters.
    clusters: Vec<String>,
    /// The answer; `null` where they have none, the reason where a name is known and not applied.
    answer: Option<AnswerOrReason<T>>,
}

/// An answer, or why there is none.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the schema; see `OfClusters`")]
enum AnswerOrReason<T> {
    /// The answer.
    Answer(T),
    /// Why there is none.
    Reason(ErrorJson<'static>),
}

/// What a question prints that has no answer.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "NoAnswer")]
struct ErrorJson<'a> {
    /// What is wrong, as a sentence.
    error: String,
    /// The term of the question.
    term: String,
    /// Names that look like it, best first.
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestions: Option<&'a [String]>,
    /// What the term means and the question cannot be about, as `kind key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    others: Option<&'a [String]>,
    /// What the repository holds by the term and Flux does not apply.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_applied: Vec<why_not::WhyNotJson<'a>>,
    /// The keys that a ConfigMap or service has.
    #[serde(skip_serializing_if = "Option::is_none")]
    keys: Option<&'a [String]>,
    /// What the term may mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    candidates: Option<&'a [String]>,
}

impl ToJson for QueryError {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let empty = ErrorJson {
            error: self.to_string(),
            term: String::new(),
            suggestions: None,
            others: None,
            not_applied: Vec::new(),
            keys: None,
            candidates: None,
        };
        to_value(match self {
            QueryError::NotFound(missing) => ErrorJson {
                term: missing.term.clone(),
                suggestions: Some(&missing.suggestions),
                others: Some(&missing.others),
                not_applied: why_not::entries(&missing.not_applied),
                ..empty
            },
            QueryError::NoKey { holder, key, keys } => ErrorJson {
                term: format!("{holder}/{key}"),
                keys: Some(keys),
                ..empty
            },
            QueryError::Ambiguous { term, candidates, .. } => ErrorJson {
                term: term.clone(),
                candidates: Some(candidates),
                ..empty
            },
        })
    }
}
