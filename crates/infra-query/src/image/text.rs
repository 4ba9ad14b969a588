//! The text of `image`.

use std::fmt;

use infra_model::service::{ImageGroup, ImageGroupKind};
use plain_text::{Lines, line, printable_name};

use super::command::{defaulted, is_digest};
use super::{Automation, GroupChange, ImageAnswer, MOST, Updates};
use crate::answer::MOST_STEPS;
use crate::flux::wording::chart_line;
use crate::text::{field, joined, names, places_text};
use crate::{Subject, Text};

impl ImageAnswer<'_> {
    /// Each group on a line, for people to choose from.
    fn write_lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        const MOST: usize = 12;
        for change in self.groups.iter().take(MOST) {
            let tag = change.group.tag.as_deref().unwrap_or("no tag");
            let tag = tag.split("@sha256:").next().unwrap_or(tag);
            line!(
                f,
                "{}: {} <- {}",
                printable_name(change.key),
                printable_name(tag),
                printable_name(&change.group.source.to_string())
            )?;
        }
        let rest = self.groups.iter().skip(MOST).map(|change| change.key);
        let undecided = self.undecided.iter().map(|(image, _)| *image);
        names(f, "and", rest.chain(undecided))
    }

    /// Whether a command is among those at the end of the answer.
    fn is_next(&self, command: Option<&str>) -> bool {
        let mut shown = self.next.iter().take(MOST_STEPS);
        shown.any(|step| Some(step.command.as_str()) == command)
    }
}

impl Text for ImageAnswer<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        for (key, source) in &self.sources {
            let place = source.places.get("ref").map(|place| format!(" <- {place}"));
            line!(
                f,
                "{}: source of manifests, {}{}",
                printable_name(key),
                printable_name(source.reference.as_deref().unwrap_or_default()),
                printable_name(&place.unwrap_or_default())
            )?;
        }
        if self.is_loose {
            return self.write_lines(f);
        }
        let shown = self.groups.get(..MOST).unwrap_or(&self.groups);
        for change in shown {
            let GroupChange {
                key, group, command, ..
            } = change;
            let equal: Vec<&GroupChange<'_>> = shown.iter().filter(|other| is_equal(change, other)).collect();
            match equal.as_slice() {
                // Equal ones are shown together, with the first.
                [first, _, ..] if first.key == *key => {
                    let name = group.image_name.rsplit('/').next().unwrap_or(&group.image_name);
                    write!(f, "{}", printable_name(name))?;
                    write_tag(f, group)?;
                    for GroupChange { group, command, .. } in equal {
                        write!(
                            f,
                            "file: {}, services {}",
                            printable_name(&group.source.to_string()),
                            joined(&group.services)
                        )?;
                        let at = group.yq_path.as_deref();
                        match at.filter(|_| !self.is_next(command.as_deref())) {
                            Some(at) => line!(f, ", at {}", printable_name(at))?,
                            None => line!(f)?,
                        }
                    }
                    continue;
                }
                [_, _, ..] => continue,
                _ => {}
            }
            write!(f, "{}", printable_name(key))?;
            write_tag(f, group)?;
            line!(f, "file: {}", printable_name(&group.source.to_string()))?;
            names(f, "services", &group.services)?;
            if group.kind == ImageGroupKind::HelmDefault {
                line!(f, "the chart's default decides; the values may state it")?;
            }
            if let Some(name) = group.form.as_deref().and_then(defaulted) {
                let name = printable_name(name);
                line!(
                    f,
                    "the default of variable {name} decides; `spec.postBuild` may set {name} for one cluster"
                )?;
            }
            if let Some(policy) = &group.image_policy {
                match &change.automation {
                    Automation::Updates(updates) => {
                        line!(f, "automated by: {policy}{}", printable_name(&by_whom(updates)))?;
                    }
                    Automation::NoPolicy => line!(
                        f,
                        "automated by: {policy}, an ImagePolicy that nothing in the repository makes"
                    )?,
                    Automation::OtherCluster(which) => {
                        line!(f, "automated by: {policy} ({})", printable_name(which))?
                    }
                    Automation::Never(why) => line!(f, "marked for: {policy}, but {}", printable_name(why))?,
                }
            }
            if let Some(whole) = change.part_of {
                line!(f, "it is a part of the tag {}", printable_name(whole))?;
            }
            match group.form.as_deref().filter(|form| !form.contains("{tag}")) {
                // Only people can tell which of the variables to change.
                Some(form) => line!(
                    f,
                    "variables make it: {}; `explain` says where each is stated",
                    printable_name(form)
                )?,
                None if group.yq_path.is_none() => {
                    line!(f, "it is part of a longer text: change only that line")?;
                }
                None => {}
            }
            // The command at the end would contain the path.
            if !self.is_next(command.as_deref()) {
                field(f, "at", group.yq_path.as_ref())?;
            }
        }
        let rest = self.groups.iter().skip(MOST).map(|group| group.key);
        names(f, "and", rest)?;
        for (image, services) in &self.undecided {
            line!(
                f,
                "{}: no file of the repository states it",
                printable_name(image)
            )?;
            names(f, "services", services)?;
        }
        if self.groups.is_empty()
            && self.undecided.is_empty()
            && (self.sources.is_empty() || !self.stated.is_empty())
        {
            match self.stated.first().map(|value| value.object) {
                None => line!(f, "no image: its chart decides them")?,
                Some(Subject::HelmRelease(..)) => line!(
                    f,
                    "its chart is not available, so its images are not known; its values state:"
                )?,
                Some(_) => line!(f, "objects state it, whose operators run it:")?,
            }
        }
        for value in self.stated.iter().take(MOST) {
            match value.object {
                Subject::HelmRelease(..) => write!(f, "  values.")?,
                object => write!(f, "  {} ", printable_name(&object.title()))?,
            }
            line!(
                f,
                "{}: {}{}",
                printable_name(value.path),
                printable_name(value.value),
                places_text(&value.place, None)
            )?;
        }
        if self.stated.len() > MOST {
            line!(f, "  and {} more", self.stated.len() - MOST)?;
        }
        let mut charts: Vec<(String, Vec<&str>)> = Vec::new();
        for (key, release) in &self.charts {
            let Some(chart) = chart_line(release) else {
                continue;
            };
            match charts.iter_mut().find(|(known, _)| *known == chart) {
                Some((_, keys)) => keys.push(key),
                None => charts.push((chart, vec![key])),
            }
        }
        for (chart, keys) in charts.iter().take(MOST) {
            let of = match (self.charts.len(), keys.as_slice()) {
                (1, _) => String::new(),
                (_, [only]) => format!(" of HelmRelease {only}"),
                (_, several) => format!(" of HelmReleases {}", joined(several)),
            };
            line!(f, "chart{}: {}", printable_name(&of), printable_name(chart))?;
        }
        let more = charts
            .iter()
            .skip(MOST)
            .flat_map(|(_, keys)| keys.iter().copied());
        names(f, "and charts of", more)
    }
}

