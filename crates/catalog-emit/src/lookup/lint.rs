//! A data folder turns into its diagnostics, with the objects that the first commands about them check.

use std::collections::HashSet;

use camino::Utf8Path;
use infra_model::Infrastructure;
use infra_query::lint::LintFilter;
use infra_query::next_steps::objects_of_findings;

use super::follow::Follow;
use super::json::{member, text};
use super::load;
use super::pages::Search;
use super::part::{Part, Shape, last};
use super::section::Section;
use crate::read::ReadError;

/// Loads as much of a cluster as [`query::lint`](infra_query::lint()) looks at, with every diagnostic there is;
/// see [`load_part`](super::load_part).
///
/// # Errors
/// [`ReadError`]
pub fn load_lint(
    data_dir: &Utf8Path,
    cluster: Option<&str>,
    filter: &LintFilter,
) -> Result<Option<Infrastructure>, ReadError> {
    let search = Search {
        kept: &[(Section::Diagnostics, Shape::Full)],
        ..Search::default()
    };
    load(
        data_dir,
        cluster,
        search,
        |part| {
            part.take_all(Section::Diagnostics, Shape::Full);
            objects(part);
            Some(())
        },
        |part, model| {
            let findings = filter.of(model);
            Follow::new(part).things(objects_of_findings(model, &findings));
            Some(())
        },
    )
}

/// Takes what has the name of an object that a diagnostic is about, which is the last part of its key: names with slashes
/// are those of no object.
fn objects(part: &mut Part<'_>) {
    let pages = part.pages;
    let diagnostics = 0..pages.count(Section::Diagnostics);
    let objects = diagnostics.filter_map(|index| {
        let entry = pages.kept(Section::Diagnostics, index, Shape::Full)?;
        text(member(entry.value, "object")?)
    });
    let names: HashSet<&[u8]> = objects.map(last).collect();
    for section in Section::ALL.into_iter().filter(|section| section.has_keys()) {
        for name in &names {
            for index in part.by_name(section, name) {
                part.take(section, index, Shape::Only(section.meant_by()));
            }
        }
    }
}
