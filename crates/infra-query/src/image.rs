//! `image`: what decides an image, and how it is rolled out. The file, the yq command and the services of an image group.

use std::collections::BTreeSet;
use std::fmt;

use plain_text::{Command, Lines, line, printable_name};

use crate::Facts;
use crate::Keyed;
use crate::answer::MOST_STEPS;
use crate::answer::display_answer;
use crate::facts::mentioning;
use crate::find::{Matched, QueryError, find_for, repository};
use crate::flux::chart_line;
use crate::graph::links::release_of;
use crate::next_steps::{self, Answer, Step};
use crate::text::{field, joined, names};
use crate::r#where::groups_of;
use crate::{Question, Subject, Text};
use infra_model::flux::{HelmRelease, Source};
use infra_model::object::OtherObject;
use infra_model::service::{ImageGroup, ImageGroupKind, Service};
use infra_model::{Place, RepoPath};

/// What decides some images.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImageAnswer<'a> {
    /// The groups, in container order for a service.
    pub groups: Vec<GroupChange<'a>>,
    /// Images that no group decides, with the keys of the services that run them.
    pub undecided: Vec<(&'a str, Vec<&'a str>)>,
    /// What the values of HelmReleases state whose charts are not at hand, and what objects of operators state: it is not known what
    /// runs by it.
    pub stated: Vec<StatedValue<'a>>,
    /// The charts of the HelmReleases that were asked about, each with the HelmRelease and the line that states the version.
    pub charts: Vec<Keyed<'a, HelmRelease>>,
    /// Sources of manifests whose name or address has the term in it, where nothing bears it as a name: what they have runs, too.
    pub sources: Vec<Keyed<'a, Source>>,
    /// Whether a great many have the term somewhere in a name or path, and none is called so: each is one line.
    pub is_loose: bool,
    /// Commands that set the tags, and that show which images run.
    pub next: Vec<Step>,
}

impl Answer for ImageAnswer<'_> {
    fn steps(&self) -> &[Step] {
        &self.next
    }

    fn shown(&self) -> usize {
        if self.is_loose {
            return 0;
        }
        // What runs now is another question.
        self.groups
            .iter()
            .filter(|change| change.command.is_some())
            .count()
    }
}

display_answer!(ImageAnswer<'_>);

/// A value that is most likely a tag or an image.
#[derive(Clone, Debug, PartialEq)]
pub struct StatedValue<'a> {
    /// The object that states it.
    pub object: Subject<'a>,
    /// Its path in the object, or below `spec.values`.
    pub path: &'a str,
    /// The value.
    pub value: &'a str,
    /// Where it stands.
    pub place: Option<Place>,
}

/// An image group and how to change it.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupChange<'a> {
    /// Its key.
    pub key: &'a str,
    /// The group.
    pub group: &'a ImageGroup,
    /// A shell command that writes a new tag; none where the file's name fits no command, or only a hand can tell the tag from
    /// the text around it.
    pub command: Option<String>,
    /// The whole tag, where the group holds a part of it, as a variable does in `web:v${tag}-alpine`.
    pub part_of: Option<&'a str>,
    /// What becomes of the marker of image automation, where there is one.
    pub automation: Automation,
}

/// What becomes of a marker of image automation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Automation {
    /// Nothing speaks against it.
    #[default]
    Updates,
    /// Nothing in the repository makes its ImagePolicy.
    NoPolicy,
    /// Another cluster has its ImagePolicy: that cluster, and the place.
    OtherCluster(String),
    /// Nothing updates it, for this reason.
    Never(String),
}