/// Whether two groups have the same tag of one image, and nothing else is shown of either.
fn is_equal(a: &GroupChange<'_>, b: &GroupChange<'_>) -> bool {
    let is_plain = |change: &GroupChange<'_>| {
        let group = change.group;
        group.kind != ImageGroupKind::HelmDefault
            && group.form.is_none()
            && group.image_policy.is_none()
            && group.yq_path.is_some()
            && change.part_of.is_none()
    };
    let what = |change: &GroupChange<'_>| (change.group.kind, change.group.tag.clone());
    is_plain(a) && is_plain(b) && a.group.image_name == b.group.image_name && what(a) == what(b)
}

/// The kind of the group, and its tag.
fn write_tag(f: &mut Lines<'_>, group: &ImageGroup) -> fmt::Result {
    write!(f, ": {}", group.kind.as_str())?;
    match &group.tag {
        Some(tag) if is_digest(group) => line!(f, ", pinned by digest {}", printable_name(tag)),
        Some(tag) => match tag.split_once("@sha256:") {
            Some((tag, digest)) => line!(
                f,
                ", tag {}, pinned by digest sha256:{}",
                printable_name(tag),
                printable_name(digest)
            ),
            None => line!(f, ", tag {}", printable_name(tag)),
        },
        None => line!(f, ", no tag"),
    }
}

/// Which tags are written and by whom: ` (semver 1.x; by ImageUpdateAutomation apps, branch main)`.
fn by_whom(updates: &Updates) -> String {
    let label = |label: &str, text: &Option<String>| text.as_ref().map(|text| format!("{label} {text}"));
    let pattern = label("of tags that match", &updates.pattern);
    let rule: Vec<String> = updates.rule.clone().into_iter().chain(pattern).collect();
    let by = label("by ImageUpdateAutomation", &updates.by);
    let by: Vec<String> = by.into_iter().chain(label("branch", &updates.branch)).collect();
    match (rule.join(" "), by.join(", ")) {
        (rule, by) if rule.is_empty() && by.is_empty() => String::new(),
        (rule, by) if rule.is_empty() || by.is_empty() => format!(" ({rule}{by})"),
        (rule, by) => format!(" ({rule}; {by})"),
    }
}
