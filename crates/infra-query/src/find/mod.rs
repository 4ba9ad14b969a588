//! What a term means: the best kind of match wins, and a miss gets suggestions.

mod not_applied;
mod similar;
mod term;

use crate::Facts;
use crate::subject::Subject;
use plain_text::{Lines, printable, printable_name};

use crate::Question;
use crate::why_not::{self, WhyNot};
use infra_model::service::Service;

pub(super) use similar::closest;
pub(super) use term::{is_path, repository};

use similar::{similar, similar_not_applied};
use term::Term;

/// Something that a term means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit<'a> {
    /// What it is.
    pub subject: Subject<'a>,
    /// How the term matches it.
    pub matched: Matched,
}

/// How a term matches, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matched {
    /// The key or the plain name, with or without kind and namespace.
    Name,
    /// Another name.
    Alias,
    /// A DNS name in the cluster.
    Dns,
    /// A host of an Ingress or route.
    Host,
    /// A container image.
    Image,
    /// The namespace it runs in.
    Namespace,
    /// A file or folder of the repository.
    File,
    /// A path in Vault or another secret store.
    SecretPath,
    /// Part of any of these.
    Part,
}

impl Matched {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Matched::Name => "name",
            Matched::Alias => "alias",
            Matched::Dns => "dns",
            Matched::Host => "host",
            Matched::Image => "image",
            Matched::Namespace => "namespace",
            Matched::File => "file",
            Matched::SecretPath => "secret path",
            Matched::Part => "part",
        }
    }
}

/// Nothing is known by a term.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotFound {
    /// The term.
    pub term: String,
    /// What looks like it, best first.
    pub suggestions: Vec<String>,
    /// What is known by the term, as `kind key`, but cannot be what the question is about.
    pub others: Vec<String>,
    /// What the repository holds by the term and Flux does not apply.
    pub not_applied: Vec<WhyNot>,
}

impl crate::Text for NotFound {
    fn lines(&self, f: &mut Lines<'_>) -> std::fmt::Result {
        match self.not_applied.is_empty() {
            true => plain_text::line!(f, "{}", miss(self)),
            false => why_not::lines(self, f),
        }
    }
}

impl std::fmt::Display for NotFound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        crate::Text::lines(self, &mut Lines::new(f))
    }
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Nothing that the question can be about is known by the term.
    #[error("{}", miss(.0))]
    NotFound(NotFound),
    /// The term means several things.
    #[error("{} may be {}", printable(term), list(candidates))]
    Ambiguous {
        /// The term.
        term: String,
        /// The keys of what it may mean.
        candidates: Vec<String>,
    },
}

fn miss(
    NotFound {
        term,
        suggestions,
        others,
        not_applied,
    }: &NotFound,
) -> String {
    let term = printable(term.trim());
    if let Some(why) = not_applied.first() {
        let more = match not_applied.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        return format!("{term} is not applied: {}{more}", why.sentence());
    }
    match (others.as_slice(), suggestions.as_slice()) {
        _ if term.is_empty() => "a name is needed".to_owned(),
        ([], []) => format!("nothing is known as {term}"),
        ([], some) => format!("nothing is known as {term}; did you mean {}?", list(some)),
        (others, _) => format!("{term} is {}, which this question is not about", list(others)),
    }
}

/// `a, b or c`, at most ten.
fn list(texts: &[String]) -> String {
    const MOST: usize = 10;
    let texts: Vec<_> = texts.iter().map(|text| printable_name(text)).collect();
    match texts.split_last() {
        None => String::new(),
        Some((last, [])) => last.to_string(),
        Some((last, rest)) if rest.len() < MOST => format!("{} or {last}", rest.join(", ")),
        Some(_) => {
            let shown = texts.iter().take(MOST).map(AsRef::as_ref).collect::<Vec<&str>>();
            format!("{} or one of {} more", shown.join(", "), texts.len() - MOST)
        }
    }
}

/// What a term means: all that match in the best way there is. Never empty.
///
/// # Errors
/// [`QueryError::NotFound`], with suggestions.
pub fn find<'a>(facts: &'a dyn Facts, term: &str) -> Result<Vec<Hit<'a>>, QueryError> {
    find_for(facts, term, Question::Where)
}

/// As [`find`], among the things that a question can be about.
pub(super) fn find_for<'a>(
    facts: &'a dyn Facts,
    term: &str,
    question: Question,
) -> Result<Vec<Hit<'a>>, QueryError> {
    let parsed = Term::new(term);
    let (mut hits, others): (Vec<Hit<'a>>, Vec<Hit<'a>>) = parsed
        .candidates(facts)
        .into_iter()
        .filter_map(|subject| {
            let matched = parsed.matches(&subject)?;
            Some(Hit { subject, matched })
        })
        .partition(|hit| question.accepts(&hit.subject));
    let Some(best) = hits.iter().map(|hit| hit.matched).min() else {
        let others = others.iter().filter(|hit| hit.matched < Matched::Part);
        let others: Vec<String> = others.map(|hit| hit.subject.title()).collect();
        let not_applied = match others.is_empty() {
            true => not_applied::not_applied(facts, &parsed),
            false => Vec::new(),
        };
        let mut suggestions = similar(facts, &parsed, question);
        if suggestions.is_empty() && not_applied.is_empty() {
            suggestions = similar_not_applied(facts, &parsed);
        }
        return Err(QueryError::NotFound(NotFound {
            term: term.to_owned(),
            suggestions,
            others,
            not_applied,
        }));
    };
    // What only has the term in its name is not what was asked for, where something has the very name.
    if best == Matched::Part {
        let not_applied = not_applied::not_applied(facts, &parsed);
        if not_applied::is_object(&not_applied) {
            return Err(QueryError::NotFound(NotFound {
                term: term.to_owned(),
                suggestions: hits.iter().map(|hit| hit.subject.title()).collect(),
                others: Vec::new(),
                not_applied,
            }));
        }
    }
    hits.retain(|hit| hit.matched == best);
    Ok(hits)
}

/// The one service that a term means.
///
/// # Errors
/// [`QueryError`]
pub(super) fn find_service<'a>(
    facts: &'a dyn Facts,
    term: &str,
) -> Result<(&'a str, &'a Service), QueryError> {
    let hits = find_for(facts, term, Question::Trace)?;
    if let [
        Hit {
            subject: Subject::Service(key, service),
            ..
        },
    ] = hits.as_slice()
    {
        return Ok((key, service));
    }
    Err(QueryError::Ambiguous {
        term: term.to_owned(),
        candidates: hits.iter().map(|hit| hit.subject.key().to_owned()).collect(),
    })
}
