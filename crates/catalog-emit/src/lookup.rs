//! A data folder and a term turn into the part of the model that says where the term is.
//!
//! Large catalogs take far longer to parse than to search. With one entry a line, the entries that name a term are found as
//! text, and only these are parsed, with those that the answer then names in its next commands.

use std::collections::HashSet;

use camino::Utf8Path;
use infra_model::Infrastructure;
use regex::bytes::{Regex, RegexBuilder};
use serde_json::Value;

use crate::catalogs::Catalogs;
use crate::read::{self, ReadError};

/// More entries than these are parsed with all others.
const MOST_ENTRIES: usize = 2_000;
/// How often names in entries are followed: from a ConfigMap to its reader, to its Kustomization, to its source.
const ROUNDS: usize = 3;
/// Charts whose releases next commands name, whatever the term is.
const PLATFORM_CHARTS: [&str; 3] = [
    "\"chart\":\"vault\"",
    "\"chart\":\"openbao\"",
    "\"chart\":\"secrets-store-csi-driver\"",
];
/// Members with one entry a line that a question about one name can do without, but for those that name it.
const SECTIONS: [&str; 13] = [
    "services",
    "imageGroups",
    "kustomizations",
    "helmReleases",
    "sources",
    "secretProviderClasses",
    "externalSecrets",
    "secretStores",
    "vaultSecrets",
    "sealedSecrets",
    "secrets",
    "references",
    "configMaps",
];
/// Members of `variableSubstitution` of which the same holds.
const SUBSECTIONS: [&str; 3] = ["sources", "variables", "undefined"];

/// Loads as much of a cluster as [`infra_model::query::where_is`] needs for a term that means something; `cluster` names
/// one where the folder holds several. None where only the whole model can tell: for a term that is in no entry, or in
/// very many, and for catalogs that are laid out otherwise.
///
/// # Errors
/// [`ReadError`]
pub fn load_part(
    data_dir: &Utf8Path,
    cluster: Option<&str>,
    term: &str,
) -> Result<Option<Infrastructure>, ReadError> {
    let Some(needles) = needles(term) else {
        return Ok(None);
    };
    let folder = read::cluster_folder(data_dir, cluster)?;
    let texts = read::texts(&folder)?;
    let Some(pages) = texts
        .iter()
        .map(|text| Page::new(text, &needles))
        .collect::<Option<Vec<Page<'_>>>>()
    else {
        return Ok(None);
    };
    let Some(kept) = kept(&pages) else {
        return Ok(None);
    };
    let parts: Vec<Vec<u8>> = pages
        .iter()
        .zip(&kept)
        .map(|(page, kept)| page.part(kept))
        .collect();
    let [services, flux_resources, secrets_map, config_maps] = parts.as_slice() else {
        return Ok(None);
    };
    let catalogs = Catalogs {
        services: read::parse(&folder, services)?,
        flux_resources: read::parse(&folder, flux_resources)?,
        secrets_map: read::parse(&folder, secrets_map)?,
        config_maps: read::parse(&folder, config_maps)?,
    };
    read::named(catalogs, data_dir, cluster).map(Some)
}

/// What an entry holds one of where a term means it, in any case; none where that cannot be said.
fn needles(term: &str) -> Option<Regex> {
    let term = term.trim();
    // JSON writes these otherwise.
    if term.is_empty()
        || !term
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~') && !b"\"\\".contains(&byte))
    {
        return None;
    }
    let last = |text: &str| {
        text.trim_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let without = |mark: char| term.rsplit_once(mark).map_or(term, |(before, _)| before);
    let after_scheme = term.split_once("://").map_or(term, |(_, rest)| rest);
    let host = after_scheme.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default().trim_end_matches('.');
    let mut needles = vec![
        last(term),
        last(without(':')),
        last(term.split('#').next().unwrap_or_default()),
        host.to_owned(),
    ];
    needles.sort();
    needles.dedup();
    // A Vault path is also known with `data` in it, which no entry states.
    if needles
        .iter()
        .any(|needle| needle.is_empty() || "data".contains(&needle.to_lowercase()))
    {
        return None;
    }
    let pattern: Vec<String> = needles.iter().map(|needle| regex::escape(needle)).collect();
    RegexBuilder::new(&pattern.join("|"))
        .case_insensitive(true)
        .unicode(false)
        .build()
        .ok()
}

/// The entries to parse, by page and line: those that name the term, and those that they lead to.
fn kept(pages: &[Page<'_>]) -> Option<Vec<HashSet<usize>>> {
    let mut kept: Vec<HashSet<usize>> = pages
        .iter()
        .map(|page| page.hits.iter().copied().collect())
        .collect();
    let count = |kept: &[HashSet<usize>]| kept.iter().map(HashSet::len).sum::<usize>();
    if !(1..=MOST_ENTRIES).contains(&count(&kept)) {
        return None;
    }
    let mut wanted = HashSet::new();
    for (page, kept) in pages.iter().zip(&kept) {
        for line in kept {
            page.names(*line, &mut wanted);
        }
    }
    for _ in 0..ROUNDS {
        let mut found = HashSet::new();
        for (page, kept) in pages.iter().zip(&mut kept) {
            for (index, line) in page.lines.iter().enumerate() {
                if wanted.contains(line.key) && line.section.is_some() && kept.insert(index) {
                    // What uses a source or a ConfigMap does not say where the thing is that uses it.
                    if line.section.is_some_and(|section| section.leads_on) {
                        page.names(index, &mut found);
                    }
                }
            }
        }
        if count(&kept) > MOST_ENTRIES {
            return None;
        }
        wanted = found;
    }
    for (page, kept) in pages.iter().zip(&mut kept) {
        let releases = page.lines.iter().enumerate().filter(|(_, line)| {
            line.section.is_some_and(|section| section.name == "helmReleases")
                && PLATFORM_CHARTS.iter().any(|chart| line.text.contains(chart))
        });
        kept.extend(releases.map(|(index, _)| index));
    }
    Some(kept)
}

/// One catalog, line by line.
struct Page<'t> {
    lines: Vec<Line<'t>>,
    /// The entries that name the term.
    hits: Vec<usize>,
}

struct Line<'t> {
    text: &'t str,
    /// What an entry may be left out of; none for what always stays.
    section: Option<Section<'t>>,
    /// Key of an entry.
    key: &'t str,
}

