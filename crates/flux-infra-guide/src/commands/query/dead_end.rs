//! Lines of the repository's files about a name that no question knows: the most relevant ones, and commands to go on with.

use flux_scan::{AskedFields, StatedLine};
use infra_model::{NotApplied, Place};
use infra_query::{Facts, WhyNot};
use plain_text::{Command, printable, printable_name};

use super::stated;
use crate::exit::{Exit, Failure, printed};
use crate::model_args::ModelArgs;
use crate::terminal::Terminal;

/// Most lines that are shown.
const MOST: usize = 5;
/// Most lines of less relevance.
const FEW: usize = 2;
/// Most fields that are searched.
const MOST_FIELDS: usize = 2000;
/// Longest value that is shown, in characters.
const LONGEST: usize = 120;

/// The result of a question; if nothing was found, the lines of the files that have the name.
pub(super) fn or_lines(
    result: Result<Exit, Failure>,
    model: &ModelArgs,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let failure = match result {
        Err(failure) if failure.exit == Exit::NotFound && model.is_text() && model.may_scan() => failure,
        other => return other,
    };
    let term = failure.missed.as_deref();
    match term.and_then(|term| find(term, model, terminal)) {
        None => Err(failure),
        Some(found) => {
            printed(terminal.answer(&format!("{}\n{found}", failure.message)))?;
            Ok(Exit::NotFound)
        }
    }
}

/// A line that has the name.
struct Line {
    /// Lower ranks are more relevant.
    rank: usize,
    /// The object, such as `HelmRelease sonarr`; empty if it is not known.
    object: String,
    name: String,
    path: String,
    text: String,
    place: Option<Place>,
}

fn find(term: &str, model: &ModelArgs, terminal: &Terminal) -> Option<String> {
    let (source, evaluations) = model.scanned(terminal).ok()?;
    let clusters: Vec<&'static dyn Facts> = source.all_facts().collect();
    words(term).into_iter().find_map(|word| {
        let holder = term.strip_suffix(word.as_str()).unwrap_or_default();
        let holder = holder.trim_end_matches(['/', '.', ' ']).to_ascii_lowercase();
        let asked = AskedFields {
            of: &|_, _| true,
            is_asked: &|line| rank(&word, line).is_some(),
            below: 0,
            most: MOST_FIELDS,
        };
        let mut lines: Vec<Line> = Vec::new();
        for objects in stated::search(&clusters, &evaluations, &[asked]).values() {
            for object in objects.values() {
                for (path, field) in &object.fields {
                    let place = field.place(object.source.as_ref());
                    let is_known = |line: &Line| line.place.is_some() && line.place == place;
                    if lines.iter().any(is_known) {
                        continue;
                    }
                    let (path, number) = match path.rsplit_once(" line ") {
                        Some((path, number)) => (path, number.parse().ok()),
                        None => (path.as_str(), None),
                    };
                    let title = format!("{}/{}", object.kind, object.name);
                    let line = StatedLine {
                        title: &title,
                        path,
                        key: path.rsplit('.').next().unwrap_or(path),
                        text: &field.value,
                        number,
                    };
                    let is_of_holder = title.to_ascii_lowercase().contains(&holder);
                    lines.push(Line {
                        rank: rank(&word, line)? + if is_of_holder { 0 } else { RANKS },
                        object: format!("{} {}", object.kind, object.name),
                        name: object.name.clone(),
                        path: path.strip_prefix("spec.values.").unwrap_or(path).to_owned(),
                        text: field.value.trim().to_owned(),
                        place,
                    });
                }
            }
        }
        if lines.is_empty() && word.len() >= SHORT {
            lines = lines_of_files(&word, &clusters, &evaluations);
        }
        lines.sort_by_key(|line| line.rank);
        // The same key in other objects is hardly relevant.
        if !holder.is_empty() && lines.iter().all(|line| line.rank >= RANKS) {
            lines.truncate(FEW);
        }
        (!lines.is_empty()).then(|| text(&word, &lines, &not_applied(&clusters, &lines), model))
    })
}

