//! Copies of Secrets and ConfigMaps that controllers make: into objects that ask for them, and in other namespaces.

use std::collections::BTreeSet;

use go_std::regexp::GoRegex;
use infra_model::secrets::CopiedTo;

use crate::distinct::distinct;
use crate::inventory::Inventory;
use crate::view::View;

/// Annotations that name the original, as `namespace/name`: of
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

/// `namespace/name` of the object whose data a controller copies into another one.
pub(crate) fn copy_of(view: View<'_>) -> Option<String> {
    let annotations = view.at(&["metadata", "annotations"])?;
    let origin = ANNOTATIONS.iter().find_map(|key| annotations.text_of(key))?;
    let (namespace, name) = origin.split_once('/')?;
    (!namespace.is_empty() && !name.is_empty()).then(|| origin.to_owned())
}

/// A namespace of the repository with its labels.
pub(crate) struct Namespace<'a> {
    pub(crate) name: &'a str,
    /// Its labels; `None` if the repository does not state it.
    labels: Option<Vec<(&'a str, &'a str)>>,
}

impl<'a> Namespace<'a> {
    /// The namespaces of a repository, and those of its objects.
    pub(crate) fn all(inventory: &'a Inventory<'_>) -> Vec<Self> {
        let stated = inventory.of("", "Namespace").map(|object| {
            let labels = inventory.view(object).labels_at(&["metadata", "labels"]);
            Namespace {
                name: object.name,
                labels: Some(labels.collect()),
            }
        });
        let mut all: Vec<Self> = stated.collect();
        let known: BTreeSet<&str> = all.iter().map(|namespace| namespace.name).collect();
        let others = inventory.objects.iter().map(|object| object.namespace);
        let others: BTreeSet<&str> = others
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
    /// (<https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>); `None` if that depends on
    /// unknown labels.
    pub(crate) fn is_selected(&self, selector: View<'_>) -> Option<bool> {
        let labels = selector.entries_of("matchLabels");
        let labels = labels.map(|(key, value)| Some(self.label(key)? == value.text()));
        let expressions = selector.items_of("matchExpressions").map(|expression| {
            let label = self.label(expression.text_of("key")?)?;
            let mut values = expression.items_of("values");
            let mut is_listed = || label.is_some() && values.any(|value| value.text() == label);
            match expression.text_of("operator")? {
                "In" => Some(is_listed()),
                "NotIn" => Some(!is_listed()),
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

    /// The value of a label, if it has that; `None` if its labels are unknown.
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

/// The name for every namespace.
pub(crate) const EVERY: &str = "every namespace";

/// The namespaces with some labels, in words.
pub(crate) fn with_labels(labels: &[(&str, &str)]) -> String {
    let labels: Vec<String> = labels
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    format!("namespaces with {}", labels.join(","))
}

/// The copies that an annotation asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pushed<'a> {
    /// The program that copies.
    pub(crate) by: &'static str,
    to: Target<'a>,
    /// The allowed namespaces, as names and regular expressions; all if empty.
    allowed: Vec<&'a str>,
    /// The name of the copy; `None` is that of the original.
    pub(crate) name: Option<&'a str>,
}

/// The namespaces of copies.
#[derive(Debug, PartialEq, Eq)]
enum Target<'a> {
    /// The namespace of the original.
    Own,
    /// A name, or a regular expression.
    Namespace(&'a str),
    /// Namespaces with labels.
    Labels(Vec<(&'a str, &'a str)>),
}

impl Pushed<'_> {
    /// Whether an object of namespace `own` is copied into a namespace.
    pub(crate) fn is_into(&self, namespace: &Namespace<'_>, own: &str) -> bool {
        let is_target = match &self.to {
            Target::Own => namespace.name == own,
            Target::Namespace(wanted) => is_namespace(wanted, namespace.name),
            Target::Labels(labels) => namespace.has(labels),
        };
        let mut allowed = self.allowed.iter();
        is_target
            && (self.name.is_some() || namespace.name != own)
            && (self.allowed.is_empty() || allowed.any(|wanted| is_namespace(wanted, namespace.name)))
    }

    /// The namespaces as stated, with the name of the copy if it has its own.
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
        let with_name = |namespace: String| match self.name {
            Some(name) => format!("{namespace}/{name}"),
            None => namespace,
        };
        stated.into_iter().map(with_name).collect()
    }
}

/// The copies of an object of namespace `own` in the form of a catalog.
pub(crate) fn copied_to(pushed: &[Pushed<'_>], own: &str) -> Option<CopiedTo> {
    Some(CopiedTo {
        by: pushed.first()?.by.to_owned(),
        namespaces: distinct(pushed.iter().flat_map(|pushed| pushed.namespaces(own))),
    })
}

/// The copies that the annotations of an object ask for.
pub(crate) fn pushed<'a>(annotations: View<'a>) -> Vec<Pushed<'a>> {
    let parts = |text: &'a str| text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let list = |key: &str| -> Vec<&'a str> { parts(annotations.text_of(key).unwrap_or_default()).collect() };
    let labels = |key: &str| -> Option<Vec<(&'a str, &'a str)>> {
        let text = annotations.get(key)?.text()?;
        parts(text).map(|part| part.split_once('=')).collect()
    };
    let to = |by: &'static str, to: Target<'a>| Pushed {
        by,
        to,
        allowed: Vec::new(),
        name: None,
    };
    // https://github.com/mittwald/kubernetes-replicator#push-based-replication
    const REPLICATOR: &str = "kubernetes-replicator";
    let namespaces = list("replicator.v1.mittwald.de/replicate-to").into_iter();
    let namespaces = namespaces.map(|namespace| to(REPLICATOR, Target::Namespace(namespace)));
    let mut found: Vec<Pushed<'a>> = namespaces.collect();
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
            None => {
                let namespaces = namespaces.iter();
                found.extend(namespaces.map(|namespace| name_in(Target::Namespace(namespace), name)));
            }
        }
    }
    found
}

/// Whether a name, or a regular expression that has to match as a whole, is that of a namespace.
fn is_namespace(wanted: &str, namespace: &str) -> bool {
    wanted == namespace
        || (wanted.contains(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            && GoRegex::compile(format!("^(?:{wanted})$").as_bytes())
                .is_ok_and(|regex| regex.is_match(namespace.as_bytes())))
}
