//! Pods, HelmReleases, Kustomizations, sources and Ingresses turn into one list of uses of ConfigMaps, Secrets,
//! SecretProviderClasses and ServiceAccounts.

use infra_model::{Key, Written};
use source_tree::Mark;

use crate::inventory::{Inventory, Object, SOURCE};
use crate::pod_spec::{Container, PodTemplate};
use crate::view::View;

/// The Secrets Store CSI driver.
pub(crate) const CSI_DRIVER: &str = "secrets-store.csi.k8s.io";

/// What is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Used {
    ConfigMap,
    Secret,
    SecretProviderClass,
    ServiceAccount,
}

impl Used {
    /// The kind's name.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Used::ConfigMap => "ConfigMap",
            Used::Secret => "Secret",
            Used::SecretProviderClass => "SecretProviderClass",
            Used::ServiceAccount => "ServiceAccount",
        }
    }

    /// ConfigMap or Secret, by its kind.
    pub(crate) fn of_data(kind: &str) -> Option<Self> {
        match kind {
            "ConfigMap" => Some(Used::ConfigMap),
            "Secret" => Some(Used::Secret),
            _ => None,
        }
    }
}

/// Who uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum User {
    /// The pods of a service, by its key.
    Service(Key),
    /// Another object, as `Kind/<key>`.
    Object(String),
}

/// How sure a use is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certainty {
    /// The API says so.
    Stated,
    /// Values of a chart that was not rendered say so.
    Values,
    /// Values of a chart say so by a key that names what is there without the chart, such as `existingSecret`.
    Existing,
}

/// One use.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    pub(crate) used: Used,
    pub(crate) namespace: String,
    /// As rendered.
    pub(crate) name: String,
    pub(crate) user: User,
    pub(crate) container: Option<String>,
    /// Whether that is an init container.
    pub(crate) init: bool,
    /// The environment variable that gets the value.
    pub(crate) env: Option<String>,
    pub(crate) how: &'static str,
    /// The key, where one is used.
    pub(crate) key: Option<String>,
    pub(crate) mount_path: Option<String>,
    /// `subPath` of the mount.
    pub(crate) sub_path: Option<String>,
    /// Where `valuesFrom` puts it.
    pub(crate) target_path: Option<String>,
    pub(crate) optional: bool,
    /// Parameters that a volume lays over those of its SecretProviderClass.
    pub(crate) attributes: Vec<(String, Written)>,
    pub(crate) certainty: Certainty,
    pub(crate) mark: Mark,
    /// Where the use stands: generators and prefixes may have decided the name elsewhere.
    pub(crate) stated: Mark,
}

impl Use {
    fn stated_at(&mut self, mark: Mark) {
        if mark.is_some() {
            self.stated = mark;
        }
    }

    /// The user as `usedBy` says it.
    pub(crate) fn user_text(&self) -> &str {
        match &self.user {
            User::Service(text) | User::Object(text) => text,
        }
    }
}

/// Annotations by which an Ingress names a Secret
/// (<https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/>).
const SECRETS_OF_NGINX: [&str; 3] = [
    "nginx.ingress.kubernetes.io/auth-secret",
    "nginx.ingress.kubernetes.io/auth-tls-secret",
    "nginx.ingress.kubernetes.io/proxy-ssl-secret",
];

/// Collects the uses of one user.
pub(crate) struct Collector<'u> {
    pub(crate) uses: &'u mut Vec<Use>,
    pub(crate) user: User,
    pub(crate) namespace: String,
    pub(crate) certainty: Certainty,
}

