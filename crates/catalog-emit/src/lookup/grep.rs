//! A data folder and a pattern turn into the entries that may hold a text which the pattern accepts.

use camino::Utf8Path;
use infra_model::Infrastructure;
use infra_query as query;

use super::follow::Follow;
use super::literals::literals;
use super::load;
use super::needles::Needles;
use super::pages::Search;
use super::part::Shape;
use super::section::Section;
use crate::read::ReadError;

/// More entries than these are read with all others: every text in them is held against the pattern twice.
const MOST_ENTRIES: usize = 8_000;

/// Loads as much of a cluster as [`query::grep`](infra_query::grep()) looks at and finds something in; see
/// [`load_part`](super::load_part). `accepts` is whether a text holds a match of `pattern`, a regular expression, whatever
/// the case. None also for a pattern that may match without any certain text.
///
/// # Errors
/// [`ReadError`]
pub fn load_grep(
    data_dir: &Utf8Path,
    cluster: Option<&str>,
    pattern: &str,
    accepts: impl Fn(&str) -> bool,
) -> Result<Option<Infrastructure>, ReadError> {
    let literals = literals(pattern);
    if literals.is_empty() {
        return Ok(None);
    }
    let search = Search {
        needles: Some(&Needles::together(literals)),
        ..Search::default()
    };
    load(
        data_dir,
        cluster,
        search,
        |part| {
            for section in Section::ALL {
                for (index, _) in part.pages.mentions(section) {
                    part.take(section, index, Shape::Full);
                }
            }
            (part.count() <= MOST_ENTRIES).then_some(())
        },
        |part, model| {
            Follow::new(part).things(query::grep(model, accepts).things);
            Some(())
        },
    )
}