/// Sentences with the reason why the objects in the files of some lines are not applied.
fn not_applied(clusters: &[&'static dyn Facts], lines: &[Line]) -> Vec<String> {
    let files: Vec<_> = lines.iter().filter(|line| line.object.is_empty()).collect();
    let is_in_files = |entry: &&NotApplied| {
        let source = entry.source.as_ref().filter(|_| entry.part_of.is_none());
        source.is_some_and(|source| {
            let mut places = files.iter().filter_map(|line| line.place.as_ref());
            places.any(|place| place.file == source.file)
        })
    };
    let entries = clusters
        .iter()
        .flat_map(|facts| facts.not_applied())
        .filter(is_in_files);
    let mut texts: Vec<String> = Vec::new();
    for entry in entries {
        let why = WhyNot {
            entry: entry.clone(),
            because: Vec::new(),
        };
        let text = why.sentence();
        if !texts.contains(&text) && texts.len() < FEW {
            texts.push(text);
        }
    }
    texts
}

/// Lines of files from which no object is applied.
fn lines_of_files(
    word: &str,
    clusters: &[&'static dyn Facts],
    evaluations: &crate::answer_source::Evaluations,
) -> Vec<Line> {
    let evaluation = clusters.first().and_then(|facts| evaluations.of(*facts));
    let accepts = |line: &str| has_word(&line.to_ascii_lowercase(), word);
    let mentions = evaluation.map(|evaluation| flux_scan::mentions(evaluation, &accepts, MOST + 1));
    let lines = mentions.into_iter().flatten().map(|mention| Line {
        rank: 0,
        object: String::new(),
        name: String::new(),
        path: String::new(),
        text: mention.text.unwrap_or_default(),
        place: Some(mention.place),
    });
    lines.collect()
}

/// The words to search for, of which the first that occurs counts: the whole term, then its last part.
fn words(term: &str) -> Vec<String> {
    let whole = term.trim().to_ascii_lowercase();
    let last = whole.rsplit(['/', ' ']).next().unwrap_or_default().to_owned();
    let mut words = vec![whole, last];
    words.dedup();
    words.retain(|word| word.len() > 1);
    words
}

/// Shorter words are a part of almost any text.
const SHORT: usize = 3;
/// Number of ranks.
const RANKS: usize = 5;

/// The relevance of a line for a word; `None` if it does not have the word.
fn rank(word: &str, line: StatedLine<'_>) -> Option<usize> {
    let text = line.text.to_ascii_lowercase();
    let path = line.path.to_ascii_lowercase();
    let is_step =
        || path.split(['.', '[', ']']).any(|step| step == word) || path.contains(&format!("[{word}]"));
    let is_first = line.number.is_none_or(|number| number == 1);
    let is_short = word.len() < SHORT;
    // Names and labels are known to other questions, so they come last.
    if path.starts_with("metadata.") {
        return (!is_short && (text.contains(word) || path.contains(word))).then_some(4);
    }
    if text == word {
        return Some(0);
    }
    if is_short {
        return (is_first && is_step()).then_some(2);
    }
    if has_word(&text, word) {
        return Some(1);
    }
    if is_first && is_step() {
        return Some(2);
    }
    if text.contains(word) {
        return Some(3);
    }
    (is_first && path.contains(word)).then_some(4)
}

/// Whether a text has a word as a whole, not as a part of a longer name.
fn has_word(text: &str, word: &str) -> bool {
    let is_boundary = |c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        before.is_none_or(is_boundary) && after.is_none_or(is_boundary)
    })
}

fn text(word: &str, lines: &[Line], not_applied: &[String], model: &ModelArgs) -> String {
    let mut text = String::new();
    for sentence in not_applied {
        text.push_str(&format!("  not applied: {sentence}\n"));
    }
    for line in lines.iter().take(MOST) {
        let shown = match line.text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", line.text.get(..end).unwrap_or_default()),
            None => line.text.clone(),
        };
        let place = line.place.as_ref().map(ToString::to_string).unwrap_or_default();
        let place = printable_name(&place).into_owned();
        let shown = printable(&shown).into_owned();
        text.push_str(&match (line.object.as_str(), shown.as_str()) {
            ("", "") => format!("  {place}\n"),
            ("", shown) => format!("  {place}: {shown}\n"),
            (object, shown) => format!(
                "  {} {}: {shown} <- {place}\n",
                printable_name(object),
                printable_name(&line.path)
            ),
        });
    }
    let search = Command::new("flux-infra-guide grep").text(word);
    let search = model.repeat(search).finish();
    let rest = lines.len().saturating_sub(MOST);
    if let (Some(command), 1..) = (&search, rest) {
        text.push_str(&format!("  and {rest} more: `{command}`\n"));
    }
    let first = lines
        .first()
        .map(|line| line.name.as_str())
        .filter(|name| !name.is_empty());
    let next = first.and_then(|name| {
        model
            .repeat(Command::new("flux-infra-guide where").text(name))
            .finish()
    });
    if let Some(command) = next {
        text.push_str(&format!("next:\n  {command}\n"));
    }
    text
}
