//! A data folder and a term turn into the part of the model that says where the term is.
//!
//! Large catalogs take far longer to parse than to search. With one entry a line, the entries that name a term are found as
//! text, and only these are parsed, with those that the answer then names in its next commands.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::thread;

use camino::Utf8Path;
use infra_model::Infrastructure;
use infra_model::query::{self, Hit, Subject};
use memchr::{memchr, memmem, memrchr};
use serde_json::Value;

use crate::catalogs::{Catalog as _, Catalogs};
use crate::layout::{ConfigMapsFile, FluxResourcesFile, SecretsMapFile, ServicesFile};
use crate::read::{self, ReadError, joined};

/// More entries than these are parsed with all others.
const MOST_ENTRIES: usize = 2_000;
/// Next commands are those of one thing, beside which a term may mean a few others.
const MOST_MEANINGS: usize = 64;
/// How often names in entries are followed: from a ConfigMap to its reader, to its HelmRelease, to its Kustomization.
const ROUNDS: usize = 3;
/// Members whose entries are looked up by key, and those of their own members that hold such keys. Sources are looked up
/// otherwise: they all stay.
const LOOKED_UP: [(&str, &[&str]); 3] = [
    ("services", &["kustomization", "helmRelease"]),
    ("helmReleases", &["kustomization"]),
    ("kustomizations", &[]),
];
/// Charts whose releases next commands name, whatever the term is.
const PLATFORM_CHARTS: [&[u8]; 3] = [
    b"\"chart\":\"vault\"",
    b"\"chart\":\"openbao\"",
    b"\"chart\":\"secrets-store-csi-driver\"",
];
/// Bytes that are read at a time: what is read but not kept takes no memory.
const CHUNK: u64 = 1 << 18;
/// Members with one entry a line that a question about one name can do without, but for those that name it.
const SECTIONS: [&str; 14] = [
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
    DIAGNOSTICS,
];
/// A list that no such question looks at.
const DIAGNOSTICS: &str = "diagnostics";
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
    let Some(mut pages) = pages(&folder, &needles)? else {
        return Ok(None);
    };
    let entries = pages.iter().map(Page::entries).sum::<usize>();
    if !(1..=MOST_ENTRIES).contains(&entries) {
        return Ok(None);
    }
    let [services, flux_resources, secrets_map, config_maps] = &pages;
    let catalogs = Catalogs {
        services: read::parse(&folder, &services.part(&services.lines))?,
        flux_resources: read::parse(&folder, &flux_resources.part(&flux_resources.lines))?,
        secrets_map: read::parse(&folder, &secrets_map.part(&secrets_map.lines))?,
        config_maps: read::parse(&folder, &config_maps.part(&config_maps.lines))?,
    };
    let mut part = read::named(catalogs, data_dir, cluster)?;
    let Ok(found) = query::where_is(&part, term) else {
        return Ok(None);
    };
    let services = found
        .hits
        .iter()
        .filter(|hit| matches!(hit.subject, Subject::Service(..)));
    let mut names = match found.hits.len() {
        ..=MOST_MEANINGS => names_of(&found.hits, &pages),
        // Nothing is looked up but for one service or thing.
        _ if services.count() == 1 => return Ok(None),
        _ => return Ok(Some(part)),
    };
    for _ in 0..ROUNDS {
        let mut found = HashSet::new();
        for page in &mut pages {
            page.look_up(&names, &mut found)
                .map_err(|error| ReadError::File {
                    path: folder.join(page.name),
                    error,
                })?;
        }
        if pages.iter().map(|page| page.added.len()).sum::<usize>() > MOST_ENTRIES {
            return Ok(None);
        }
        names = found;
    }
    let [services, flux_resources, ..] = &pages;
    let added = Infrastructure::from(Catalogs {
        services: read::parse(&folder, &services.part(&services.added))?,
        flux_resources: read::parse(&folder, &flux_resources.part(&flux_resources.added))?,
        ..Catalogs::default()
    });
    part.services.extend(added.services);
    part.kustomizations.extend(added.kustomizations);
    part.helm_releases.extend(added.helm_releases);
    Ok(Some(part))
}