/// Finds what decides images. `tag` is the new one in the commands, such as `NEW_TAG` for the reader to replace.
///
/// # Errors
/// [`QueryError`]
pub fn image<'a>(facts: &'a dyn Facts, term: &str, tag: &str) -> Result<ImageAnswer<'a>, QueryError> {
    let hits = match find_for(facts, term, Question::Image) {
        Ok(hits) => hits,
        Err(error) => {
            let stated = of_objects(facts, term);
            let sources = sources(facts, term);
            return match stated.is_empty() && (sources.is_empty() || error.is_not_applied()) {
                true => Err(error),
                false => Ok(ImageAnswer {
                    stated,
                    sources,
                    ..ImageAnswer::default()
                }),
            };
        }
    };
    let by_image = hits.iter().all(|hit| hit.matched == Matched::Image)
        && hits
            .iter()
            .any(|hit| matches!(hit.subject, Subject::ImageGroup(..)));
    let is_by_part = hits
        .iter()
        .all(|hit| matches!(hit.matched, Matched::Part | Matched::File | Matched::Words));
    let mut groups: Vec<GroupChange<'a>> = Vec::new();
    let mut undecided: Vec<(&'a str, Vec<&'a str>)> = Vec::new();
    let mut asked: Vec<&'a str> = Vec::new();
    let mut add = |key: &'a str, group: &'a ImageGroup| {
        if !groups.iter().any(|known| known.key == key) {
            let whole = whole_tags(facts, group);
            groups.push(GroupChange {
                key,
                group,
                command: held_part(group, &whole, tag).and_then(|part| command(group, part)),
                part_of: whole
                    .into_iter()
                    .find(|whole| Some(*whole) != group.tag.as_deref()),
                automation: group
                    .image_policy
                    .as_deref()
                    .map_or(Automation::Updates, |policy| automation(facts, policy, group)),
            });
        }
    };
    for hit in hits {
        match hit.subject {
            Subject::ImageGroup(key, group) => add(key, group),
            // Who asks for an image means what decides it, not all else that runs beside it.
            Subject::Service(..) if by_image => {}
            Subject::Service(key, service) => {
                asked.push(key);
                let of_service: Vec<Keyed<'a, ImageGroup>> = service
                    .image_groups
                    .iter()
                    .filter_map(|group| facts.image_groups().get_key_value(group))
                    .collect();
                for (key, group) in &of_service {
                    add(key, group);
                }
                for image in undecided_of(service, &of_service) {
                    match undecided.iter_mut().find(|(known, _)| *known == image) {
                        Some((_, services)) => services.push(key),
                        None => undecided.push((image, vec![key])),
                    }
                }
            }
            _ => {}
        }
    }
    let set_tags = groups.iter().filter_map(|change| change.command.clone());
    let of_groups = groups.iter().flat_map(|change| &change.group.services);
    let services = asked.iter().copied().chain(of_groups.map(String::as_str));
    let next = next_steps::for_images(facts, set_tags, services);
    let stated = match groups.is_empty() && undecided.is_empty() {
        true => asked.iter().flat_map(|key| stated(facts, key)).collect(),
        false => Vec::new(),
    };
    let is_loose = is_by_part && groups.len() > MOST;
    Ok(ImageAnswer {
        charts: match is_loose {
            true => Vec::new(),
            false => charts(facts, term, &asked, &groups),
        },
        sources: match is_by_part {
            true => sources(facts, term),
            false => Vec::new(),
        },
        is_loose,
        groups,
        undecided,
        stated,
        next,
    })
}

/// So many groups are told in full.
const MOST: usize = 5;

/// The sources of manifests with a reference whose name or address has the term in it.
fn sources<'a>(facts: &'a dyn Facts, term: &str) -> Vec<Keyed<'a, Source>> {
    let term = term.trim().to_ascii_lowercase();
    let has = |text: &str| text.to_ascii_lowercase().contains(&term);
    let all = mentioning(facts.sources(), &term).filter(|(_, source)| {
        let end = source.url.as_deref().and_then(|url| url.rsplit('/').next());
        let is_of_chart = source.used_by.iter().any(|user| user.starts_with("HelmRelease/"));
        !term.is_empty()
            && !source.is_self
            && !is_of_chart
            && source.reference.is_some()
            && (has(&source.name) || end.is_some_and(has))
    });
    all.take(MOST).collect()
}

