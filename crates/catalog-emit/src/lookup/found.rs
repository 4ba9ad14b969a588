//! Entries that hold a text of the term turn into those that the term may mean.

use std::collections::HashSet;

use super::json::{items, members};
use super::pages::Entry;
use super::parallel::in_parallel;
use super::part::{Part, Shape};
use super::section::Section;

/// Takes every entry that the term may mean, with the members that decide whether it does.
pub(super) fn take(part: &mut Part<'_>) {
    for section in Section::ALL.into_iter().filter(|section| section.has_keys()) {
        let mentions = part.pages.mentions(section);
        let pages = part.pages;
        let found = in_parallel(&mentions, |mentions| {
            let mut outside = HashSet::new();
            let mentions = mentions.iter();
            mentions
                .filter_map(|(index, positions)| {
                    let entry = pages.entry(section, *index);
                    Some((*index, shape(section, entry, positions, &mut outside)?))
                })
                .collect()
        });
        for (index, shape) in found {
            part.take(section, index, shape);
        }
    }
}

/// What is needed of an entry; none where the term stands in other members only.
fn shape<'a>(
    section: Section,
    entry: Entry<'a>,
    positions: &[usize],
    outside: &mut HashSet<&'a [u8]>,
) -> Option<Shape> {
    // A needle has no quote in it, so that it lies within one text.
    let within = |start: usize, end: usize| positions.iter().any(|at| (start..end).contains(at));
    let before = entry.line.len() - entry.value.len();
    let mut means = within(0, before);
    for member in members(entry.value) {
        if !within(before + member.start, before + member.end()) {
            continue;
        }
        if section == Section::Services && member.name == b"dependsOn" {
            // One service that talks to something outside is enough to know it.
            let mut new = false;
            for (start, item) in items(member.value) {
                let start = before + member.start + start;
                if let Some(target) = members(item).find(|member| member.name == b"target")
                    && within(start + target.start, start + target.end())
                {
                    new |= outside.insert(target.value);
                }
            }
            if new {
                return Some(Shape::Only(Section::SERVICE_AND_OUTSIDE));
            }
        } else if section
            .meant_by()
            .iter()
            .any(|name| name.as_bytes() == member.name)
        {
            means = true;
        }
    }
    means.then(|| Shape::Only(section.meant_by()))
}