impl Collector<'_> {
    /// Adds a use of what `view`, a scalar, names.
    pub(crate) fn add(&mut self, used: Used, view: View<'_>, how: &'static str) -> Option<&mut Use> {
        let name = view.text().filter(|name| !name.is_empty())?;
        Some(self.add_name(used, name, view.mark(), how))
    }

    /// Adds a use of an object by its name, which is stated at `mark`.
    pub(crate) fn add_name(&mut self, used: Used, name: &str, mark: Mark, how: &'static str) -> &mut Use {
        let position = self.uses.len();
        self.uses.push(Use {
            used,
            namespace: self.namespace.clone(),
            name: name.to_owned(),
            user: self.user.clone(),
            container: None,
            init: false,
            env: None,
            how,
            key: None,
            mount_path: None,
            sub_path: None,
            target_path: None,
            optional: false,
            attributes: Vec::new(),
            certainty: self.certainty,
            mark,
            stated: mark,
        });
        &mut self.uses[position]
    }

    /// Adds a use of what a map with `name`, and perhaps `key` and `optional`, refers to.
    fn add_reference(&mut self, used: Used, reference: View<'_>, how: &'static str) -> Option<&mut Use> {
        let optional = is_true(reference, "optional");
        let key = reference.text_of("key").map(str::to_owned);
        let added = self.add(used, reference.get("name")?, how)?;
        added.optional = optional;
        added.key = key;
        added.stated_at(reference.mark());
        Some(added)
    }

    /// The uses of a pod.
    pub(crate) fn pod(&mut self, pod: PodTemplate<'_>) {
        for container in pod.containers() {
            self.environment(container.view, container.name, container.init);
        }
        let containers: Vec<_> = pod.containers().collect();
        for volume in pod.volumes() {
            self.volume(volume, &containers);
        }
        let pull_secrets = pod.spec().and_then(|spec| spec.get("imagePullSecrets"));
        for secret in pull_secrets.into_iter().flat_map(View::items) {
            if let Some(name) = secret.get("name") {
                self.add(Used::Secret, name, "imagePullSecret");
            }
        }
        if let Some(account) = pod.service_account() {
            self.add(Used::ServiceAccount, account, "serviceAccount");
        }
        if let Some((_, name)) = pod
            .annotations()
            .find(|(key, _)| *key == "vault.hashicorp.com/agent-configmap")
        {
            self.add(Used::ConfigMap, name, "volume");
        }
    }

    /// `env` and `envFrom` of a container.
    pub(crate) fn environment(&mut self, container: View<'_>, name: Option<&str>, init: bool) {
        let container_name = name.map(str::to_owned);
        for entry in container.items_of("env") {
            let Some(from) = entry.get("valueFrom") else {
                continue;
            };
            for (field, used) in [
                ("configMapKeyRef", Used::ConfigMap),
                ("secretKeyRef", Used::Secret),
            ] {
                if let Some(added) = from
                    .get(field)
                    .and_then(|reference| self.add_reference(used, reference, "env"))
                {
                    added.container.clone_from(&container_name);
                    added.init = init;
                    added.env = entry.text_of("name").map(str::to_owned);
                }
            }
        }
        for entry in container.items_of("envFrom") {
            for (field, used) in [("configMapRef", Used::ConfigMap), ("secretRef", Used::Secret)] {
                if let Some(added) = entry
                    .get(field)
                    .and_then(|reference| self.add_reference(used, reference, "envFrom"))
                {
                    added.container.clone_from(&container_name);
                    added.init = init;
                }
            }
        }
    }

    fn volume(&mut self, volume: View<'_>, containers: &[Container<'_>]) {
        let start = self.uses.len();
        self.volume_source(volume);
        // What the volume holds, once for each mount.
        let sources = self.uses.split_off(start);
        let mounts = mounts_of(volume.text_of("name").unwrap_or_default(), containers);
        for source in sources {
            // The driver reads this Secret, no container sees it.
            if mounts.is_empty() || (source.how == "csi" && source.used == Used::Secret) {
                self.uses.push(source);
                continue;
            }
            for mount in &mounts {
                self.uses.extend(mount.applied_to(&source));
            }
        }
    }

    /// ConfigMaps, Secrets and SecretProviderClasses of a volume, without mounts.
    pub(crate) fn volume_source(&mut self, volume: View<'_>) {
        if let Some(source) = volume.get("configMap") {
            self.keyed(Used::ConfigMap, source, "name");
        }
        if let Some(source) = volume.get("secret") {
            self.keyed(Used::Secret, source, "secretName");
        }
        for source in volume.items_at(&["projected", "sources"]) {
            if let Some(source) = source.get("configMap") {
                self.keyed(Used::ConfigMap, source, "name");
            }
            if let Some(source) = source.get("secret") {
                self.keyed(Used::Secret, source, "name");
            }
        }
        if let Some(csi) = volume.get("csi") {
            self.csi(csi);
        }
        for kind in ["cephfs", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos"] {
            if let Some(name) = volume.at(&[kind, "secretRef", "name"]) {
                self.add(Used::Secret, name, "volume");
            }
        }
        if let Some(name) = volume.at(&["azureFile", "secretName"]) {
            self.add(Used::Secret, name, "volume");
        }
    }

    /// A `csi` volume source.
    pub(crate) fn csi(&mut self, csi: View<'_>) {
        if csi.text_of("driver") == Some(CSI_DRIVER)
            && let Some(attributes) = csi.get("volumeAttributes")
            && let Some(class) = attributes.get("secretProviderClass")
            && let Some(added) = self.add(Used::SecretProviderClass, class, "csi")
        {
            // The driver copies the attributes over the class's parameters.
            added.attributes = attributes
                .entries()
                .filter(|(name, _)| *name != "secretProviderClass")
                .filter_map(|(name, value)| Some((name.to_owned(), value.written()?)))
                .collect();
        }
        if let Some(name) = csi.at(&["nodePublishSecretRef", "name"]) {
            self.add(Used::Secret, name, "csi");
        }
    }

    /// A volume source with `items`: one use for each key it picks, or one for all.
    fn keyed(&mut self, used: Used, source: View<'_>, name_field: &str) {
        let Some(name) = source.get(name_field) else {
            return;
        };
        let optional = is_true(source, "optional");
        let items: Vec<_> = source.items_of("items").collect();
        if items.is_empty() {
            if let Some(added) = self.add(used, name, "volume") {
                added.optional = optional;
                added.stated_at(source.mark());
            }
            return;
        }
        for item in items {
            if let Some(added) = self.add(used, name, "volume") {
                added.optional = optional;
                added.stated_at(item.mark());
                added.key = item.text_of("key").map(str::to_owned);
                // The file's name, until the mounts are known.
                added.sub_path = item.text_of("path").map(str::to_owned);
            }
        }
    }
}