/// The HelmReleases of the services that were asked about, or whose chart has the name.
fn charts<'a>(
    facts: &'a dyn Facts,
    term: &str,
    asked: &[&'a str],
    groups: &[GroupChange<'a>],
) -> Vec<Keyed<'a, HelmRelease>> {
    let of_chart = groups.iter().flat_map(|change| &change.group.services);
    let of_chart = of_chart.map(|key| (key.as_str(), true));
    let services = asked.iter().map(|key| (*key, false)).chain(of_chart);
    let mut found: Vec<Keyed<'a, HelmRelease>> = Vec::new();
    for (key, is_by_chart) in services {
        let service = facts.services().get(key);
        let Some((key, release)) = service.and_then(|service| release_of(facts, service)) else {
            continue;
        };
        let chart = release.chart.as_deref();
        let is_asked = !is_by_chart || chart.is_some_and(|chart| chart.eq_ignore_ascii_case(term.trim()));
        if is_asked && chart.is_some() && !found.iter().any(|(known, _)| *known == key) {
            found.push((key, release));
        }
    }
    found
}

/// The values of the release of a service that are most likely tags or images, where its chart was not rendered.
fn stated<'a>(facts: &'a dyn Facts, service: &str) -> Vec<StatedValue<'a>> {
    let service = facts.services().get(service);
    let Some((key, release)) = service.and_then(|service| release_of(facts, service)) else {
        return Vec::new();
    };
    let is_image = |path: &str| {
        let last = path.rsplit('.').next().unwrap_or(path).to_ascii_lowercase();
        last.ends_with("tag") || last.ends_with("image") || last == "digest"
    };
    let object = Subject::HelmRelease(key, release);
    let stated = release.values.iter().filter(|(path, _)| is_image(path));
    stated
        .map(|(path, field)| StatedValue {
            object,
            path,
            value: &field.value,
            place: field.place(release.source.as_ref()),
        })
        .collect()
}

/// The images that objects of operators state, such as `imageName` of a database.
fn of_objects<'a>(facts: &'a dyn Facts, term: &str) -> Vec<StatedValue<'a>> {
    const MOST: usize = 50;
    let asked = term.trim().to_ascii_lowercase();
    if asked.is_empty() {
        return Vec::new();
    }
    let is_it = |image: &str| {
        let image = image.to_ascii_lowercase();
        let repository = repository(&image);
        image == asked || repository == asked || repository.rsplit('/').next() == Some(&asked)
    };
    let mut found = Vec::new();
    for (key, object) in mentioning(facts.objects(), term.trim()) {
        for (path, field) in &object.fields {
            let last = path.rsplit('.').next().unwrap_or(path);
            let names_image = last.ends_with("image") || last.ends_with("Image") || last == "imageName";
            if names_image && is_it(&field.value) && found.len() < MOST {
                found.push(StatedValue {
                    object: Subject::Object(key, object),
                    path,
                    value: &field.value,
                    place: field.place(object.source.as_ref()),
                });
            }
        }
    }
    found
}

/// The images of a service whose tag none of its groups states.
fn undecided_of<'a>(service: &'a Service, groups: &[Keyed<'a, ImageGroup>]) -> Vec<&'a str> {
    if groups.len() >= service.images.len() {
        return Vec::new();
    }
    let images = service.images.iter().map(String::as_str);
    images
        .filter(|image| !groups.iter().any(|(_, group)| decides(image, group)))
        .collect()
}

/// Whether a group decides an image of a service that names the group.
pub(super) fn decides(image: &str, group: &ImageGroup) -> bool {
    match &group.tag {
        Some(tag) if holds_part(group) => tag_of(image).contains(tag.as_str()),
        Some(tag) => image.ends_with(tag.as_str()),
        None => repository(image).ends_with(group.image_name.as_str()),
    }
}

/// The group that decides an image of a service: of several with one tag, the one that names the image.
pub(super) fn deciding<'g>(image: &str, groups: &[Keyed<'g, ImageGroup>]) -> Option<&'g ImageGroup> {
    let mut all = groups
        .iter()
        .map(|(_, group)| *group)
        .filter(|group| decides(image, group));
    let named = |group: &&ImageGroup| repository(image).ends_with(group.image_name.as_str());
    all.clone().find(named).or_else(|| all.next())
}