/// The names by which the entries of what a term means lead to others. Entries may also mention the term without being
/// what it means: these are not followed.
fn names_of(hits: &[Hit<'_>], pages: &[Page; 4]) -> HashSet<u64> {
    let mut names = HashSet::new();
    for line in pages.iter().flat_map(|page| page.lines.values()) {
        let mut subjects = hits.iter().map(|hit| hit.subject);
        if subjects.any(|subject| line.section == section(subject) && line.key() == subject.key()) {
            line.names(&mut names);
        }
    }
    names
}

/// Reads the four catalogs. None where one is not laid out with one entry a line.
fn pages(folder: &Utf8Path, needles: &Needles) -> Result<Option<[Page; 4]>, ReadError> {
    let page = |name: &'static str| {
        Page::read(folder, name, needles).map_err(|error| ReadError::File {
            path: folder.join(name),
            error,
        })
    };
    thread::scope(|scope| {
        let [services, flux_resources, secrets_map, config_maps] = [
            ServicesFile::FILE_NAME,
            FluxResourcesFile::FILE_NAME,
            SecretsMapFile::FILE_NAME,
            ConfigMapsFile::FILE_NAME,
        ]
        .map(|name| scope.spawn(move || page(name)));
        let pages = (
            joined(services)?,
            joined(flux_resources)?,
            joined(secrets_map)?,
            joined(config_maps)?,
        );
        Ok(match pages {
            (Some(services), Some(flux_resources), Some(secrets_map), Some(config_maps)) => {
                Some([services, flux_resources, secrets_map, config_maps])
            }
            _ => None,
        })
    })
}

