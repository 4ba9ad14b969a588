//! `secret`: where credentials come from; of a Secret that nothing here makes also which file outside of what Flux applies states it.

use std::collections::VecDeque;

use camino::Utf8PathBuf;
use infra_query::secret::SecretAnswer;
use infra_query::{Facts, Subject};

use super::about::{Arguments, from_known};
use super::dead_end;
use crate::answer_source::Evaluations;
use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let model = &arguments.model;
    let source = model.open(terminal)?;
    let mut answers = VecDeque::new();
    if model.is_text() && model.may_scan() {
        answers.extend(
            source
                .all_facts()
                .map(|facts| infra_query::secret(facts, &arguments.name)),
        );
    }
    let made_elsewhere = |answer: &SecretAnswer<'_>| answer.made_elsewhere().is_some();
    let scanned = answers
        .iter()
        .flatten()
        .any(made_elsewhere)
        .then(|| model.scanned(&Utf8PathBuf::from("."), terminal))
        .and_then(Result::ok);
    let evaluations = scanned.map(|(_, evaluations)| evaluations);
    let question = from_known(answers, infra_query::secret);
    let answered = source.ask(&arguments.name, |facts, name| {
        Ok(with_places(question(facts, name)?, facts, evaluations.as_ref()))
    });
    dead_end::told(answered, model, terminal)
}

/// The answer with the files that state the Secret.
fn with_places<'a>(
    mut answer: SecretAnswer<'a>,
    facts: &'a dyn Facts,
    evaluations: Option<&Evaluations>,
) -> SecretAnswer<'a> {
    const MOST: usize = 3;
    if let (Some(name), Some(evaluation)) = (
        answer.made_elsewhere(),
        evaluations.and_then(|evaluations| evaluations.of(facts)),
    ) {
        let mut places = flux_scan::stated_secrets(evaluation, name, MOST);
        // One of the name that is applied elsewhere is another Secret.
        let applied = Subject::all(facts);
        places.retain(|place| {
            let mut own = applied.iter().filter_map(Subject::place);
            !own.any(|own| own.file == place.file)
        });
        answer.stated_at = places;
    }
    answer
}
