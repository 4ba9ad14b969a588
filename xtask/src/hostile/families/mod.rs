//! The families of hostile inputs, one file each.

mod catalogs;
mod charts;
mod flux;
mod generators;
mod git;
mod knowledge;
mod links;
mod objects;
mod patches;
mod rules;
mod substitution;
mod templates;
mod text;
mod trees;

use super::case::Case;

/// The inputs of each family, made family by family because some are large.
pub(crate) const ALL: [fn() -> Vec<Case>; 14] = [
    text::cases,
    trees::cases,
    patches::cases,
    generators::cases,
    rules::cases,
    flux::cases,
    substitution::cases,
    templates::cases,
    objects::cases,
    charts::cases,
    knowledge::cases,
    catalogs::cases,
    git::cases,
    links::cases,
];
