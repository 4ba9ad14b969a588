//! A data folder and a question turn into the part of the model that answers it as the whole would.
//!
//! Large catalogs take far longer to parse than to search. With one entry a line, the entries that hold a text of the term
//! are found as text, and only these are parsed, with those that the question then looks at. In reading order: `needles`
//! are the texts of a term, `section` names what entries there are, `pages` finds their lines, `piece` is some of them,
//! `json` takes a line apart, `kept` is what is wanted of each line of a section, `part` holds what is taken, `found` takes
//! what a term may mean, `similar` what a miss suggests, `follow` what a question looks at next. `list`, `lint` and `grep`
//! are the questions about no name; `literals` are the texts without which a pattern accepts nothing.

mod follow;
mod found;
mod grep;
mod json;
mod kept;
mod lint;
mod list;
mod literals;
mod needles;
mod pages;
mod parallel;
mod part;
mod piece;
mod section;
mod similar;

use camino::Utf8Path;
use infra_model::Infrastructure;
use infra_query::Question;

use crate::catalogs::Catalogs;
use crate::read::{self, ReadError};

use follow::Follow;
use needles::Needles;
use pages::{Pages, Search};
use part::Part;

pub use grep::load_grep;
pub use lint::load_lint;
pub use list::load_list;

/// More entries than these are read with all others.
const MOST_ENTRIES: usize = 30_000;

/// What is asked of catalogs.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'t> {
    /// The question.
    pub question: Question,
    /// The name that it is about.
    pub term: &'t str,
    /// Whether [`query::next`](infra_query::next()) is asked of the answer.
    pub next: bool,
}

/// Loads as much of a cluster as a question about a name needs for the answer that the whole would give, a miss included;
/// `cluster` names one where the folder holds several. None where only the whole model can tell: for a term that is
/// written otherwise in catalogs, for one that means very many things, and for catalogs that are laid out otherwise.
///
/// # Errors
/// [`ReadError`]
pub fn load_part(
    data_dir: &Utf8Path,
    cluster: Option<&str>,
    ask: Ask<'_>,
) -> Result<Option<Infrastructure>, ReadError> {
    let Some(needles) = Needles::new(ask.term, ask.question == Question::Config) else {
        return Ok(None);
    };
    let search = Search {
        needles: Some(&needles),
        ..Search::default()
    };
    load(
        data_dir,
        cluster,
        search,
        |part| {
            found::take(part);
            few(part)
        },
        |part, model| {
            Follow::new(part).question(ask, model)?;
            few(part)
        },
    )
}

/// Nothing for very many entries.
fn few(part: &Part<'_>) -> Option<()> {
    (part.count() <= MOST_ENTRIES).then_some(())
}

/// Loads what `first` takes of what is found, and then what `then` takes by the model of that. None where either has none.
fn load(
    data_dir: &Utf8Path,
    cluster: Option<&str>,
    search: Search<'_>,
    first: impl FnOnce(&mut Part<'_>) -> Option<()>,
    then: impl FnOnce(&mut Part<'_>, &Infrastructure) -> Option<()>,
) -> Result<Option<Infrastructure>, ReadError> {
    let folder = read::cluster_folder(data_dir, cluster)?;
    let Some(pages) = Pages::read(&folder, search)? else {
        return Ok(None);
    };
    let [services, flux_resources, secrets_map, config_maps] = pages.frames();
    let catalogs = Catalogs {
        services: read::parse(&folder, services)?,
        flux_resources: read::parse(&folder, flux_resources)?,
        secrets_map: read::parse(&folder, secrets_map)?,
        config_maps: read::parse(&folder, config_maps)?,
    };
    let mut model = read::named(catalogs, data_dir, cluster)?;
    let mut part = Part::new(&pages);
    if first(&mut part).is_none() || part.read(&mut model).is_none() {
        return Ok(None);
    }
    if then(&mut part, &model).is_none() || (part.has_more() && part.read(&mut model).is_none()) {
        return Ok(None);
    }
    Ok(Some(model))
}