/// A volume mount of a container.
struct Mount<'a> {
    container: Option<&'a str>,
    init: bool,
    path: &'a str,
    sub_path: Option<&'a str>,
}

fn mounts_of<'a>(volume: &str, containers: &[Container<'a>]) -> Vec<Mount<'a>> {
    containers
        .iter()
        .flat_map(|container| {
            let mounts = container.view.items_of("volumeMounts");
            mounts.map(move |mount| (container, mount))
        })
        .filter(|(_, mount)| mount.text_of("name") == Some(volume))
        .filter_map(|(container, mount)| {
            Some(Mount {
                container: container.name,
                init: container.init,
                path: mount.text_of("mountPath")?,
                sub_path: mount.text_of("subPath"),
            })
        })
        .collect()
}

impl Mount<'_> {
    /// The use of a volume's source through this mount; none where the mount shows another file of it.
    fn applied_to(&self, source: &Use) -> Option<Use> {
        let mut mounted = source.clone();
        mounted.container = self.container.map(str::to_owned);
        mounted.init = self.init;
        mounted.mount_path = Some(self.path.to_owned());
        mounted.sub_path = self.sub_path.map(str::to_owned);
        if let Some(sub_path) = self.sub_path.filter(|_| source.used != Used::SecretProviderClass) {
            match &source.sub_path {
                // `items` say which key becomes which file.
                Some(file) if !is_in(file, sub_path) => return None,
                Some(_) => {}
                None => mounted.key = Some(sub_path.to_owned()),
            }
        }
        Some(mounted)
    }
}

/// Whether a file of a volume is shown by a mount with this `subPath`.
fn is_in(file: &str, sub_path: &str) -> bool {
    let sub_path = sub_path.trim_matches('/');
    file == sub_path
        || file
            .strip_prefix(sub_path)
            .is_some_and(|rest| rest.starts_with('/'))
}

fn is_true(view: View<'_>, field: &str) -> bool {
    view.get(field)
        .and_then(|view| view.node.as_bool())
        .unwrap_or(false)
}

/// The uses of objects that are no pods: ServiceAccounts, sources, Ingresses and Gateways. `key_of` names them.
pub(crate) fn object_uses<'a>(
    inventory: &Inventory<'a>,
    key_of: &dyn Fn(&Object<'a>) -> String,
    uses: &mut Vec<Use>,
) {
    for object in &inventory.objects {
        let view = inventory.view(object);
        let mut collector = Collector {
            uses,
            user: User::Object(String::new()),
            namespace: object.namespace.to_owned(),
            certainty: Certainty::Stated,
        };
        match (object.group, object.kind) {
            ("", "ServiceAccount") => {
                collector.user = User::Object(key_of(object));
                for secret in view.items_of("imagePullSecrets") {
                    if let Some(name) = secret.get("name") {
                        collector.add(Used::Secret, name, "imagePullSecret");
                    }
                }
            }
            (SOURCE, _) | ("image.toolkit.fluxcd.io", "ImageRepository") => {
                collector.user = User::Object(key_of(object));
                let Some(spec) = view.get("spec") else {
                    continue;
                };
                for path in [
                    &["secretRef", "name"][..],
                    &["certSecretRef", "name"],
                    &["proxySecretRef", "name"],
                    &["verify", "secretRef", "name"],
                ] {
                    if let Some(name) = spec.at(path) {
                        collector.add(Used::Secret, name, "sourceAuth");
                    }
                }
            }
            ("networking.k8s.io" | "extensions", "Ingress") => {
                collector.user = User::Object(key_of(object));
                for tls in view.items_at(&["spec", "tls"]) {
                    if let Some(name) = tls.get("secretName") {
                        collector.add(Used::Secret, name, "ingressTls");
                    }
                }
                for annotation in SECRETS_OF_NGINX {
                    let Some(value) = view.at(&["metadata", "annotations", annotation]) else {
                        continue;
                    };
                    // `NAME` or `NAMESPACE/NAME`
                    let text = value.text().unwrap_or_default();
                    let (namespace, name) = text.split_once('/').unwrap_or((object.namespace, text));
                    if !name.is_empty() {
                        namespace.clone_into(&mut collector.namespace);
                        collector.add_name(Used::Secret, name, value.mark(), "reference");
                    }
                }
            }
            ("gateway.networking.k8s.io", "Gateway") => {
                collector.user = User::Object(key_of(object));
                let listeners = view.items_at(&["spec", "listeners"]);
                for reference in listeners
                    .filter_map(|listener| listener.at(&["tls", "certificateRefs"]))
                    .flat_map(View::items)
                    .filter(|reference| reference.text_of("kind").is_none_or(|kind| kind == "Secret"))
                {
                    let namespace = reference.text_of("namespace").unwrap_or(object.namespace);
                    namespace.clone_into(&mut collector.namespace);
                    if let Some(name) = reference.get("name") {
                        collector.add(Used::Secret, name, "ingressTls");
                    }
                }
            }
            _ => {}
        }
    }
}