#[derive(Clone, Copy)]
struct Section<'t> {
    name: &'t str,
    /// Whether an entry that is named by another leads on to a third.
    leads_on: bool,
}

impl<'t> Page<'t> {
    /// None where the text is not laid out with one entry a line.
    fn new(text: &'t str, needles: &Regex) -> Option<Self> {
        // Indented catalogs break this line.
        text.contains("\n  \"metadata\": {\"").then_some(())?;
        let mut hit = needles
            .find_iter(text.as_bytes())
            .map(|hit| hit.start())
            .peekable();
        let mut lines: Vec<Line<'t>> = Vec::new();
        let mut hits = Vec::new();
        let (mut outer, mut inner) = (None, None);
        let mut start = 0;
        for text in text.split_inclusive('\n') {
            let end = start + text.len();
            let text = text.strip_suffix('\n').unwrap_or(text);
            let indent = text.bytes().take_while(|byte| *byte == b' ').count();
            let opens = text.ends_with(['{', '[']);
            let key = key(text.get(indent..).unwrap_or_default());
            let section = match indent {
                4 if !opens && !text.starts_with("    }") && !text.starts_with("    ]") => outer,
                6 => inner,
                _ => None,
            };
            match indent {
                2 => {
                    outer = (opens && (SECTIONS.contains(&key) || key == "diagnostics")).then_some(Section {
                        name: key,
                        leads_on: matches!(key, "services" | "kustomizations" | "helmReleases"),
                    });
                }
                4 if opens => {
                    inner = SUBSECTIONS.contains(&key).then_some(Section {
                        name: key,
                        leads_on: false,
                    });
                }
                _ => {}
            }
            let mut named = false;
            while hit.next_if(|position| *position < end).is_some() {
                named = true;
            }
            if named && section.is_some_and(|section| section.name != "diagnostics") {
                hits.push(lines.len());
            }
            lines.push(Line { text, section, key });
            start = end;
        }
        Some(Page { lines, hits })
    }

    /// Adds every text in an entry, and what follows the kind in `Kind/name`: the keys of others are among them.
    fn names(&self, line: usize, into: &mut HashSet<String>) {
        let Some(line) = self.lines.get(line) else { return };
        let entry = line.text.trim().trim_end_matches(',');
        let Some((_, value)) = entry.get(line.key.len()..).and_then(|rest| rest.split_once(": ")) else {
            return;
        };
        if let Ok(value) = serde_json::from_str::<Value>(value) {
            texts(&value, into);
        }
    }

    /// The catalog with the given entries alone.
    fn part(&self, kept: &HashSet<usize>) -> Vec<u8> {
        let mut part = Vec::new();
        let mut lines = self.lines.iter().enumerate().peekable();
        let stays = |index: usize, line: &Line<'_>| line.section.is_none() || kept.contains(&index);
        while let Some((index, line)) = lines.next() {
            if !stays(index, line) {
                continue;
            }
            while lines.next_if(|(index, line)| !stays(*index, line)).is_some() {}
            let text = line.text.trim_end_matches(',');
            part.extend_from_slice(text.as_bytes());
            let closes = lines
                .peek()
                .is_none_or(|(_, next)| next.text.trim_start().starts_with(['}', ']']));
            if !closes && !text.ends_with(['{', '[']) {
                part.push(b',');
            }
            part.push(b'\n');
        }
        part
    }
}

/// The key in front of a member, as written.
fn key(text: &str) -> &str {
    let Some(text) = text.strip_prefix('"') else {
        return "";
    };
    text.split_once("\": ").map_or("", |(key, _)| key)
}

fn texts(value: &Value, into: &mut HashSet<String>) {
    match value {
        Value::String(text) => {
            if let Some((_, name)) = text.split_once('/') {
                into.insert(name.to_owned());
            }
            into.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Value::Object(members) => members.values().for_each(|member| texts(member, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