impl ImageAnswer<'_> {
    /// Whether a marker names an ImagePolicy that the cluster does not have.
    pub fn lacks_policy(&self) -> bool {
        self.groups
            .iter()
            .any(|group| group.automation == Automation::NoPolicy)
    }

    /// Takes the ImagePolicies that are missing from another cluster, as where one cluster updates the repository for all.
    pub fn add_policies(&mut self, cluster: &str, facts: &dyn Facts) {
        for change in &mut self.groups {
            let marker = change.group.image_policy.as_deref();
            if change.automation != Automation::NoPolicy {
                continue;
            }
            if let Some(policy) = marker.and_then(|marker| policy(facts, marker)) {
                let place = policy.source.as_ref();
                let place = place.map_or(String::new(), |place| format!(", {place}"));
                change.automation = Automation::OtherCluster(format!("cluster {cluster}{place}"));
            }
        }
    }
}

/// The ImagePolicy of a marker, `namespace:name` with a field behind it or none.
fn policy<'a>(facts: &'a dyn Facts, marker: &str) -> Option<&'a OtherObject> {
    let mut parts = marker.split(':');
    let (namespace, name) = (parts.next()?, parts.next()?);
    object(facts, "ImagePolicy", namespace, name)
}

fn object<'a>(facts: &'a dyn Facts, kind: &str, namespace: &str, name: &str) -> Option<&'a OtherObject> {
    let objects = mentioning(facts.objects(), name).map(|(_, object)| object);
    let mut found = objects.filter(|object| object.kind == kind && object.name == name);
    found.find(|object| object.namespace == namespace)
}

/// What becomes of a marker: whether an ImageUpdateAutomation beside its policy updates the file
/// (<https://fluxcd.io/flux/components/image/imageupdateautomations/>).
fn automation(facts: &dyn Facts, marker: &str, group: &ImageGroup) -> Automation {
    // Of a model without objects it is not known.
    if marker.split(':').count() < 2 || facts.objects().iter().next().is_none() {
        return Automation::Updates;
    }
    let Some(policy) = policy(facts, marker) else {
        return Automation::NoPolicy;
    };
    let text =
        |object: &'_ OtherObject, field: &str| object.fields.get(field).map(|field| field.value.clone());
    if let Some(repository) = text(policy, "spec.imageRepositoryRef.name") {
        let namespace = text(policy, "spec.imageRepositoryRef.namespace");
        let namespace = namespace.as_deref().unwrap_or(&policy.namespace);
        if object(facts, "ImageRepository", namespace, &repository).is_none() {
            return Automation::Never(format!(
                "nothing in the repository makes ImageRepository {repository}, from which the policy takes tags"
            ));
        }
    }
    const KIND: &str = "ImageUpdateAutomation";
    let beside: Vec<&OtherObject> = mentioning(facts.objects(), KIND)
        .map(|(_, object)| object)
        .filter(|object| object.kind == KIND && object.namespace == policy.namespace)
        .collect();
    let place = |object: &OtherObject| {
        let place = object.source.as_ref();
        place.map_or(String::new(), |place| format!(" ({place})"))
    };
    let path = |object: &OtherObject| {
        let path = text(object, "spec.update.path").unwrap_or_default();
        RepoPath::new(path.trim_start_matches("./"))
    };
    let mut holding = beside
        .iter()
        .filter(|automation| group.file.starts_with(&path(automation)))
        .peekable();
    match (beside.first(), holding.peek()) {
        (None, _) => Automation::Never(format!("there is no {KIND} in {}", policy.namespace)),
        (Some(first), None) => Automation::Never(format!(
            "no {KIND} updates that file: {} updates {}{}",
            first.name,
            path(first),
            place(first)
        )),
        (_, Some(first)) => {
            let is_suspended =
                |automation: &&&OtherObject| text(automation, "spec.suspend").as_deref() == Some("true");
            let of_first = format!("{KIND} {} is suspended{}", first.name, place(first));
            match holding.all(|automation| is_suspended(&automation)) {
                true => Automation::Never(of_first),
                false => Automation::Updates,
            }
        }
    }
}

