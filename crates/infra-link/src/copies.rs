//! Secrets and ConfigMaps that a controller copies: into others that ask for it, and to other namespaces.

use std::collections::BTreeSet;

use go_std::regexp::GoRegex;
use infra_model::secrets::CopiedTo;

use crate::inventory::Inventory;
use crate::view::View;

/// Annotations that name what is copied, as `namespace/name`: of
/// [flux-operator](https://fluxoperator.dev/docs/crd/resourceset/#copying-data-from-existing-configmaps-and-secrets),
/// [reflector](https://github.com/emberstack/kubernetes-reflector#usage),
/// [kubernetes-replicator](https://github.com/mittwald/kubernetes-replicator#pull-based-replication) and
/// [k8s-replicator](https://github.com/olli-ai/k8s-replicator#receiving-a-copy-of-secret-or-configmap).
const ANNOTATIONS: &[&str] = &[
    "fluxcd.controlplane.io/copyFrom",
    "k8s-replicator/replicate-from",
    "reflector.v1.k8s.emberstack.com/reflects",
    "replicator.v1.mittwald.de/replicate-from",
];

/// `namespace/name` of what is copied into an object.
pub(crate) fn copy_of(view: View<'_>) -> Option<String> {
    let annotations = view.at(&["metadata", "annotations"])?;
    let origin = ANNOTATIONS.iter().find_map(|key| annotations.text_of(key))?;
    let (namespace, name) = origin.split_once('/')?;
    (!namespace.is_empty() && !name.is_empty()).then(|| origin.to_owned())
}

/// A namespace of the repository with its labels.
pub(crate) struct Namespace<'a> {
    pub(crate) name: &'a str,
    /// Its labels; none where the repository does not state it.
    labels: Option<Vec<(&'a str, &'a str)>>,
}

impl<'a> Namespace<'a> {
    /// Those that anything of a repository is in.
    pub(crate) fn all(inventory: &'a Inventory<'_>) -> Vec<Self> {
        let stated = inventory.of("", "Namespace");
        let mut all: Vec<Self> = stated
            .map(|object| {
                let labels = inventory.view(object).at(&["metadata", "labels"]);
                let labels = labels.into_iter().flat_map(View::entries);
                let labels = labels.filter_map(|(key, value)| Some((key, value.text()?)));
                Namespace {
                    name: object.name,
                    labels: Some(labels.collect()),
                }
            })
            .collect();
        let known: BTreeSet<&str> = all.iter().map(|one| one.name).collect();
        let others: BTreeSet<&str> = inventory
            .objects
            .iter()
            .map(|object| object.namespace)
            .filter(|name| !name.is_empty() && !known.contains(name))
            .collect();
        all.extend(others.into_iter().map(|name| Namespace { name, labels: None }));
        all
    }

    /// Whether it has all of some labels.
    pub(crate) fn has(&self, labels: &[(&str, &str)]) -> bool {
        labels
            .iter()
            .all(|(key, value)| self.label(key).is_some_and(|label| label == Some(value)))
    }

    /// Whether a label selector selects it
    /// (<https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>); none where labels decide that
    /// are not known.
    pub(crate) fn is_selected(&self, selector: View<'_>) -> Option<bool> {
        let labels = selector.entries_of("matchLabels");
        let labels = labels.map(|(key, value)| Some(self.label(key)? == value.text()));
        let expressions = selector.get("matchExpressions").into_iter();
        let expressions = expressions.flat_map(View::items).map(|expression| {
            let label = self.label(expression.text_of("key")?)?;
            let mut values = expression.items_of("values");
            let mut is_one = || label.is_some() && values.any(|value| value.text() == label);
            match expression.text_of("operator")? {
                "In" => Some(is_one()),
                "NotIn" => Some(!is_one()),
                "Exists" => Some(label.is_some()),
                "DoesNotExist" => Some(label.is_none()),
                _ => None,
            }
        });
        let met: Vec<Option<bool>> = labels.chain(expressions).collect();
        match met.contains(&Some(false)) {
            true => Some(false),
            false => met.into_iter().collect::<Option<Vec<bool>>>().map(|_| true),
        }
    }

    /// The value of a label where it has it; none where that is not known.
    fn label(&self, key: &str) -> Option<Option<&'a str>> {
        // Kubernetes labels every namespace with its name.
        if key == "kubernetes.io/metadata.name" {
            return Some(Some(self.name));
        }
        let labels = self.labels.as_ref()?;
        let found = labels.iter().find(|(known, _)| *known == key);
        Some(found.map(|(_, value)| *value))
    }
}

/// What every namespace is called.
pub(crate) const EVERY: &str = "every namespace";

/// The namespaces with some labels, in words.
pub(crate) fn with_labels(labels: &[(&str, &str)]) -> String {
    let labels: Vec<String> = labels
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    format!("namespaces with {}", labels.join(","))
}

/// Where a controller puts a copy.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pushed<'a> {
    /// What copies.
    pub(crate) by: &'static str,
    to: Target<'a>,
    /// The namespaces that are allowed besides, as names and regular expressions; none where all are.
    allowed: Vec<&'a str>,
    /// The name of the copy; `None` is that of what is copied.
    pub(crate) name: Option<&'a str>,
}

/// The namespaces of copies.
#[derive(Debug, PartialEq, Eq)]
enum Target<'a> {
    /// That of what is copied.
    Own,
    /// One by its name, or those that a regular expression fits.
    Namespace(&'a str),
    /// Those with labels.
    Labels(Vec<(&'a str, &'a str)>),
}

