//! What becomes of a marker of image automation.

use infra_model::RepoPath;
use infra_model::object::OtherObject;
use infra_model::service::ImageGroup;

use crate::Facts;
use crate::facts::mentioning;
use crate::graph::links::object_named;

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

/// The ImagePolicy of a marker, `namespace:name` with a field behind it or none.
pub(super) fn policy<'a>(facts: &'a dyn Facts, marker: &str) -> Option<&'a OtherObject> {
    let mut parts = marker.split(':');
    let (namespace, name) = (parts.next()?, parts.next()?);
    object_named(facts, "ImagePolicy", namespace, name).map(|(_, policy)| policy)
}

/// What becomes of a marker: whether an ImageUpdateAutomation beside its policy updates the file
/// (<https://fluxcd.io/flux/components/image/imageupdateautomations/>).
pub(super) fn automation(facts: &dyn Facts, marker: &str, group: &ImageGroup) -> Automation {
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
        if object_named(facts, "ImageRepository", namespace, &repository).is_none() {
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