/// The member of the catalogs in which a thing is an entry.
fn section(subject: Subject<'_>) -> Option<&'static str> {
    Some(match subject {
        Subject::Service(..) => "services",
        Subject::Kustomization(..) => "kustomizations",
        Subject::HelmRelease(..) => "helmReleases",
        Subject::SecretProviderClass(..) => "secretProviderClasses",
        Subject::ExternalSecret(..) => "externalSecrets",
        Subject::SecretStore(..) => "secretStores",
        Subject::VaultSecret(..) => "vaultSecrets",
        Subject::SealedSecret(..) => "sealedSecrets",
        Subject::Secret(..) => "secrets",
        Subject::SecretReference(..) => "references",
        Subject::ConfigMap(..) => "configMaps",
        // Nothing is looked up for these.
        Subject::Source(..) | Subject::ImageGroup(..) | Subject::Variable(..) | Subject::External(_) => {
            return None;
        }
    })
}

/// What an entry holds one of where a term means it, in any case; none where that cannot be said.
fn needles(term: &str) -> Option<Needles> {
    let term = term.trim().to_ascii_lowercase();
    // JSON writes these otherwise.
    if !term
        .bytes()
        .all(|byte| matches!(byte, b' '..=b'~') && !b"\"\\".contains(&byte))
    {
        return None;
    }
    let last = |text: &str| {
        let last = text.trim_matches('/').rsplit('/').next();
        last.unwrap_or_default().to_owned()
    };
    let after_scheme = term.split_once("://").map_or(&*term, |(_, rest)| rest);
    let host = after_scheme.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    let mut needles = vec![
        last(&term),
        last(term.rsplit_once(':').map_or(&*term, |(before, _)| before)),
        last(term.split('#').next().unwrap_or_default()),
        host.trim_end_matches('.').to_owned(),
    ];
    needles.sort();
    needles.dedup();
    // A Vault path is also known with `data` in it, which no entry states.
    let says_something = |needle: &String| !needle.is_empty() && !"data".contains(needle.as_str());
    needles.iter().all(says_something).then(|| Needles {
        finders: needles
            .iter()
            .map(|needle| memmem::Finder::new(needle).into_owned())
            .collect(),
    })
}

/// Texts in lower case that are looked for in any case.
struct Needles {
    finders: Vec<memmem::Finder<'static>>,
}

impl Needles {
    /// Where they begin, in order. `lower` is the text in lower case.
    fn positions(&self, lower: &[u8]) -> Vec<usize> {
        let mut positions: Vec<usize> = self
            .finders
            .iter()
            .flat_map(|finder| finder.find_iter(lower))
            .collect();
        positions.sort_unstable();
        positions
    }
}

/// What was read of a catalog.
struct Page {
    name: &'static str,
    file: File,
    /// By line of the file: the entries that name the term, and every line that is no entry.
    lines: BTreeMap<usize, Line>,
    /// The entries that those lead to.
    added: BTreeMap<usize, Line>,
    /// The entries that others name, with a hash of the last part of their key.
    looked_up: Vec<(u64, Position)>,
}

struct Line {
    text: Vec<u8>,
    /// The member in which it is an entry that may be left out; none for what always stays.
    section: Option<&'static str>,
}

/// Where an entry is.
struct Position {
    line: usize,
    offset: u64,
    length: usize,
    section: &'static str,
}

impl Line {
    /// The key of an entry.
    fn key(&self) -> &str {
        std::str::from_utf8(key(self.text.trim_ascii_start())).unwrap_or_default()
    }

    /// Adds the names in an entry by which others are looked up; that of `Kind/name` as well.
    fn names(&self, into: &mut HashSet<u64>) {
        let entry = self.text.trim_ascii();
        let entry = entry.strip_suffix(b",").unwrap_or(entry);
        let after_key = entry.get(key(entry).len() + 4..).unwrap_or_default();
        let Ok(value) = serde_json::from_slice::<Value>(after_key) else {
            return;
        };
        match LOOKED_UP
            .iter()
            .find(|(section, _)| Some(*section) == self.section)
        {
            Some((_, members)) => {
                for member in *members {
                    texts(value.get(*member).unwrap_or(&Value::Null), into);
                }
            }
            None => texts(&value, into),
        }
    }
}

impl Page {
    /// None where the text is not laid out with one entry a line.
    fn read(folder: &Utf8Path, name: &'static str, needles: &Needles) -> io::Result<Option<Self>> {
        let mut page = Page {
            name,
            file: File::open(folder.join(name))?,
            lines: BTreeMap::new(),
            added: BTreeMap::new(),
            looked_up: Vec::new(),
        };
        let mut reading = Reading::default();
        let file = &page.file;
        let mut buffer = Vec::new();
        let mut offset = 0;
        let mut compact = false;
        loop {
            let kept = buffer.len();
            let read = file.take(CHUNK).read_to_end(&mut buffer)?;
            let end = match memrchr(b'\n', buffer.get(kept..).unwrap_or_default()) {
                Some(newline) => kept + newline + 1,
                None if read == 0 => buffer.len(),
                None => continue,
            };
            let whole = buffer.get(..end).unwrap_or_default();
            compact |= reading.lines(whole, offset, needles, &mut page.lines, &mut page.looked_up);
            offset += end as u64;
            buffer.drain(..end);
            if read == 0 {
                return Ok(compact.then_some(page));
            }
        }
    }

    /// Adds the entries that are named, and to `found` the names in them. One that only has the hash of a name does no
    /// harm: it is an entry that the term does not mean.
    fn look_up(&mut self, names: &HashSet<u64>, found: &mut HashSet<u64>) -> io::Result<()> {
        for (_, position) in self.looked_up.iter().filter(|(hash, _)| names.contains(hash)) {
            if self.added.contains_key(&position.line) {
                continue;
            }
            let mut text = vec![0; position.length];
            self.file.seek(SeekFrom::Start(position.offset))?;
            self.file.read_exact(&mut text)?;
            let line = Line {
                text,
                section: Some(position.section),
            };
            line.names(found);
            self.added.insert(position.line, line);
        }
        Ok(())
    }

    /// The number of entries that name the term.
    fn entries(&self) -> usize {
        self.lines.values().filter(|line| line.section.is_some()).count()
    }

    /// The catalog with the given entries alone.
    fn part(&self, entries: &BTreeMap<usize, Line>) -> Vec<u8> {
        let mut part = Vec::new();
        let frame = self.lines.iter().filter(|(_, line)| line.section.is_none());
        let entries = entries.iter().filter(|(_, line)| line.section.is_some());
        let mut lines: Vec<(&usize, &Line)> = frame.chain(entries).collect();
        lines.sort_unstable_by_key(|(number, _)| **number);
        let mut lines = lines.into_iter().map(|(_, line)| line).peekable();
        while let Some(line) = lines.next() {
            let text = line.text.strip_suffix(b",").unwrap_or(&line.text);
            part.extend_from_slice(text);
            let closes = lines
                .peek()
                .is_none_or(|next| matches!(next.text.trim_ascii_start(), [b'}' | b']', ..]));
            if !closes && !text.ends_with(b"{") && !text.ends_with(b"[") {
                part.push(b',');
            }
            part.push(b'\n');
        }
        part
    }
}

/// How far a catalog is read.
#[derive(Default)]
struct Reading {
    line: usize,
    /// The member that the line is in, and the member of that.
    outer: Option<&'static str>,
    inner: Option<&'static str>,
}

impl Reading {
    /// Takes whole lines apart; `offset` is where they begin. Whether `metadata` is among them and stands on one line.
    fn lines(
        &mut self,
        text: &[u8],
        offset: u64,
        needles: &Needles,
        lines: &mut BTreeMap<usize, Line>,
        looked_up: &mut Vec<(u64, Position)>,
    ) -> bool {
        let mut compact = false;
        let mut hit = needles
            .positions(&text.to_ascii_lowercase())
            .into_iter()
            .peekable();
        let mut start = 0;
        while start < text.len() {
            let rest = text.get(start..).unwrap_or_default();
            let end = start + memchr(b'\n', rest).map_or(rest.len(), |newline| newline + 1);
            let line = text.get(start..end).unwrap_or_default();
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let opens = line.ends_with(b"{") || line.ends_with(b"[");
            let section = match line {
                [b' ', b' ', b' ', b' ', b' ', b' ', b'"', ..] => self.inner,
                [b' ', b' ', b' ', b' ', b'"' | b'{', ..] if opens => {
                    self.inner = member(&SUBSECTIONS, line);
                    None
                }
                [b' ', b' ', b' ', b' ', b'"' | b'{', ..] => self.outer,
                [b' ', b' ', b'"', ..] => {
                    compact |= line.starts_with(b"  \"metadata\": {\"");
                    self.outer = member(&SECTIONS, line).filter(|_| opens);
                    None
                }
                _ => None,
            };
            let mut named = false;
            while hit.next_if(|position| *position < end).is_some() {
                named = true;
            }
            let stays = match section {
                None => true,
                Some(DIAGNOSTICS) => false,
                // They are looked up by kind, namespace and name.
                Some("sources") => self.inner.is_none(),
                Some("helmReleases") => {
                    named
                        || PLATFORM_CHARTS
                            .iter()
                            .any(|chart| memmem::find(line, chart).is_some())
                }
                Some(_) => named,
            };
            if stays {
                let text = line.to_vec();
                lines.insert(self.line, Line { text, section });
            } else if let Some(section) = section
                && LOOKED_UP.iter().any(|(name, _)| *name == section)
            {
                let key = key(line.trim_ascii_start());
                let plain = memrchr(b'/', key).map_or(key, |slash| key.get(slash + 1..).unwrap_or_default());
                looked_up.push((
                    hash(plain),
                    Position {
                        line: self.line,
                        offset: offset + start as u64,
                        length: line.len(),
                        section,
                    },
                ));
            }
            self.line += 1;
            start = end;
        }
        compact
    }
}

/// Which of `members` a line begins.
fn member(members: &[&'static str], line: &[u8]) -> Option<&'static str> {
    let key = key(line.trim_ascii_start());
    members.iter().copied().find(|member| member.as_bytes() == key)
}

/// The key in front of a member, as written. Such keys have no quote in them, or are of no entry that is looked up.
fn key(text: &[u8]) -> &[u8] {
    let text = text.strip_prefix(b"\"").unwrap_or_default();
    memchr(b'"', text)
        .and_then(|end| text.get(..end))
        .unwrap_or_default()
}

fn hash(name: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// Hashes of every text in a value, each of its last part.
fn texts(value: &Value, into: &mut HashSet<u64>) {
    match value {
        Value::String(text) => {
            into.insert(hash(text.rsplit('/').next().unwrap_or_default().as_bytes()));
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Value::Object(members) => members.values().for_each(|member| texts(member, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
