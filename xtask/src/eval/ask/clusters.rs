//! Questions about all clusters of a repository at once, and about what differs between two.

use super::{is_credential, only};
use crate::eval::question::{Catalog, Class, Draft, Fact, Question, pick, words};
use crate::eval::rendering::{Object, Rendering};
use crate::facts::{pod, unhashed};
use crate::json::{entries, list, text_at};

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
            let answer = all.map(|image| Fact::new([*image])).collect();
            images.push(Draft::new("where", object.name(), answer, vec![object]));
            let changed = of_one.iter().zip(&of_other).filter(|(one, other)| one != other);
            let tags = changed.filter_map(|(one, other)| {
                Some(Fact::new([one.rsplit_once(':')?.1, other.rsplit_once(':')?.1]))
            });
            differing.push(Draft {
                command: words(["compare", one_name, other_name, object.name()]),
                ..Draft::new("compare", object.name(), tags.collect(), vec![object])
            });
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
                    let answer = vec![Fact::new([value]), Fact::new([of_twin])];
                    values.push(Draft::of_key(&name, key, answer, vec![object]));
                }
            }
        }
    }
    let mut questions = Vec::new();
    for (class, drafts) in [(&IMAGES, images), (&DIFFERS, differing), (&VALUES, values)] {
        let answered = drafts.into_iter().filter(|draft| !draft.answer.is_empty());
        let picked = pick(class, most, answered, |draft| draft.subject.clone()).into_iter();
        questions.extend(picked.map(|draft| Question {
            class,
            draft,
            is_of_all_clusters: true,
            is_in_one_file: false,
        }));
    }
    questions
}

/// The same object in another cluster, even if its name has another hash.
fn twin<'r>(object: &Object, other: &'r Rendering) -> Option<&'r Object> {
    let is_twin = |twin: &&Object| {
        twin.kind() == object.kind()
            && twin.namespace() == object.namespace()
            && unhashed(twin.name()) == unhashed(object.name())
    };
    only(other.objects.iter().filter(is_twin))
}

fn image_names(object: &Object) -> Vec<&str> {
    let pod = pod::pod_spec(&object.value);
    let containers = pod.into_iter().flat_map(|pod| list(&pod["containers"]));
    containers.map(|container| text_at(container, "/image")).collect()
}
