//! `grep`: fields that match a pattern, in the catalogs and in applied objects.

use infra_query::grep::Grep;
use plain_text::printable;
use regex::{Regex, RegexBuilder};

use super::stated;
use crate::answer_source::{Source, title};
use crate::exit::{Exit, Failure, printed};
use crate::model_args::{ModelArgs, leaked};
use crate::several_clusters;
use crate::terminal::Terminal;

/// Search every field of the catalogs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  flux-infra-guide grep 'postgres.*5432'")]
pub(crate) struct Arguments {
    /// A regular expression, whatever the case.
    text: String,
    /// Take the text as it is.
    #[arg(short = 'F', long)]
    fixed_strings: bool,
    #[command(flatten)]
    model: ModelArgs,
}

/// With no more matching values in the catalogs, the repository is searched too.
const FEW: usize = 20;

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let pattern = if arguments.fixed_strings {
        regex::escape(&arguments.text)
    } else {
        arguments.text.clone()
    };
    let regex = ignoring_case(&pattern)
        .map_err(|error| Failure::usage(error).hint("--fixed-strings takes the text as it is"))?;
    let source = arguments.model.open(terminal)?;
    let found = search(arguments, &source, terminal, &|text| regex.is_match(text));
    if found.iter().all(|found| found.matches.is_empty()) {
        if elsewhere(arguments, &source, terminal, &|text| regex.is_match(text))? {
            return Ok(Exit::NotFound);
        }
        return match rarest_word(arguments, &source, terminal)? {
            true => Ok(Exit::NotFound),
            false => source.miss_of_search(&arguments.text),
        };
    }
    print(&source, found)
}

fn ignoring_case(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).case_insensitive(true).build()
}

fn print(source: &Source<'_>, found: Vec<Grep<'static>>) -> Result<Exit, Failure> {
    let found = found
        .into_iter()
        .map(|found| Some(found).filter(|found| !found.matches.is_empty()));
    source.answer_some(found, several_clusters::MOST_TEXT)
}

/// Prints the matches in clusters that are not asked about, and returns whether there are any.
fn elsewhere(
    arguments: &Arguments,
    source: &Source<'_>,
    terminal: &Terminal,
    accepts: &dyn Fn(&str) -> bool,
) -> Result<bool, Failure> {
    if !arguments.model.is_text() {
        return Ok(false);
    }
    let mut text = String::new();
    source.each_closed_cluster(|title, facts| {
        let found = infra_query::grep(facts, accepts);
        if !found.matches.is_empty() {
            text.push_str(&format!(
                "no match here; in cluster {}:\n{found}",
                printable(title)
            ));
        }
    });
    if !text.is_empty() {
        printed(terminal.answer(&text))?;
    }
    Ok(!text.is_empty())
}

/// For a pattern without matches: prints the matches of its rarest word, and returns whether there are any.
fn rarest_word(arguments: &Arguments, source: &Source<'_>, terminal: &Terminal) -> Result<bool, Failure> {
    const SHORTEST: usize = 4;
    const MOST: usize = 12;
    if !arguments.model.is_text() {
        return Ok(false);
    }
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let words = arguments.text.split(|c| !is_of_word(c));
    let words = words.filter(|word| word.len() >= SHORTEST);
    let mut best: Option<(usize, &str, Vec<Grep<'static>>)> = None;
    for word in words {
        let Ok(regex) = ignoring_case(&regex::escape(word)) else {
            continue;
        };
        let found = search(arguments, source, terminal, &|text| regex.is_match(text));
        let values = found.iter().flat_map(|found| &found.matches);
        let count = values.filter(|found| found.is_value()).count();
        if count > 0 && best.as_ref().is_none_or(|(fewest, ..)| count < *fewest) {
            best = Some((count, word, found));
        }
    }
    let Some((count, word, found)) = best.filter(|(count, ..)| *count <= MOST) else {
        return Ok(false);
    };
    let fields = if count == 1 { "field has" } else { "fields have" };
    let text = printable(&arguments.text);
    let word = printable(word);
    printed(terminal.answer(&format!("no field matches {text}; {count} {fields} {word}:\n")))?;
    print(source, found)?;
    Ok(true)
}

/// Accepted fields of the catalogs; if they are few, also those of the repository's files.
fn search(
    arguments: &Arguments,
    source: &Source<'_>,
    terminal: &Terminal,
    accepts: &dyn Fn(&str) -> bool,
) -> Vec<Grep<'static>> {
    let mut found: Vec<_> = source
        .all_facts()
        .map(|facts| infra_query::grep(facts, accepts))
        .collect();
    let values = found.iter().flat_map(|found| &found.matches);
    let values = values.filter(|found| found.is_value()).count();
    if values <= FEW
        && let Some(stated) = stated::grep(&arguments.model, terminal, accepts)
    {
        let stated = leaked(stated);
        for (facts, found) in source.all_facts().zip(&mut found) {
            if let Some(objects) = stated.get(&title(facts)) {
                found.add_fields(objects);
            }
        }
    }
    found
}
