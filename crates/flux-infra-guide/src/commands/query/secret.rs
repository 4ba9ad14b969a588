//! `secret`: where credentials come from. For a Secret that nothing applied makes, also the files that state it although Flux
//! does not apply them.

use std::collections::VecDeque;

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
        let facts = source.all_facts();
        answers.extend(facts.map(|facts| infra_query::secret(facts, &arguments.name)));
    }
    let is_made_elsewhere = |answer: &SecretAnswer<'_>| answer.made_elsewhere().is_some();
    let evaluations = match answers.iter().flatten().any(is_made_elsewhere) {
        true => model.scanned(terminal).ok().map(|(_, evaluations)| evaluations),
        false => None,
    };
    let question = from_known(answers, infra_query::secret);
    let answered = source.ask(&arguments.name, |facts, name| {
        Ok(with_places(question(facts, name)?, facts, evaluations.as_ref()))
    });
    dead_end::or_lines(answered, model, terminal)
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
        // A file whose objects are applied states another Secret of the same name.
        let applied = Subject::all(facts);
        places.retain(|place| {
            let mut own = applied.iter().filter_map(Subject::place);
            !own.any(|own| own.file == place.file)
        });
        answer.stated_at = places;
    }
    answer
}