/// Whether a group may hold a part of a tag alone, as a variable does in `web:v${tag}-alpine`.
fn holds_part(group: &ImageGroup) -> bool {
    let is_default = group
        .form
        .as_deref()
        .is_some_and(|form| defaulted(form).is_some());
    group.kind == ImageGroupKind::Variable || is_default
}

/// Tag and digest of an image.
fn tag_of(image: &str) -> &str {
    image
        .get(repository(image).len()..)
        .unwrap_or_default()
        .trim_start_matches([':', '@'])
}

/// The tags of the images that a group decides, where it may hold a part of them alone.
fn whole_tags<'f>(facts: &'f dyn Facts, group: &ImageGroup) -> BTreeSet<&'f str> {
    let mut found = BTreeSet::new();
    if !holds_part(group) {
        return found;
    }
    let services = group.services.iter().filter_map(|key| facts.services().get(key));
    for service in services {
        let groups = groups_of(facts, service);
        let decided = service.images.iter().filter(|image| {
            let by = deciding(image, &groups);
            by.is_some_and(|by| by.source == group.source && by.pointer == group.pointer)
        });
        found.extend(decided.map(|image| tag_of(image)));
    }
    found
}

/// The part of a new tag that a group holds: the tag itself where images have it as a whole, or the new tag has not the present
/// text around it. None where images differ in what they make of it.
fn held_part<'t>(group: &ImageGroup, whole: &BTreeSet<&str>, tag: &'t str) -> Option<&'t str> {
    let held = group.tag.as_deref().filter(|held| !held.is_empty());
    let around = whole.iter().filter_map(|whole| whole.split_once(held?));
    let mut parts = around.map(|(before, behind)| {
        let part = tag.strip_prefix(before).and_then(|tag| tag.strip_suffix(behind));
        part.filter(|part| !part.is_empty()).unwrap_or(tag)
    });
    let first = parts.next().unwrap_or(tag);
    parts.all(|part| part == first).then_some(first)
}

/// A shell command that writes a tag where a group has its own.
fn command(group: &ImageGroup, tag: &str) -> Option<String> {
    // A digest in the place of a tag is replaced by one, and one behind a tag with it: it is what the node fetches.
    let has_digest = group.tag.as_deref().is_some_and(|tag| tag.contains("@sha256:"));
    let tag: &str = &match (is_digest(group), tag) {
        (true, "NEW_TAG") => "sha256:NEW_DIGEST".to_owned(),
        (false, tag) if has_digest && !tag.contains('@') => format!("{tag}@sha256:NEW_DIGEST"),
        (_, tag) => tag.to_owned(),
    };
    let Some(yq_path) = &group.yq_path else {
        return line_command(group, tag);
    };
    let separator = if tag.starts_with("sha256:") { '@' } else { ':' };
    let value = match &group.form {
        Some(form) => form.replace("{tag}", tag),
        None if holds_image(group) => format!("{}{separator}{tag}", repository(&group.image_name)),
        None => tag.to_owned(),
    };
    // The parentheses make the whole path the left side: without them only what follows the last `|` would be.
    let value = value.replace('\\', r"\\").replace('"', "\\\"");
    let expression = format!("({yq_path}) = \"{value}\"");
    Command::new("yq -i")
        .text(&expression)
        .file(group.file.as_str())
        .finish()
}

