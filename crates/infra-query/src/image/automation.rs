//! What becomes of a marker of image automation.

use infra_model::RepoPath;
use infra_model::object::OtherObject;
use infra_model::service::ImageGroup;

use crate::Facts;
use crate::facts::mentioning;
use crate::graph::links::object_named;

/// What becomes of a marker of image automation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Automation {
    /// Nothing speaks against it.
    Updates(Updates),
    /// Nothing in the repository makes its ImagePolicy.
    NoPolicy,
    /// Another cluster has its ImagePolicy: that cluster, and the place.
    OtherCluster(String),
    /// Nothing updates it, for this reason.
    Never(String),
}

/// Which tags are written, and by whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Updates {
    /// The rule of the ImagePolicy, such as `semver 1.x`.
    pub rule: Option<String>,
    /// `spec.filterTags.pattern` of the ImagePolicy.
    pub pattern: Option<String>,
    /// The ImageUpdateAutomation that writes the file.
    pub by: Option<String>,
    /// The branch that it pushes to.
    pub branch: Option<String>,
}

impl Default for Automation {
    fn default() -> Self {
        Automation::Updates(Updates::default())
    }
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
        return Automation::default();
    }
    let Some(policy) = policy(facts, marker) else {
        return Automation::NoPolicy;
    };
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
            let of_first = format!("{KIND} {} is suspended{}", first.name, place(first));
            let running =
                holding.find(|automation| text(automation, "spec.suspend").as_deref() != Some("true"));
            match running {
                None => Automation::Never(of_first),
                Some(automation) => Automation::Updates(updates(policy, automation)),
            }
        }
    }
}

/// Which tags a policy chooses (<https://fluxcd.io/flux/components/image/imagepolicies/>), and where an automation writes them.
fn updates(policy: &OtherObject, automation: &OtherObject) -> Updates {
    let rules = [
        ("semver", "spec.policy.semver.range"),
        ("alphabetical", "spec.policy.alphabetical.order"),
        ("numerical", "spec.policy.numerical.order"),
    ];
    let rule = rules
        .iter()
        .find_map(|(rule, field)| Some(format!("{rule} {}", text(policy, field)?)));
    let branch = text(automation, "spec.git.push.branch");
    Updates {
        rule,
        pattern: text(policy, "spec.filterTags.pattern"),
        by: Some(automation.name.clone()),
        branch: branch.or_else(|| text(automation, "spec.git.checkout.ref.branch")),
    }
}

fn text(object: &OtherObject, field: &str) -> Option<String> {
    object.fields.get(field).map(|field| field.value.clone())
}
