//! `secret`: where credentials come from; of a Secret that nothing here makes also which file outside of what Flux applies states it.

use camino::Utf8PathBuf;
use infra_query::secret::SecretAnswer;
use infra_query::{Facts, QueryError, Subject};

use super::about::Arguments;
use super::dead_end;
use crate::exit::{Exit, Failure};
use crate::model_args::Evaluations;
use crate::terminal::Terminal;

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let model = &arguments.model;
    let source = model.open(terminal)?;
    let is_made_elsewhere = |facts: &'static dyn Facts| {
        infra_query::secret(facts, &arguments.name).is_ok_and(|answer| answer.made_elsewhere().is_some())
    };
    let may_read = model.is_text() && model.may_scan() && source.all_facts().any(is_made_elsewhere);
    let scanned = may_read
        .then(|| model.scanned(&Utf8PathBuf::from("."), terminal))
        .and_then(Result::ok);
    let evaluations = scanned.map(|(_, evaluations)| evaluations);
    let answered = source.ask(&arguments.name, |facts, name| {
        let answer = infra_query::secret(facts, name)?;
        Ok::<_, QueryError>(with_places(answer, facts, evaluations.as_ref()))
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
