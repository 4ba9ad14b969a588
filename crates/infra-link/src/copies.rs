//! Secrets and ConfigMaps that a controller copies: into others that ask for it, and to other namespaces.

use go_std::regexp::GoRegex;

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

/// Where a controller puts a copy.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pushed<'a> {
    /// A namespace, or a regular expression for namespaces; `None` is that of what is copied.
    namespace: Option<&'a str>,
    /// The namespaces that are allowed besides, as names and regular expressions; none where all are.
    allowed: Vec<&'a str>,
    /// The name of the copy; `None` is that of what is copied.
    pub(crate) name: Option<&'a str>,
}

impl Pushed<'_> {
    /// Whether a copy of an object of namespace `own` is put into a namespace.
    pub(crate) fn is_into(&self, namespace: &str, own: &str) -> bool {
        let is_target = self
            .namespace
            .map_or(namespace == own, |wanted| is_namespace(wanted, namespace));
        is_target
            && (self.name.is_some() || namespace != own)
            && (self.allowed.is_empty() || self.allowed.iter().any(|wanted| is_namespace(wanted, namespace)))
    }
}

/// Where the annotations of an object have it copied to. What is selected by labels is not among it.
pub(crate) fn pushed<'a>(annotations: View<'a>) -> Vec<Pushed<'a>> {
    let list = |key: &str| -> Vec<&'a str> {
        let parts = annotations.text_of(key).unwrap_or_default().split(',');
        parts.map(str::trim).filter(|part| !part.is_empty()).collect()
    };
    let to = |namespace: &'a str| Pushed {
        namespace: Some(namespace),
        allowed: Vec::new(),
        name: None,
    };
    // https://github.com/mittwald/kubernetes-replicator#push-based-replication
    let mut found: Vec<Pushed<'a>> = list("replicator.v1.mittwald.de/replicate-to")
        .into_iter()
        .map(to)
        .collect();
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
            ..to(namespace)
        }));
    }
    // https://github.com/olli-ai/k8s-replicator#replicating-a-secret-or-configmap-to-other-locations
    let namespaces = list("k8s-replicator/replicate-to-namespaces");
    let names = list("k8s-replicator/replicate-to");
    if names.is_empty() {
        found.extend(namespaces.iter().copied().map(to));
    }
    for name in names {
        let name_in = |namespace: Option<&'a str>, name: &'a str| Pushed {
            namespace,
            allowed: Vec::new(),
            name: Some(name),
        };
        match name.rsplit_once('/') {
            Some((namespace, name)) => found.push(name_in(Some(namespace), name)),
            None if namespaces.is_empty() => found.push(name_in(None, name)),
            None => found.extend(namespaces.iter().map(|namespace| name_in(Some(namespace), name))),
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