impl Pushed<'_> {
    /// Whether a copy of an object of namespace `own` is put into a namespace.
    pub(crate) fn is_into(&self, namespace: &Namespace<'_>, own: &str) -> bool {
        let is_target = match &self.to {
            Target::Own => namespace.name == own,
            Target::Namespace(wanted) => is_namespace(wanted, namespace.name),
            Target::Labels(labels) => namespace.has(labels),
        };
        is_target
            && (self.name.is_some() || namespace.name != own)
            && (self.allowed.is_empty()
                || self
                    .allowed
                    .iter()
                    .any(|wanted| is_namespace(wanted, namespace.name)))
    }

    /// The namespaces as they are stated.
    fn namespaces(&self, own: &str) -> Vec<String> {
        let stated: Vec<String> = match &self.to {
            Target::Own => vec![own.to_owned()],
            Target::Namespace(".*") if !self.allowed.is_empty() => {
                self.allowed.iter().map(|name| (*name).to_owned()).collect()
            }
            Target::Namespace(".*") => vec![EVERY.to_owned()],
            Target::Namespace(wanted) => vec![(*wanted).to_owned()],
            Target::Labels(labels) if labels.is_empty() => vec![EVERY.to_owned()],
            Target::Labels(labels) => vec![with_labels(labels)],
        };
        match self.name {
            Some(name) => stated
                .into_iter()
                .map(|namespace| format!("{namespace}/{name}"))
                .collect(),
            None => stated,
        }
    }
}

/// Where an object of namespace `own` is copied to, as a catalog says it.
pub(crate) fn copied_to(pushed: &[Pushed<'_>], own: &str) -> Option<CopiedTo> {
    let first = pushed.first()?;
    let mut namespaces: Vec<String> = pushed.iter().flat_map(|one| one.namespaces(own)).collect();
    namespaces.sort_unstable();
    namespaces.dedup();
    Some(CopiedTo {
        by: first.by.to_owned(),
        namespaces,
    })
}

/// Where the annotations of an object have it copied to.
pub(crate) fn pushed<'a>(annotations: View<'a>) -> Vec<Pushed<'a>> {
    let list = |key: &str| -> Vec<&'a str> {
        let parts = annotations.text_of(key).unwrap_or_default().split(',');
        parts.map(str::trim).filter(|part| !part.is_empty()).collect()
    };
    let labels = |key: &str| -> Option<Vec<(&'a str, &'a str)>> {
        let text = annotations.get(key)?.text()?;
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| part.split_once('=')).collect()
    };
    let to = |by: &'static str, to: Target<'a>| Pushed {
        by,
        to,
        allowed: Vec::new(),
        name: None,
    };
    // https://github.com/mittwald/kubernetes-replicator#push-based-replication
    const REPLICATOR: &str = "kubernetes-replicator";
    let mut found: Vec<Pushed<'a>> = list("replicator.v1.mittwald.de/replicate-to")
        .into_iter()
        .map(|namespace| to(REPLICATOR, Target::Namespace(namespace)))
        .collect();
    let matching = labels("replicator.v1.mittwald.de/replicate-to-matching").filter(|all| !all.is_empty());
    found.extend(matching.map(|labels| to(REPLICATOR, Target::Labels(labels))));
    // https://config-syncer.com/docs/latest/guides/config-syncer/intra-cluster/
    let synced = labels("kubed.appscode.com/sync");
    found.extend(synced.map(|labels| to("config-syncer", Target::Labels(labels))));
    // https://github.com/emberstack/kubernetes-reflector#automatic-mirror-creation
    let is_on = |key: &str| annotations.text_of(key) == Some("true");
    if is_on("reflector.v1.k8s.emberstack.com/reflection-allowed")
        && is_on("reflector.v1.k8s.emberstack.com/reflection-auto-enabled")
    {
        let allowed = list("reflector.v1.k8s.emberstack.com/reflection-allowed-namespaces");
        let mut namespaces = list("reflector.v1.k8s.emberstack.com/reflection-auto-namespaces");
        if namespaces.is_empty() {
            namespaces.push(".*");
        }
        found.extend(namespaces.into_iter().map(|namespace| Pushed {
            allowed: allowed.clone(),
            ..to("Reflector", Target::Namespace(namespace))
        }));
    }
    // https://github.com/olli-ai/k8s-replicator#replicating-a-secret-or-configmap-to-other-locations
    const OTHER_REPLICATOR: &str = "k8s-replicator";
    let namespaces = list("k8s-replicator/replicate-to-namespaces");
    let names = list("k8s-replicator/replicate-to");
    if names.is_empty() {
        let namespaces = namespaces.iter().copied();
        found.extend(namespaces.map(|namespace| to(OTHER_REPLICATOR, Target::Namespace(namespace))));
    }
    for name in names {
        let name_in = |target: Target<'a>, name: &'a str| Pushed {
            name: Some(name),
            ..to(OTHER_REPLICATOR, target)
        };
        match name.rsplit_once('/') {
            Some((namespace, name)) => found.push(name_in(Target::Namespace(namespace), name)),
            None if namespaces.is_empty() => found.push(name_in(Target::Own, name)),
            None => found.extend(
                namespaces
                    .iter()
                    .map(|namespace| name_in(Target::Namespace(namespace), name)),
            ),
        }
    }
    found
}

/// Whether a name or a regular expression, which has to fit as a whole, means a namespace.
fn is_namespace(wanted: &str, namespace: &str) -> bool {
    wanted == namespace
        || (wanted.contains(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            && GoRegex::compile(format!("^(?:{wanted})$").as_bytes())
                .is_ok_and(|regex| regex.is_match(namespace.as_bytes())))
}
