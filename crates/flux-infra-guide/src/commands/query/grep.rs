//! `grep`: every field in which a text occurs, of the catalogs and of applied objects.

use regex::RegexBuilder;

use super::stated;
use crate::exit::{Exit, Failure};
use crate::model_args::{ModelArgs, title};
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

/// So many values in catalogs are few.
const FEW: usize = 20;

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let pattern = if arguments.fixed_strings {
        regex::escape(&arguments.text)
    } else {
        arguments.text.clone()
    };
    let regex = RegexBuilder::new(&pattern)
        .case_insensitive(true)
        .build()
        .map_err(|error| Failure::usage(error).hint("--fixed-strings takes the text as it is"))?;
    let source = arguments.model.open(terminal)?;
    let mut found: Vec<_> = source
        .all_facts()
        .map(|facts| infra_query::grep(facts, |text| regex.is_match(text)))
        .collect();
    // Of few matches it is worth a scan to know what else the files state.
    if found
        .iter()
        .flat_map(|found| &found.matches)
        .filter(|found| found.is_value())
        .count()
        <= FEW
        && let Some(stated) = stated::grep(&arguments.model, terminal, &|text| regex.is_match(text))
    {
        // The process exits next.
        let stated: &'static stated::Objects = Box::leak(Box::new(stated));
        for (facts, found) in source.all_facts().zip(&mut found) {
            if let Some(objects) = stated.get(&title(facts)) {
                found.add_fields(objects);
            }
        }
    }
    if found.iter().all(|found| found.matches.is_empty()) {
        return source.miss_of_search(&arguments.text);
    }
    let found = found
        .into_iter()
        .map(|found| Some(found).filter(|found| !found.matches.is_empty()));
    source.answer_some(found, several_clusters::MOST_TEXT)
}
