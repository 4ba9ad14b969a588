//! Who makes the objects of the cluster, and where the repository states them.

use std::collections::BTreeMap;

use infra_model::secrets::ProducedBy;
use infra_model::{Diagnostic, ObjectRef, Place, Severity};
use infra_query::{Facts, Graph, Node, Subject};

/// The facts of a cluster by object.
pub(crate) struct Repository<'a> {
    pub(crate) facts: &'a dyn Facts,
    graph: Graph<'a>,
    by_object: BTreeMap<ObjectRef, Vec<Subject<'a>>>,
}

impl<'a> Repository<'a> {
    pub(crate) fn new(facts: &'a dyn Facts) -> Self {
        let mut by_object: BTreeMap<ObjectRef, Vec<Subject<'a>>> = BTreeMap::new();
        for subject in Subject::all(facts) {
            let object = match subject {
                // Catalogs refer to a generated Secret by the name without hash, which the cluster does not have.
                Subject::SecretReference(_, reference) => match &reference.produced_by {
                    ProducedBy::Object(text) if text.starts_with("Secret/") => named(facts, text),
                    _ => object_of(subject),
                },
                subject => object_of(subject),
            };
            if let Some(object) = object {
                by_object.entry(object).or_default().push(subject);
            }
        }
        Repository {
            facts,
            graph: Graph::new(facts),
            by_object,
        }
    }

    /// Every object that the repository states, with its entries.
    pub(crate) fn objects(&self) -> impl Iterator<Item = (&ObjectRef, &[Subject<'a>])> {
        self.by_object
            .iter()
            .map(|(object, subjects)| (object, subjects.as_slice()))
    }

    /// The entries of an object.
    pub(crate) fn subjects(&self, object: &ObjectRef) -> &[Subject<'a>] {
        self.by_object.get(object).map_or(&[], Vec::as_slice)
    }

    /// Where an object is stated.
    pub(crate) fn place(&self, object: &ObjectRef) -> Option<Place> {
        let mut subjects = self.subjects(object).iter();
        subjects.find_map(|subject| subject.place()).cloned()
    }

    /// The objects behind a subject in the cluster: the workload, the HelmRelease that installs it, the Kustomization that applies
    /// it, and the source of the Kustomization.
    pub(crate) fn layers(&self, subject: Subject<'a>) -> Vec<ObjectRef> {
        let mut layers: Vec<ObjectRef> = Vec::new();
        let mut next: Vec<ObjectRef> = object_of(subject).into_iter().collect();
        if let (Subject::Service(key, _), true) = (subject, next.is_empty()) {
            next.extend(self.release_of(key));
        }
        while let Some(object) = next.pop() {
            if layers.contains(&object) || layers.len() > 8 {
                continue;
            }
            let mut sources = Vec::new();
            // The parents of a Kustomization matter only if it is missing or waits for them.
            match object.kind.as_str() {
                "Kustomization" => sources = self.sources_of(&object),
                _ => next.extend(self.makers(&object)),
            }
            layers.push(object);
            layers.extend(sources);
        }
        layers
    }

    /// The objects that apply or make an object, according to the repository.
    pub(crate) fn makers(&self, object: &ObjectRef) -> Vec<ObjectRef> {
        let mut makers = Vec::new();
        for subject in self.subjects(object) {
            let by = match *subject {
                Subject::Service(key, service) => match self.release_of(key) {
                    Some(release) if release != *object => Some(release),
                    _ => self.kustomization(service.kustomization.as_deref()),
                },
                Subject::Kustomization(_, it) => self.kustomization(it.parent.as_deref()),
                Subject::HelmRelease(_, it) => self.kustomization(it.kustomization.as_deref()),
                Subject::Source(_, it) => self.kustomization(it.kustomization.as_deref()),
                Subject::SecretProviderClass(_, it) => self.kustomization(it.kustomization.as_deref()),
                Subject::ExternalSecret(_, it) => self.kustomization(it.kustomization.as_deref()),
                Subject::SecretStore(_, it) => self.kustomization(it.kustomization.as_deref()),
                Subject::VaultSecret(_, it) => self.kustomization(it.kustomization.as_deref()),
                Subject::SealedSecret(_, it) => self.kustomization(it.kustomization.as_deref()),
                Subject::Secret(_, it) => self.kustomization(it.kustomization.as_deref()),
                Subject::ConfigMap(_, it) => self.kustomization(it.kustomization.as_deref()),
                Subject::SecretReference(_, it) => match &it.produced_by {
                    ProducedBy::Object(text) => named(self.facts, text).filter(|maker| maker != object),
                    ProducedBy::Unknown | ProducedBy::Nothing => None,
                },
                Subject::Object(_, it) => self.kustomization(it.kustomization.as_deref()),
                Subject::ImageGroup(..) | Subject::Variable(..) | Subject::External(_) => None,
            };
            makers.extend(by);
        }
        // The maker of a Secret says more than the Kustomization that applies the maker.
        makers.sort_by_key(|maker| maker.kind == "Kustomization");
        makers.dedup();
        makers
    }

    fn kustomization(&self, key: Option<&str>) -> Option<ObjectRef> {
        let (key, it) = self.facts.kustomizations().get_key_value(key?)?;
        object_of(Subject::Kustomization(key, it))
    }

    fn release_of(&self, service: &str) -> Option<ObjectRef> {
        let edge = self.graph.installed_by(service)?;
        object_of(edge.to.subject(self.facts)?)
    }

    fn sources_of(&self, object: &ObjectRef) -> Vec<ObjectRef> {
        let subjects = self.subjects(object).iter();
        let edges = subjects.flat_map(|subject| self.graph.sourced_from(Node::from(*subject)));
        edges
            .filter_map(|edge| object_of(edge.to.subject(self.facts)?))
            .collect()
    }

    /// The Jobs among the hooks of a HelmRelease's chart.
    pub(crate) fn hook_jobs(&self, release: &ObjectRef) -> Vec<ObjectRef> {
        let hooks = self.subjects(release).iter().flat_map(|subject| match subject {
            Subject::HelmRelease(_, release) => release.hooks.as_slice(),
            _ => &[],
        });
        hooks.filter(|hook| hook.kind == "Job").cloned().collect()
    }

    /// The SecretProviderClasses that the pods of a workload mount.
    pub(crate) fn classes_of(&self, workload: &ObjectRef) -> Vec<ObjectRef> {
        let keys = self.subjects(workload).iter().flat_map(|subject| match subject {
            Subject::Service(_, service) => service.secret_provider_classes.as_slice(),
            _ => &[],
        });
        let classes = keys.filter_map(|key| self.facts.secret_provider_classes().get_key_value(key));
        classes
            .filter_map(|(key, class)| object_of(Subject::SecretProviderClass(key, class)))
            .collect()
    }

    /// The HelmReleases whose charts have CustomResourceDefinitions of an API group.
    pub(crate) fn definers(&self, group: &str) -> Vec<ObjectRef> {
        let is_of_group =
            |name: &String| !group.is_empty() && name.split_once('.').is_some_and(|(_, rest)| rest == group);
        let releases = self.facts.helm_releases().iter();
        let definers = releases.filter(|(_, release)| release.crds.iter().any(is_of_group));
        definers
            .filter_map(|(key, release)| object_of(Subject::HelmRelease(key, release)))
            .collect()
    }

    /// Whether the repository suspends an object. Catalogs do not say so of sources, Jobs and CronJobs: these count as suspended.
    pub(crate) fn is_suspended(&self, object: &ObjectRef) -> bool {
        self.subjects(object).iter().any(|subject| match subject {
            Subject::Kustomization(_, it) => it.suspend,
            Subject::HelmRelease(_, it) => it.suspend,
            Subject::Source(..) | Subject::Service(..) => true,
            _ => false,
        })
    }

    /// The error that the scan found in an object.
    pub(crate) fn finding(&self, object: &ObjectRef) -> Option<&'a Diagnostic> {
        let name = object.to_string();
        let mut findings = self.facts.diagnostics().iter();
        findings.find(|finding| {
            finding.severity == Severity::Error
                && finding.place.is_some()
                && finding.object.as_ref() == Some(&name)
        })
    }

