//! Images and charts that move to `latest` or backwards.

use std::cmp::Ordering;

use infra_link::ImageReference;
use source_tree::Diagnostic;
use yaml_node::Node;

use super::codes;
use super::subject::{Subject, warning};
use crate::objects::Object;
use crate::pod::{containers, pod_spec};

pub(super) fn check(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let Some(after) = &subject.after else {
        return;
    };
    let before = subject.before.as_ref();
    if let Some(pod) = pod_spec(after) {
        let old = before.and_then(pod_spec);
        for container in containers(pod) {
            let Some(image) = container.get("image") else {
                continue;
            };
            let name = container.text_at(&["name"]);
            let old = old.and_then(|pod| {
                let former = containers(pod).find(|other| other.text_at(&["name"]) == name)?;
                former.text_at(&["image"])
            });
            check_image(after, image, old, found);
        }
    }
    if !after.group().ends_with(".toolkit.fluxcd.io") {
        return;
    }
    for path in [
        &["spec", "chart", "spec", "version"][..],
        &["spec", "ref", "tag"],
        &["spec", "ref", "semver"],
    ] {
        let old = before.and_then(|object| object.node().text_at(path));
        if let (Some(part), Some(old)) = (after.node().at(path), old)
            && let Some(new) = part.text()
            && is_older(old, new)
        {
            let message = format!("{} moves back from {old} to {new}", path.join("."));
            found.push(warning(codes::IMAGE, after, Some(part), message));
        }
    }
}

fn check_image(object: &Object<'_>, image: &Node, old: Option<&str>, found: &mut Vec<Diagnostic>) {
    let text = image.text().unwrap_or_default();
    if text.is_empty() || Some(text) == old {
        return;
    }
    let new = ImageReference::parse(text);
    let was = old.map(ImageReference::parse);
    let message = if is_latest(&new) && was.is_none_or(|was| !is_latest(&was)) {
        format!(
            "image {} moves to latest: every pull may bring another one",
            new.name
        )
    } else if let Some(was) = was.filter(|was| was.name == new.name)
        && let (Some(old), Some(new_tag)) = (was.tag, new.tag)
        && is_older(old, new_tag)
    {
        format!("image {} moves back from {old} to {new_tag}", new.name)
    } else {
        return;
    };
    found.push(warning(codes::IMAGE, object, Some(image), message));
}

fn is_latest(image: &ImageReference<'_>) -> bool {
    matches!(image.tag, None | Some("latest")) && !image.name.contains("${")
}

/// Whether `new` is a lower version than `old`; `false` unless both are versions.
///
/// A suffix such as `-alpine` or `-debian-12-r9` names a variant, whose numbers count only against those of the same variant.
/// Only a suffix that says so is a pre-release.
fn is_older(old: &str, new: &str) -> bool {
    let (Some(old), Some(new)) = (Tag::parse(old), Tag::parse(new)) else {
        return false;
    };
    match new.numbers.cmp(&old.numbers) {
        Ordering::Less => return true,
        Ordering::Greater => return false,
        Ordering::Equal => {}
    }
    match (is_prerelease(old.suffix), is_prerelease(new.suffix)) {
        (false, true) => return true,
        (true, false) => return false,
        _ => {}
    }
    let (old, new) = (Suffix::parse(old.suffix), Suffix::parse(new.suffix));
    old.letters == new.letters && new.numbers < old.numbers
}

/// A tag that begins with a version.
struct Tag<'a> {
    /// `1`, `2`, `3` of `v1.2.3-alpine`, without trailing zeros.
    numbers: Vec<u64>,
    /// What follows them.
    suffix: &'a str,
}

impl<'a> Tag<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.split(['@', '+']).next().unwrap_or_default();
        let text = text.strip_prefix('v').unwrap_or(text);
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let (version, suffix) = text.split_at(end);
        // `1a2b3c` is a commit, not a version.
        if !suffix.is_empty() && !suffix.starts_with(['-', '_']) && !is_prerelease(suffix) {
            return None;
        }
        let numbers = version.split('.').map(str::parse);
        let mut numbers: Vec<u64> = numbers.collect::<Result<_, _>>().ok()?;
        while numbers.last() == Some(&0) {
            numbers.pop();
        }
        Some(Tag { numbers, suffix })
    }
}

fn is_prerelease(suffix: &str) -> bool {
    const WORDS: [&str; 9] = [
        "alpha", "beta", "canary", "dev", "nightly", "pre", "preview", "rc", "snapshot",
    ];
    let words = suffix.trim_start_matches(['-', '_', '.']);
    let word = words.split(|c: char| !c.is_ascii_alphabetic()).next();
    word.is_some_and(|word| WORDS.contains(&word.to_ascii_lowercase().as_str()))
}

/// The letters of a suffix, and the numbers among them.
#[derive(Default)]
struct Suffix {
    letters: String,
    numbers: Vec<u64>,
}

impl Suffix {
    fn parse(text: &str) -> Self {
        let mut rest = text;
        let mut suffix = Suffix::default();
        while let Some(c) = rest.chars().next() {
            let is_digit = c.is_ascii_digit();
            let end = rest
                .find(|c: char| c.is_ascii_digit() != is_digit)
                .unwrap_or(rest.len());
            let (part, after) = rest.split_at(end);
            match part.parse() {
                Ok(number) => {
                    suffix.letters.push('#');
                    suffix.numbers.push(number);
                }
                Err(_) => suffix.letters.push_str(part),
            }
            rest = after;
        }
        suffix
    }
}

#[cfg(test)]
mod tests {
    use super::is_older;

    #[test]
    fn older_tags_are_told_from_variants() {
        for (old, new) in [
            ("1.2.3", "1.2.2"),
            ("v1.10", "v1.9.5"),
            ("1.2.3", "1.2.3-rc.1"),
            ("1.2.3-rc.2", "1.2.3-rc.1"),
            ("1.2.3-debian-12-r10", "1.2.3-debian-12-r9"),
            ("2024.10.1", "2024.9.3"),
            ("3.11-alpine", "3.9-alpine"),
            ("1.0.0rc2", "1.0.0rc1"),
        ] {
            assert!(is_older(old, new), "{old} {new}");
            assert!(!is_older(new, old), "{new} {old}");
        }
    }

    #[test]
    fn other_tags_are_in_no_order() {
        for (old, new) in [
            ("1.25.3", "1.25.3-alpine"),
            ("1.25.3-alpine", "1.25.3"),
            ("1.2.3-debian-12-r9", "1.2.3-debian-11-x9"),
            ("1.2", "1.2.0"),
            ("1a2b3c", "0a2b3c"),
            ("stable", "edge"),
            ("1.2.3+build.2", "1.2.3+build.1"),
        ] {
            assert!(!is_older(old, new), "{old} {new}");
            assert!(!is_older(new, old), "{new} {old}");
        }
    }
}