/// A shell command that writes a tag inside of a longer text, on its line alone: yq would replace the text.
fn line_command(group: &ImageGroup, tag: &str) -> Option<String> {
    let is_once = group.within.as_deref().is_some_and(|line| line.contains("{tag}"));
    let old = group.tag.as_deref().filter(|_| is_once)?;
    let is_plain = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-._:@+".contains(c))
    };
    if !is_plain(old) || !is_plain(tag) || group.source.line == 0 {
        return None;
    }
    let expression = format!("{}s|{}|{tag}|", group.source.line, old.replace('.', "\\."));
    Command::new("sed -i")
        .text(&expression)
        .file(group.file.as_str())
        .finish()
}

/// Whether a digest decides, and no tag.
fn is_digest(group: &ImageGroup) -> bool {
    group.tag.as_deref().is_some_and(|tag| tag.starts_with("sha256:"))
}

/// Whether the scalar holds the whole image and not the tag alone.
fn holds_image(group: &ImageGroup) -> bool {
    let last = group
        .pointer
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_lowercase();
    match group.kind {
        ImageGroupKind::Manifest => true,
        ImageGroupKind::HelmValues => last.ends_with("image"),
        ImageGroupKind::KustomizeImages
        | ImageGroupKind::FluxImages
        | ImageGroupKind::HelmDefault
        | ImageGroupKind::Variable => false,
    }
}

/// The variable whose default a form holds.
fn defaulted(form: &str) -> Option<&str> {
    let (_, expression) = form
        .rsplit_once("${")
        .filter(|(_, last)| last.contains("{tag}"))?;
    let end = expression.find(|c: char| c != '_' && !c.is_ascii_alphanumeric())?;
    expression.get(..end)
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
                // The first of equal ones tells of all.
                [first, _, ..] if first.key == *key => {
                    let name = group.image_name.rsplit('/').next().unwrap_or(&group.image_name);
                    write!(f, "{}", printable_name(name))?;
                    write_tag(f, group)?;
                    for GroupChange { group, command, .. } in equal {
                        let place = group.source.to_string();
                        write!(
                            f,
                            "file: {}, services {}",
                            printable_name(&place),
                            joined(&group.services)
                        )?;
                        match group
                            .yq_path
                            .as_deref()
                            .filter(|_| !self.is_next(command.as_deref()))
                        {
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
                    Automation::Updates => line!(f, "automated by: {policy}")?,
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
                // Which of them is to change only a hand can tell.
                Some(form) => line!(
                    f,
                    "variables make it: {}; `explain` says where each is stated",
                    printable_name(form)
                )?,
                None if group.yq_path.is_none() => {
                    line!(f, "it stands inside a longer text: change that line alone")?;
                }
                None => {}
            }
            // A command that does not stand at the end leaves this to be said.
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
                    "its chart is not at hand, so that its images are not known; its values state:"
                )?,
                Some(_) => line!(f, "objects state it, whose operators run it:")?,
            }
        }
        for value in self.stated.iter().take(MOST) {
            match value.object {
                Subject::HelmRelease(..) => write!(f, "  values.")?,
                object => write!(f, "  {} ", printable_name(&object.title()))?,
            }
            write!(
                f,
                "{}: {}",
                printable_name(value.path),
                printable_name(value.value)
            )?;
            match &value.place {
                Some(place) => line!(f, " <- {}", printable_name(&place.to_string()))?,
                None => line!(f)?,
            }
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
        names(f, "and charts of", more)?;
        Ok(())
    }
}

/// Whether two places state the same of one image and nothing else is to be said of either.
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

/// What decides the tag, and the tag.
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

impl ImageAnswer<'_> {
    /// Each group on a line: of a great many people choose one.
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

    /// Whether a command stands at the end of the answer.
    fn is_next(&self, command: Option<&str>) -> bool {
        let mut shown = self.next.iter().take(MOST_STEPS);
        shown.any(|step| Some(step.command.as_str()) == command)
    }
}
