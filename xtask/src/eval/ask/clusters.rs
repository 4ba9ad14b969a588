//! Questions about all clusters of a repository at once, and about what differs between two.

use super::is_credential;
use super::material::words;
use crate::eval::question::{Catalog, Class, Fact, Question, pick};
use crate::eval::rendering::{Object, Rendering, entries, list, text};
use crate::facts::{pod, unhashed};

static IMAGES: Class = Class {
    name: "images in each cluster",
    asks: "Which images does X run in each cluster?",
    catalog: Catalog::Services,
};
static DIFFERS: Class = Class {
    name: "difference of two clusters",
    asks: "Which image of X differs between the clusters?",
    catalog: Catalog::Services,
};
static VALUES: Class = Class {
    name: "value in each cluster",
    asks: "Which value has X (ConfigMap and key) in each cluster?",
    catalog: Catalog::ConfigMaps,
};

/// Questions about two clusters, with their names.
pub(crate) fn questions<'r>(
    [(one_name, one), (other_name, other)]: [(&str, &'r Rendering); 2],
    most: usize,
) -> Vec<Question<'r>> {
    let mut images = Vec::new();
    let mut differing = Vec::new();
    let mut values = Vec::new();
    for object in &one.objects {
        let Some(twin) = twin(object, other) else {
            continue;
        };
        let [of_one, of_other] = [image_names(object), image_names(twin)];
        let is_only = |rendering: &Rendering| {
            let named = rendering.objects.iter().filter(|it| {
                it.name() == object.name() && (pod::pod_spec(&it.value).is_some() || it.is_helm_release())
            });
            named.count() == 1
        };
        if of_one != of_other && is_only(one) && is_only(other) {
            let all = of_one.iter().chain(&of_other);
            images.push(question(
                &IMAGES,
                words(["where", object.name()]),
                object.name(),
                all.map(|image| Fact::new([*image])).collect(),
                vec![object],
            ));
            let changed = of_one.iter().zip(&of_other).filter(|(one, other)| one != other);
            let tags = changed.filter_map(|(one, other)| {
                Some(Fact::new([one.rsplit_once(':')?.1, other.rsplit_once(':')?.1]))
            });
            differing.push(question(
                &DIFFERS,
                words(["compare", one_name, other_name, object.name()]),
                object.name(),
                tags.collect(),
                vec![object],
            ));
        }
        if object.is("", "ConfigMap") {
            for (key, value) in entries(&object.value["data"]) {
                let [value, of_twin] = [value.as_str(), twin.value["data"][key].as_str()];
                let (Some(value), Some(of_twin)) = (value, of_twin) else {
                    continue;
                };
                let is_short = |value: &str| (1..60).contains(&value.len()) && !value.contains('\n');
                if value != of_twin && is_short(value) && is_short(of_twin) && !is_credential(key) {
                    let name = format!("{}/{}", object.namespace(), unhashed(object.name()));
                    values.push(question(
                        &VALUES,
                        words(["config", &name, key]),
                        &format!("{name} {key}"),
                        vec![Fact::new([value]), Fact::new([of_twin])],
                        vec![object],
                    ));
                }
            }
        }
    }
    let mut questions = Vec::new();
    for of_class in [images, differing, values] {
        let Some(class) = of_class.first().map(|question| question.class) else {
            continue;
        };
        let answered = of_class
            .into_iter()
            .filter(|question| !question.answer.is_empty());
        questions.extend(pick(class, most, answered, |question| question.subject.clone()));
    }
    questions
}

fn question<'r>(
    class: &'static Class,
    command: Vec<String>,
    subject: &str,
    answer: Vec<Fact>,
    objects: Vec<&'r Object>,
) -> Question<'r> {
    Question {
        class,
        subject: subject.to_owned(),
        command,
        entry: None,
        answer,
        objects,
        files: Vec::new(),
        of_all_clusters: true,
        of_one_file: false,
    }
}

/// The same object in another cluster, whatever the hash in its name.
fn twin<'r>(object: &Object, other: &'r Rendering) -> Option<&'r Object> {
    let is_twin = |twin: &&Object| {
        twin.kind() == object.kind()
            && twin.namespace() == object.namespace()
            && unhashed(twin.name()) == unhashed(object.name())
    };
    let mut twins = other.objects.iter().filter(is_twin);
    match (twins.next(), twins.next()) {
        (Some(twin), None) => Some(twin),
        _ => None,
    }
}

fn image_names(object: &Object) -> Vec<&str> {
    let pod = pod::pod_spec(&object.value);
    let containers = pod.into_iter().flat_map(|pod| list(&pod["containers"]));
    containers.map(|container| text(container, "/image")).collect()
}
