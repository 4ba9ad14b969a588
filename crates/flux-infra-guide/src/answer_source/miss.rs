//! Questions without an answer.

use infra_query::{self as query, QueryError};
use plain_text::Command;

use super::Source;
use super::print::json;
use crate::exit::{Exit, Failure, printed};
use crate::model_args::Format;

impl Source<'_> {
    /// Reports that a question has no answer.
    pub(crate) fn miss(&self, mut error: QueryError) -> Result<Exit, Failure> {
        if let QueryError::NotFound(missing) = &mut error
            && missing.not_applied.is_empty()
            && !missing.is_search
            && (query::find(self.facts, &missing.term).is_err() || self.is_elsewhere(&missing.term))
        {
            missing.not_applied = self.closed.find(&missing.term, self.facts);
        }
        if let QueryError::NotFound(missing) = &mut error
            && let Some(none) = &mut missing.kind
            && !self.others.is_empty()
        {
            let clusters: Vec<String> = self.clusters().map(|(title, _)| title).collect();
            none.of = format!("clusters {}", clusters.join(", "));
            none.not_at_hand.clear();
        }
        self.check()?;
        self.print_note();
        if self.arguments.format == Format::Json {
            printed(self.terminal.out(&json(&error, None)?))?;
        }
        if let QueryError::NotFound(missing) = &error
            && !missing.not_applied.is_empty()
        {
            // The reason why something is not applied answers the question.
            if self.arguments.format == Format::Text {
                printed(self.show(&missing.to_string()))?;
            }
            return Ok(Exit::NotFound);
        }
        let missed = match &error {
            QueryError::NotFound(missing) if missing.others.is_empty() => Some(missing.term.clone()),
            QueryError::NoKey { holder, key, .. } => Some(format!("{holder}/{key}")),
            _ => None,
        };
        let hint = match &error {
            QueryError::NotFound(missing) => match query::list::state_of(&missing.term) {
                Some(state) => Some(in_state(state)),
                None if missing.is_search || missing.kind.is_some() || !missing.others.is_empty() => None,
                None => Some(ELSEWHERE.to_owned()),
            },
            _ => Some(ELSEWHERE.to_owned()),
        };
        let failure = Failure {
            missed,
            ..Failure::new(Exit::NotFound, error)
        };
        Err(match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        })
    }

    /// Reports that a text is found nowhere.
    pub(crate) fn miss_of_search(&self, text: &str) -> Result<Exit, Failure> {
        self.miss(QueryError::NotFound(query::NotFound {
            term: text.to_owned(),
            is_search: true,
            ..query::NotFound::default()
        }))
    }
}

/// A hint with the command that lists everything in a state.
fn in_state(state: &str) -> String {
    let command = Command::new("flux-infra-guide list --where").text(state).finish();
    format!("`{}` lists what is {state}", command.unwrap_or_default())
}

/// A hint for an unknown name.
const ELSEWHERE: &str =
    "`flux-infra-guide grep TEXT` searches every field, `flux-infra-guide list services` names them all";
