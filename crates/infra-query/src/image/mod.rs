//! `image`: what decides an image, and how to change it. The file, the yq command and the services of an image group.

mod automation;
mod command;
mod text;

use infra_model::Place;
use infra_model::flux::{HelmRelease, Source};
use infra_model::service::{ImageGroup, Service};

use crate::answer::display_answer;
use crate::facts::mentioning;
use crate::find::{Matched, QueryError, find_for, repository};
use crate::graph::links::release_of;
use crate::next_steps::{self, Answer, Step};
use crate::r#where::groups_of;
use crate::{Facts, Keyed, Question, Subject};

use automation::{automation, policy};
use command::{command, held_part, is_part, tag_of, whole_tags};

pub use automation::{Automation, Updates};

/// The places that decide some images.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImageAnswer<'a> {
    /// The groups, in container order for a service.
    pub groups: Vec<GroupChange<'a>>,
    /// Images that no group decides, with the keys of the services that run them.
    pub undecided: Vec<(&'a str, Vec<&'a str>)>,
    /// Images in the values of HelmReleases whose charts are not available, and in objects of operators: what they are
    /// used for is not known.
    pub stated: Vec<StatedValue<'a>>,
    /// The HelmReleases that were asked for, whose charts are shown.
    pub charts: Vec<Keyed<'a, HelmRelease>>,
    /// Sources of manifests whose name or address contains the term, if nothing has exactly that name.
    pub sources: Vec<Keyed<'a, Source>>,
    /// Whether a great many names or paths contain the term, and none is equal to it: each is shown on one line.
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
        // Commands that show the running images are another question.
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
    /// Its line.
    pub place: Option<Place>,
}

/// An image group and how to change it.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupChange<'a> {
    /// Its key.
    pub key: &'a str,
    /// The group.
    pub group: &'a ImageGroup,
    /// A shell command that writes a new tag; `None` if the file's name is not safe in a command, or the tag cannot be
    /// separated from the text around it.
    pub command: Option<String>,
    /// The whole tag, if the group has only a part of it, like the variable in `web:v${tag}-alpine`.
    pub part_of: Option<&'a str>,
    /// Whether the marker of image automation is updated, if there is one.
    pub automation: Automation,
}

/// Finds what decides images. `tag` is the new one in the commands, such as `NEW_TAG` for the reader to replace.
///
/// # Errors
/// [`QueryError`]
pub fn image<'a>(facts: &'a dyn Facts, term: &str, tag: &str) -> Result<ImageAnswer<'a>, QueryError> {
    let hits = match find_for(facts, term, Question::Image) {
        Ok(hits) => hits,
        Err(error) => {
            let marked = marked_for(facts, term);
            if !marked.is_empty() {
                let groups = marked
                    .into_iter()
                    .map(|(key, group)| change(facts, key, group, tag));
                let groups: Vec<GroupChange<'a>> = groups.collect();
                return Ok(ImageAnswer {
                    next: next(facts, &groups, &[]),
                    groups,
                    ..ImageAnswer::default()
                });
            }
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
    let is_group = |subject: Subject<'_>| matches!(subject, Subject::ImageGroup(..));
    let by_image =
        hits.iter().all(|hit| hit.matched == Matched::Image) && hits.iter().any(|hit| is_group(hit.subject));
    let is_by_part = hits
        .iter()
        .all(|hit| matches!(hit.matched, Matched::Part | Matched::File | Matched::Words));
    let mut groups: Vec<GroupChange<'a>> = Vec::new();
    let mut undecided: Vec<(&'a str, Vec<&'a str>)> = Vec::new();
    let mut asked: Vec<&'a str> = Vec::new();
    let mut add = |key: &'a str, group: &'a ImageGroup| {
        if !groups.iter().any(|known| known.key == key) {
            groups.push(change(facts, key, group, tag));
        }
    };
    for hit in hits {
        match hit.subject {
            Subject::ImageGroup(key, group) => add(key, group),
            // A question for an image is not about the other containers of its services.
            Subject::Service(..) if by_image => {}
            Subject::Service(key, service) => {
                asked.push(key);
                let of_service = groups_of(facts, service);
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
    let next = next(facts, &groups, &asked);
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

/// An image group and how to change it to a tag.
fn change<'a>(facts: &'a dyn Facts, key: &'a str, group: &'a ImageGroup, tag: &str) -> GroupChange<'a> {
    let whole = whole_tags(facts, group);
    let marker = group.image_policy.as_deref();
    GroupChange {
        key,
        group,
        command: held_part(group, &whole, tag).and_then(|part| command(group, part)),
        part_of: whole
            .into_iter()
            .find(|whole| Some(*whole) != group.tag.as_deref()),
        automation: marker.map_or_else(Automation::default, |marker| automation(facts, marker, group)),
    }
}

/// The image groups whose markers name an ImagePolicy, by its name or as `namespace:name`.
fn marked_for<'a>(facts: &'a dyn Facts, policy: &str) -> Vec<Keyed<'a, ImageGroup>> {
    let policy = policy.trim();
    let is_marked = |group: &ImageGroup| {
        let marker = group.image_policy.as_deref();
        marker.is_some_and(|marker| marker == policy || marker.split(':').nth(1) == Some(policy))
    };
    let all = mentioning(facts.image_groups(), policy);
    all.filter(|(_, group)| is_marked(group)).collect()
}

/// The commands that set the tags of groups, and those that show the images of their services and of `asked`.
fn next(facts: &dyn Facts, groups: &[GroupChange<'_>], asked: &[&str]) -> Vec<Step> {
    let set_tags = groups.iter().filter_map(|change| change.command.clone());
    let of_groups = groups.iter().flat_map(|change| &change.group.services);
    let services = asked.iter().copied().chain(of_groups.map(String::as_str));
    next_steps::for_images(facts, set_tags, services)
}

/// Maximum number of groups that are shown in full.
const MOST: usize = 5;

/// The sources of manifests with a reference whose name or address contains the term.
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

/// The HelmReleases of the services that were asked for, or whose chart has that name.
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

/// The values of a service's HelmRelease that are most likely tags or images.
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

/// The images in objects of operators, such as the `imageName` of a database.
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
        .filter(|image| !groups.iter().any(|(_, group)| is_decided(image, group)))
        .collect()
}

/// Whether an image of a service is decided by one of its groups.
pub(super) fn is_decided(image: &str, group: &ImageGroup) -> bool {
    match &group.tag {
        Some(tag) if is_part(group) => tag_of(image).contains(tag.as_str()),
        Some(tag) => image.ends_with(tag.as_str()),
        None => repository(image).ends_with(group.image_name.as_str()),
    }
}

/// The group that decides an image of a service; among several with the same tag, the one that names the image.
pub(super) fn deciding<'g>(image: &str, groups: &[Keyed<'g, ImageGroup>]) -> Option<&'g ImageGroup> {
    let mut all = groups
        .iter()
        .map(|(_, group)| *group)
        .filter(|group| is_decided(image, group));
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

    /// Looks for missing ImagePolicies in another cluster, since one cluster may update the repository for all.
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