    /// The entry of `dependsOn` about which the scan reports `code` for one of these objects.
    pub(crate) fn dependency(&self, code: &str, objects: &[ObjectRef]) -> Option<Place> {
        let mut findings = self.facts.diagnostics().iter();
        let finding = findings.find(|finding| {
            let name = finding.object.as_deref().unwrap_or_default();
            finding.code == code && objects.iter().any(|object| object.to_string() == name)
        });
        finding?.place.clone()
    }

    /// The first use of a variable that nothing defines.
    pub(crate) fn undefined(&self, name: &str) -> Option<Place> {
        let mut undefined = self.facts.undefined().iter();
        undefined.find(|undefined| undefined.name == name)?.place()
    }
}

/// The object of a subject in the cluster, if it has one.
pub(crate) fn object_of(subject: Subject<'_>) -> Option<ObjectRef> {
    let object = |kind: &str, namespace: &str, name: &str| Some(ObjectRef::new(kind, namespace, name));
    match subject {
        Subject::Service(_, service) => {
            let workload = service.workload.as_ref()?;
            object(&workload.kind, &service.namespace, &workload.name)
        }
        Subject::Secret(_, secret) => {
            let name = secret.rendered_name.as_ref().unwrap_or(&secret.name);
            object("Secret", &secret.namespace, name)
        }
        Subject::ConfigMap(_, map) => {
            let name = map.rendered_name.as_ref().unwrap_or(&map.name);
            object("ConfigMap", &map.namespace, name)
        }
        Subject::ImageGroup(..) | Subject::Variable(..) | Subject::External(_) => None,
        subject => object(subject.kind(), subject.namespace(), subject.name()),
    }
}

/// The object that an entry names as `Kind/<key>`.
fn named(facts: &dyn Facts, text: &str) -> Option<ObjectRef> {
    let (kind, key) = text.split_once('/')?;
    macro_rules! look {
        ($section:ident, $variant:ident) => {
            facts
                .$section()
                .get_key_value(key)
                .map(|(key, it)| Subject::$variant(key, it))
        };
    }
    let subject = match kind {
        "ExternalSecret" | "ClusterExternalSecret" => look!(external_secrets, ExternalSecret),
        "SecretProviderClass" => look!(secret_provider_classes, SecretProviderClass),
        "SealedSecret" => look!(sealed_secrets, SealedSecret),
        "Secret" => look!(secrets, Secret),
        "HelmRelease" => look!(helm_releases, HelmRelease),
        kind if kind.starts_with("Vault") => look!(vault_secrets, VaultSecret),
        _ => None,
    };
    object_of(subject?)
}
