//! Where does a field of it come from? What states it, the weakest first, and which of these decides.

use std::fmt;

use infra_model::explain::{ExplainedField, Explanation, Proof, ServiceField, Statement};
use infra_model::service::Service;
use plain_text::{Lines, line, printable, printable_name};

use crate::answer::display_answer;
use crate::find::{QueryError, find_service};
use crate::next_steps::{Answer, Step};
use crate::{Facts, Text};

/// Fields of a service, and what states each of them.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainAnswer<'a> {
    /// The service.
    pub entry: &'a Service,
    /// Its fields.
    pub explanation: Explanation,
    /// What was asked for; none for every field.
    pub asked: Option<ServiceField>,
}

impl Answer for ExplainAnswer<'_> {
    fn steps(&self) -> &[Step] {
        &[]
    }
}

display_answer!(ExplainAnswer<'_>);

/// Explains fields of the service that a term means. `explained` gives those of a service by its key.
///
/// # Errors
/// [`QueryError`]
pub fn explain<'a>(
    facts: &'a dyn Facts,
    term: &str,
    asked: Option<ServiceField>,
    explained: &dyn Fn(&str) -> Vec<ExplainedField>,
) -> Result<ExplainAnswer<'a>, QueryError> {
    let (service, entry) = find_service(facts, term)?;
    Ok(ExplainAnswer {
        entry,
        explanation: Explanation {
            service: service.to_owned(),
            fields: explained(service),
        },
        asked,
    })
}

/// Longest value that is shown whole.
const LONGEST: usize = 80;

impl Text for ExplainAnswer<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        let Explanation { service, fields } = &self.explanation;
        line!(f, "{}", printable_name(service))?;
        for field in fields {
            let name = field
                .name
                .as_deref()
                .map(|name| format!(" ({})", printable_name(name)));
            line!(
                f,
                "{}{}: {}",
                field.field.as_str(),
                name.unwrap_or_default(),
                short(&field.value)
            )?;
            line!(
                f,
                "  at {} {}",
                printable_name(&field.object),
                printable_name(&field.path)
            )?;
            for statement in &field.chain {
                line!(f, "  {}", words(statement))?;
            }
            if field.proved_by == Proof::None {
                line!(f, "  no stated value changes it")?;
            }
        }
        if !fields.is_empty() {
            return Ok(());
        }
        match (&self.entry.workload, self.asked) {
            (None, _) => line!(
                f,
                "its chart is not at hand, so nothing of what it makes is known"
            ),
            (Some(_), Some(field)) => line!(f, "no {} is stated", field.as_str()),
            (Some(_), None) => line!(f, "nothing is stated"),
        }
    }
}

/// One statement, with the mark of the one that decides.
fn words(statement: &Statement) -> String {
    let mut words = vec![statement.kind.as_str().to_owned()];
    words.extend(
        statement
            .path
            .as_deref()
            .map(|path| printable_name(path).into_owned()),
    );
    match &statement.value {
        Some(value) => words.push(format!("= {}", short(value))),
        None => words.push("= (not known)".to_owned()),
    }
    words.extend(
        statement
            .by
            .as_deref()
            .map(|by| format!("by {}", printable_name(by))),
    );
    let place = statement.source.as_ref().or(statement.chart_source.as_ref());
    words.extend(place.map(|place| format!("at {}", printable_name(&place.to_string()))));
    if statement.decides {
        words.push("<- decides".to_owned());
    }
    words.join(" ")
}

/// A value on one line.
fn short(value: &str) -> String {
    let first = value.lines().next().unwrap_or_default();
    let mut cut: String = first.chars().take(LONGEST).collect();
    if cut.len() < value.len() {
        cut.push('…');
    }
    match cut.as_str() {
        "" => "\"\"".to_owned(),
        cut => printable(cut).into_owned(),
    }
}
