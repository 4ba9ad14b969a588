//! Which images a service runs, and which file decides their tags.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::material::Material;
use super::only;
use crate::eval::question::{Catalog, Class, Draft, Fact, Question};
use crate::eval::rendering::Object;
use crate::eval::score;
use crate::facts::pod;
use crate::json::{entries, list};

static IMAGES: Class = Class {
    name: "images",
    asks: "Which images does X run?",
    catalog: Catalog::Services,
};
static TAG: Class = Class {
    name: "image tag and file",
    asks: "Which file decides the image tags of X, and which are they?",
    catalog: Catalog::Services,
};
static USERS: Class = Class {
    name: "image users",
    asks: "Which services run the image X?",
    catalog: Catalog::Services,
};

pub(super) fn questions<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let with_images = || {
        let services = material.services.iter().copied();
        services
            .map(|service| (service, images(service)))
            .filter(|(_, images)| !images.is_empty())
    };
    let mut questions = material.ask(&IMAGES, with_images(), |(service, images)| {
        let answer = images.iter().map(|image| Fact::new([image.as_str()])).collect();
        material.about_service("where", service, answer)
    });
    let decided = with_images().filter_map(|(service, images)| {
        let places: Option<Vec<[Fact; 2]>> = images
            .iter()
            .map(|image| place(material, image).map(|(tag, file)| [Fact::new([tag]), Fact::new([file])]))
            .collect();
        Some((service, places?.concat()))
    });
    questions.extend(material.ask(&TAG, decided, |(service, answer)| {
        material.about_service("image", service, answer).without_entry()
    }));
    questions.extend(users(material));
    questions
}

/// Questions about the image repositories that all services run with one tag.
fn users<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let mut tags: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut services: BTreeMap<String, Vec<&'r Object>> = BTreeMap::new();
    for &service in &material.services {
        for image in images(service) {
            if let Some((repository, tag)) = split(&image) {
                tags.entry(repository.to_owned())
                    .or_default()
                    .insert(tag.to_owned());
                services.entry(repository.to_owned()).or_default().push(service);
            }
        }
    }
    let candidates = services
        .into_iter()
        .filter(|(repository, services)| tags[repository].len() == 1 && services.len() > 1);
    material.ask(&USERS, candidates, |(repository, services)| {
        // The answer has one line per file that decides the image, so each service is a fact.
        let names = services.iter().map(|service| material.service(service));
        let answer = names.map(|name| Fact::new(["services".to_owned(), name]));
        Draft::new("image", &repository, answer.collect(), services)
    })
}

/// The tag of an image, and the only file of the repository that states it.
fn place<'m>(material: &Material<'m>, image: &'m str) -> Option<(&'m str, &'m str)> {
    let (_, tag) = split(image)?;
    let (file, _) = only(material.files.iter().filter(|(_, text)| score::holds(text, tag)))?;
    Some((tag, file))
}

/// Repository and tag of an image that has a tag and no digest.
fn split(image: &str) -> Option<(&str, &str)> {
    let (repository, tag) = image.rsplit_once(':')?;
    (!tag.contains('/') && !image.contains('@')).then_some((repository, tag))
}

/// The images of a service: those of its containers, or those in the values of a HelmRelease.
fn images(service: &Object) -> Vec<String> {
    let mut images = Vec::new();
    match pod::pod_spec(&service.value) {
        Some(pod) => {
            let stated = pod::containers(pod).filter_map(|container| container["image"].as_str());
            images.extend(stated.map(str::to_owned));
        }
        None => in_values(&service.value["spec"]["values"], &mut images),
    }
    let mut seen = BTreeSet::new();
    images.retain(|image| seen.insert(image.clone()));
    images
}

/// Every `image` of Helm values that has `repository` and `tag`, and nothing that a chart could combine with them.
fn in_values(values: &Value, images: &mut Vec<String>) {
    for (key, value) in entries(values) {
        let text = |field: &str| value[field].as_str().filter(|text| !text.is_empty());
        match (text("repository"), text("tag")) {
            (Some(repository), Some(tag))
                if key == "image" && value["registry"].is_null() && value["digest"].is_null() =>
            {
                images.push(format!("{repository}:{tag}"));
            }
            _ => in_values(value, images),
        }
    }
    list(values).for_each(|item| in_values(item, images));
}
