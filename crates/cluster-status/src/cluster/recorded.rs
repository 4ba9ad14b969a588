//! A recorded cluster: files with what `kubectl get … -o json` prints.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::items::{self, Item};
use super::record::{RECORD, RecordHead};
use super::{Cluster, Coverage, Group, Remark};
use crate::live::{Object, Parsed};

/// Most files of a folder.
const MOST_FILES: usize = 10_000;
/// Most remarks about objects that cannot be read. More would say nothing new.
const MOST_REMARKS: usize = 10;

/// A file with objects of a cluster as JSON, or a folder with such files: lists, lists of lists, or objects one after another.
#[derive(Clone, Debug)]
pub struct Recorded {
    path: Utf8PathBuf,
}

impl Recorded {
    /// The record at a path.
    pub fn new(path: impl Into<Utf8PathBuf>) -> Self {
        Recorded { path: path.into() }
    }
}

impl Cluster for Recorded {
    fn list(
        &mut self,
        _groups: &[Group],
        each: &mut dyn FnMut(Object),
        remarks: &mut Vec<Remark>,
    ) -> Coverage {
        let mut coverage = Coverage::default();
        let files = match files(&self.path) {
            Ok(files) => files,
            Err(error) => {
                remarks.push(Remark::new(format!("cannot read {}: {error}", self.path)));
                return coverage;
            }
        };
        let mut objects = Objects::default();
        let mut found = 0_usize;
        let mut namespaces: BTreeSet<String> = BTreeSet::new();
        for path in files {
            let mut file = match File::open(&path) {
                Ok(file) => file,
                Err(error) => {
                    remarks.push(Remark::new(format!("cannot read {path}: {error}")));
                    continue;
                }
            };
            let mut broken = Vec::new();
            let result = items::read(&mut file, &mut |item| {
                objects.take(
                    item,
                    &mut |object| {
                        found += 1;
                        let namespace = &object.metadata().namespace;
                        if namespaces.len() < 2 && !namespace.is_empty() && !namespaces.contains(namespace) {
                            namespaces.insert(namespace.clone());
                        }
                        coverage.kinds.entry(object.kind.clone()).or_default();
                        each(object);
                    },
                    &mut broken,
                );
            });
            let broken = broken.into_iter();
            remarks.extend(broken.map(|remark| Remark::new(format!("{path}: {remark}"))));
            if let Err(error) = result {
                remarks.push(Remark::new(format!("cannot read all of {path}: {error}")));
            }
        }
        if let Some(head) = objects.head {
            coverage.kinds = head.kinds;
        } else if let (Some(only), 1) = (namespaces.first(), namespaces.len()) {
            // A record of one namespace says nothing of others.
            for extent in coverage.kinds.values_mut() {
                extent.only = Some(BTreeSet::from([only.clone()]));
            }
        } else if found == 0 {
            let remark = Remark::new(format!("{} holds no object of a cluster", self.path));
            remarks.push(remark.hint(
                "record one with `flux-infra-guide status --record FILE`, or with `kubectl get … -o json`",
            ));
        }
        coverage
    }
}

/// The file, or the JSON files in the folder and its subfolders, in the order of their paths.
fn files(path: &Utf8Path) -> io::Result<Vec<Utf8PathBuf>> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_dir() {
        // `<(command)` is a pipe to which the shell writes. Reading any other pipe might block forever.
        let handed_over = ["/dev/fd/", "/proc/self/fd/", "/dev/stdin"];
        if !metadata.is_file() && !handed_over.iter().any(|place| path.as_str().starts_with(place)) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8()? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path().to_owned());
            } else if kind.is_file() && entry.path().extension() == Some("json") && files.len() < MOST_FILES {
                files.push(entry.path().to_owned());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Reads items as objects.
#[derive(Default)]
pub(super) struct Objects {
    /// The description in a record of this program.
    pub(super) head: Option<RecordHead>,
    seen: BTreeSet<String>,
}

impl Objects {
    /// Gives the objects in an item to `each`, and adds what cannot be read to `broken`.
    pub(super) fn take(&mut self, item: Item<'_>, each: &mut dyn FnMut(Object), broken: &mut Vec<String>) {
        let seen = &mut self.seen;
        let mut say = |remark: String| {
            if seen.len() < MOST_REMARKS && seen.insert(remark.clone()) {
                broken.push(remark);
            }
        };
        let (json, kind, api_version) = match item {
            Item::Object {
                json,
                kind,
                api_version,
            } => (json, kind, api_version),
            Item::Broken(why) => return say(why),
        };
        let object = match Object::parse(json, kind, api_version) {
            Parsed::Whole(object) => object,
            Parsed::Partial(object, error) => {
                let why = without_place(&error);
                say(format!("{} is not as expected: {why}", object.object()));
                object
            }
            Parsed::Invalid(error) => return say(format!("an object cannot be read: {error}")),
        };
        if object.kind == RECORD {
            self.head = serde_json::from_slice(json).ok();
        } else if object.kind.ends_with("List") {
            let mut inner = Vec::new();
            // A slice is read without errors.
            let _ = items::read(&mut &*json, &mut |item| match item {
                Item::Object {
                    json,
                    kind,
                    api_version,
                } => match Object::parse(json, kind, api_version) {
                    Parsed::Whole(object) | Parsed::Partial(object, _) => each(object),
                    Parsed::Invalid(error) => inner.push(error),
                },
                Item::Broken(why) => inner.push(why),
            });
            for error in inner {
                say(format!("an object cannot be read: {error}"));
            }
        } else {
            each(object);
        }
    }
}

/// A JSON error without line and column, which refer to the object and not to the file, and without a quoted value of the wrong
/// type.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    match text.split_once("string \"") {
        Some((before, after)) => {
            let after = after.rsplit_once('"').map_or("", |(_, after)| after);
            format!("{before}a string{after}")
        }
        None => text.to_owned(),
    }
}
