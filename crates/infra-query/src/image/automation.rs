//! Markers of image automation: whether anything updates them.

use infra_model::RepoPath;
use infra_model::object::OtherObject;
use infra_model::service::ImageGroup;

use crate::Facts;
use crate::facts::mentioning;
use crate::graph::links::object_named;
use crate::object::value;

/// Whether a marker of image automation is updated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Automation {
    /// It is, as far as the repository shows it.
    Updates(Updates),
    /// Nothing in the repository makes its ImagePolicy.
    NoPolicy,
    /// Another cluster has its ImagePolicy: that cluster, and the place.
    OtherCluster(String),
    /// It is not, for this reason.
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

/// The ImagePolicy of a marker `namespace:name` or `namespace:name:field`.
pub(super) fn policy<'a>(facts: &'a dyn Facts, marker: &str) -> Option<&'a OtherObject> {
    let mut parts = marker.split(':');
    let (namespace, name) = (parts.next()?, parts.next()?);
    object_named(facts, "ImagePolicy", namespace, name).map(|(_, policy)| policy)
}

/// Whether an ImageUpdateAutomation in the namespace of the marker's ImagePolicy updates the file
/// (<https://fluxcd.io/flux/components/image/imageupdateautomations/>).
pub(super) fn automation(facts: &dyn Facts, marker: &str, group: &ImageGroup) -> Automation {
    // A model without objects does not say.
    if marker.split(':').count() < 2 || facts.objects().iter().next().is_none() {
        return Automation::default();
    }
    let Some(policy) = policy(facts, marker) else {
        return Automation::NoPolicy;
    };
    if let Some(repository) = value(policy, "spec.imageRepositoryRef.name") {
        let namespace = value(policy, "spec.imageRepositoryRef.namespace");
        let namespace = namespace.unwrap_or(&policy.namespace);
        if object_named(facts, "ImageRepository", namespace, repository).is_none() {
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
        let path = value(object, "spec.update.path").unwrap_or_default();
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
            match holding.find(|automation| value(automation, "spec.suspend") != Some("true")) {
                None => Automation::Never(of_first),
                Some(automation) => Automation::Updates(updates(policy, automation)),
            }
        }
    }
}

/// The tags that a policy chooses (<https://fluxcd.io/flux/components/image/imagepolicies/>), and where an automation writes them.
fn updates(policy: &OtherObject, automation: &OtherObject) -> Updates {
    let rules = [
        ("semver", "spec.policy.semver.range"),
        ("alphabetical", "spec.policy.alphabetical.order"),
        ("numerical", "spec.policy.numerical.order"),
    ];
    let rule = rules
        .iter()
        .find_map(|(rule, field)| Some(format!("{rule} {}", value(policy, field)?)));
    let branch = value(automation, "spec.git.push.branch");
    let branch = branch.or_else(|| value(automation, "spec.git.checkout.ref.branch"));
    Updates {
        rule,
        pattern: value(policy, "spec.filterTags.pattern").map(str::to_owned),
        by: Some(automation.name.clone()),
        branch: branch.map(str::to_owned),
    }
}
