//! Questions to every open cluster, with equal answers printed once.

use std::fmt::Display;

use catalog_emit::ToJson;
use infra_query::{self as query, Answer, Facts, Matched, QueryError};

use super::print::only_findings;
use super::{Source, title};
use crate::exit::{Exit, Failure};
use crate::model_args::Format;
use crate::several_clusters::{self, Candidate, Folding, OfCluster};

impl Source<'_> {
    /// Answers a question about a name for every open cluster, with equal answers once. With `--next`, prints the commands for
    /// the meaning of the name instead.
    pub(crate) fn ask<A: Answer + Display + ToJson>(
        &self,
        name: &str,
        question: impl Fn(&'static dyn Facts, &str) -> Result<A, QueryError>,
    ) -> Result<Exit, Failure> {
        self.ask_named(name, Folding::OF_OBJECT, |_, facts, name| question(facts, name))
    }

    /// As [`Source::ask`], for a question that also takes the title of the cluster. `folding` says which answers are left out.
    pub(crate) fn ask_named<A: Answer + Display + ToJson>(
        &self,
        name: &str,
        folding: Folding,
        question: impl Fn(&str, &'static dyn Facts, &str) -> Result<A, QueryError>,
    ) -> Result<Exit, Failure> {
        if self.others.is_empty() {
            return match question(&title(self.facts), self.facts, name) {
                Ok(_) if folding.exact_first && self.is_elsewhere(name) => {
                    self.miss(QueryError::NotFound(infra_query::NotFound {
                        term: name.to_owned(),
                        ..infra_query::NotFound::default()
                    }))
                }
                Ok(answer) => self.answer(name, &answer),
                Err(error) => self.miss(error),
            };
        }
        let mut answers = Vec::new();
        let mut not_applied = Vec::new();
        let mut misses = Vec::new();
        for (title, facts) in self.clusters() {
            match question(&title, facts, name) {
                Ok(answer) => {
                    let answer = self.of_cluster(title, facts, name, &answer)?;
                    answers.push(candidate(facts, name, answer));
                }
                Err(error) if error.is_not_applied() => not_applied.push(self.why_not(title, &error)?),
                Err(error) => misses.push((title, error)),
            }
        }
        let is_found = !answers.is_empty();
        let folds = self.arguments.is_text();
        let (mut answers, mut others) = match folds {
            true => several_clusters::folded(answers, folding),
            false => (answers.into_iter().map(|it| it.answer).collect(), Vec::new()),
        };
        answers.append(&mut not_applied);
        let is_absent = |error: &QueryError| !matches!(error, QueryError::Ambiguous { .. });
        let absent = misses.iter().filter(|(_, error)| is_absent(error));
        let absent: Vec<String> = absent.map(|(title, _)| title.clone()).collect();
        if folds {
            let ambiguous = misses.iter().filter(|(_, error)| !is_absent(error));
            others.extend(ambiguous.map(|(title, error)| several_clusters::ambiguous(title, error)));
        }
        // An ambiguous name is more informative than an unknown one.
        misses.sort_by_key(|(_, error)| matches!(error, QueryError::NotFound(_)));
        match (answers.is_empty(), misses.into_iter().next()) {
            (true, Some((_, error))) => self.miss(error),
            _ => {
                let most = several_clusters::MOST_TEXT;
                let exit = self.print_of_clusters(answers, &others, &absent, most)?;
                Ok(if is_found { exit } else { Exit::NotFound })
            }
        }
    }

    /// Whether a name is only a value or a part of names here, but the name of an object in a cluster that is not asked about.
    pub(super) fn is_elsewhere(&self, name: &str) -> bool {
        let hits = query::find(self.facts, name).unwrap_or_default();
        let is_value = |hit: &query::Hit<'_>| hit.matched >= Matched::Field;
        !hits.is_empty()
            && hits.iter().all(is_value)
            && self
                .closed
                .find(name, self.facts)
                .iter()
                .any(|why| why.entry.name == name.rsplit('/').next().unwrap_or(name))
    }

    /// The reason why a name is not applied in one of several clusters, in the requested format.
    fn why_not(&self, cluster: String, error: &QueryError) -> Result<OfCluster, Failure> {
        Ok(OfCluster {
            cluster,
            text: match error {
                QueryError::NotFound(missing) => missing.to_string(),
                error => format!("{error}\n"),
            },
            json: match self.arguments.format {
                Format::Json => Some(error.to_json().map_err(Failure::output)?),
                _ => None,
            },
        })
    }

    /// Answers a question for all open clusters, each under its name if there are several.
    pub(crate) fn answer_all<A: Answer + Display + ToJson>(
        &self,
        question: impl Fn(&'static dyn Facts) -> A,
    ) -> Result<Exit, Failure> {
        self.answer_each(self.all_facts().map(question), usize::MAX)
    }

    /// Prints the answers for all open clusters, in their order, until there are `most` bytes.
    pub(crate) fn answer_each<A: Answer + Display + ToJson>(
        &self,
        answers: impl IntoIterator<Item = A>,
        most: usize,
    ) -> Result<Exit, Failure> {
        self.answer_some(answers.into_iter().map(Some), most)
    }

    /// As [`Source::answer_each`], if some clusters have no answer.
    pub(crate) fn answer_some<A: Answer + Display + ToJson>(
        &self,
        answers: impl IntoIterator<Item = Option<A>>,
        most: usize,
    ) -> Result<Exit, Failure> {
        let mut of_clusters = Vec::new();
        let mut absent = Vec::new();
        for ((title, facts), answer) in self.clusters().zip(answers) {
            match answer {
                Some(answer) if self.others.is_empty() => return self.answer("", &answer),
                Some(answer) => of_clusters.push(self.of_cluster(title, facts, "", &answer)?),
                None => absent.push(title),
            }
        }
        self.print_of_clusters(of_clusters, &[], &absent, most)
    }

    /// The answer for one of several clusters, in the requested format.
    fn of_cluster<A: Answer + Display + ToJson>(
        &self,
        cluster: String,
        facts: &'static dyn Facts,
        name: &str,
        answer: &A,
    ) -> Result<OfCluster, Failure> {
        let next = self.arguments.next.then(|| query::next(facts, name, answer));
        Ok(OfCluster {
            cluster,
            text: match &next {
                Some(next) => next.to_string(),
                None => answer.to_string(),
            },
            json: match (self.arguments.format, &next) {
                (Format::Json, Some(next)) => Some(next.to_json().map_err(Failure::output)?),
                (Format::Json, None) => Some(answer.to_json().map_err(Failure::output)?),
                (Format::Text, _) => None,
                (Format::Sarif | Format::Github, _) => return Err(only_findings()),
            },
        })
    }
}

/// An answer with the meaning of the name in its cluster.
fn candidate(facts: &dyn Facts, name: &str, answer: OfCluster) -> Candidate {
    let hits = query::find(facts, name).unwrap_or_default();
    let first = hits.first();
    let about = first.map(|hit| {
        let title = hit.subject.title();
        let place = hit.subject.place().map(|place| format!(", {place}"));
        plain_text::printable_name(&format!("{title}{}", place.unwrap_or_default())).into_owned()
    });
    Candidate {
        answer,
        // A name without hits is a key or a variable.
        is_exact: first.is_none_or(|hit| hit.matched < Matched::Namespace || hit.matched == Matched::Kind),
        is_part: first.is_some_and(|hit| matches!(hit.matched, Matched::Part | Matched::Words)),
        services: facts.services().iter().count(),
        about,
    }
}
