//! Uses of ConfigMaps, Secrets, SecretProviderClasses and ServiceAccounts by pods, ServiceAccounts, sources, Ingresses and
//! Gateways.

use infra_model::{Key, Written};
use source_tree::Mark;

use crate::inventory::{Inventory, Object, SOURCE};
use crate::pod_spec::{Container, PodTemplate};
use crate::view::View;

/// The Secrets Store CSI driver.
pub(crate) const CSI_DRIVER: &str = "secrets-store.csi.k8s.io";

/// The kind of a used object.
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

/// The user of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum User {
    /// The pods of a service, by its key.
    Service(Key),
    /// Another object, as `Kind/<key>`.
    Object(String),
}

impl User {
    /// The user in `usedBy`.
    pub(crate) fn text(&self) -> &str {
        match self {
            User::Service(text) | User::Object(text) => text,
        }
    }
}

/// How sure a use is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certainty {
    /// By a field of the API.
    Stated,
    /// By values of a chart that was not rendered.
    Values,
    /// By values of a chart under a key for objects that the chart does not make, such as `existingSecret`.
    Existing,
}

/// A use of an object.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    pub(crate) used: Used,
    pub(crate) namespace: String,
    /// As rendered.
    pub(crate) name: String,
    pub(crate) user: User,
    pub(crate) container: Option<String>,
    /// Whether the container is an init container.
    pub(crate) init: bool,
    /// The environment variable that gets the value.
    pub(crate) env: Option<String>,
    pub(crate) how: &'static str,
    /// The key, if only one is used.
    pub(crate) key: Option<String>,
    pub(crate) mount_path: Option<String>,
    /// `subPath` of the mount.
    pub(crate) sub_path: Option<String>,
    /// `targetPath` of `valuesFrom`.
    pub(crate) target_path: Option<String>,
    pub(crate) optional: bool,
    /// Parameters of a volume that override those of its SecretProviderClass.
    pub(crate) attributes: Vec<(String, Written)>,
    pub(crate) certainty: Certainty,
    /// The place that decides the name.
    pub(crate) mark: Mark,
    /// The place of the use: generators and prefixes may decide the name elsewhere.
    pub(crate) stated: Mark,
}

impl Use {
    fn stated_at(&mut self, mark: Mark) {
        if mark.is_some() {
            self.stated = mark;
        }
    }

    /// The user in `usedBy`.
    pub(crate) fn user_text(&self) -> &str {
        self.user.text()
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
    /// Adds a use of the object that `view`, a scalar, names.
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

    /// Adds uses of Secrets that the field `name_field` of each item names.
    fn add_secrets<'v>(
        &mut self,
        items: impl Iterator<Item = View<'v>>,
        name_field: &str,
        how: &'static str,
    ) {
        for name in items.filter_map(|item| item.get(name_field)) {
            self.add(Used::Secret, name, how);
        }
    }

    /// Adds a container's use of the object in a field with `name`, and perhaps `key` and `optional`.
    fn add_reference(
        &mut self,
        used: Used,
        reference: Option<View<'_>>,
        container: &Container<'_>,
        how: &'static str,
    ) -> Option<&mut Use> {
        let reference = reference?;
        let added = self.add(used, reference.get("name")?, how)?;
        added.optional = reference.is_true("optional");
        added.key = reference.text_of("key").map(str::to_owned);
        added.stated_at(reference.mark());
        added.container = container.name.map(str::to_owned);
        added.init = container.init;
        Some(added)
    }

    /// Adds the uses of a pod.
    pub(crate) fn add_pod(&mut self, pod: PodTemplate<'_>) {
        for container in pod.containers() {
            self.add_environment(&container);
        }
        let containers: Vec<_> = pod.containers().collect();
        for volume in pod.volumes() {
            self.add_volume(volume, &containers);
        }
        let spec = pod.spec().into_iter();
        let pull_secrets = spec.flat_map(|spec| spec.items_of("imagePullSecrets"));
        self.add_secrets(pull_secrets, "name", "imagePullSecret");
        if let Some(account) = pod.service_account() {
            self.add(Used::ServiceAccount, account, "serviceAccount");
        }
        let mut annotations = pod.annotations();
        if let Some((_, name)) = annotations.find(|(key, _)| *key == "vault.hashicorp.com/agent-configmap") {
            self.add(Used::ConfigMap, name, "volume");
        }
    }

    /// Adds the uses of `env` and `envFrom` of a container.
    fn add_environment(&mut self, container: &Container<'_>) {
        for entry in container.view.items_of("env") {
            for (field, used) in [
                ("configMapKeyRef", Used::ConfigMap),
                ("secretKeyRef", Used::Secret),
            ] {
                let reference = entry.at(&["valueFrom", field]);
                if let Some(added) = self.add_reference(used, reference, container, "env") {
                    added.env = entry.text_of("name").map(str::to_owned);
                }
            }
        }
        for entry in container.view.items_of("envFrom") {
            for (field, used) in [("configMapRef", Used::ConfigMap), ("secretRef", Used::Secret)] {
                self.add_reference(used, entry.get(field), container, "envFrom");
            }
        }
    }

    fn add_volume(&mut self, volume: View<'_>, containers: &[Container<'_>]) {
        let start = self.uses.len();
        self.add_volume_source(volume);
        // Each use counts once for each mount.
        let sources = self.uses.split_off(start);
        let mounts = mounts_of(volume.text_of("name").unwrap_or_default(), containers);
        for source in sources {
            // The driver reads this Secret, no container does.
            if mounts.is_empty() || (source.how == "csi" && source.used == Used::Secret) {
                self.uses.push(source);
                continue;
            }
            for mount in &mounts {
                self.uses.extend(mount.applied_to(&source));
            }
        }
    }

    /// Adds the ConfigMaps, Secrets and SecretProviderClasses of a volume, without mounts.
    pub(crate) fn add_volume_source(&mut self, volume: View<'_>) {
        self.add_keys(Used::ConfigMap, volume.get("configMap"), "name");
        self.add_keys(Used::Secret, volume.get("secret"), "secretName");
        for source in volume.items_at(&["projected", "sources"]) {
            self.add_keys(Used::ConfigMap, source.get("configMap"), "name");
            self.add_keys(Used::Secret, source.get("secret"), "name");
        }
        if let Some(csi) = volume.get("csi") {
            self.add_csi(csi);
        }
        let kinds = ["cephfs", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos"].iter();
        let references = kinds.filter_map(|kind| volume.at(&[kind, "secretRef"]));
        self.add_secrets(references, "name", "volume");
        self.add_secrets(volume.get("azureFile").into_iter(), "secretName", "volume");
    }

    /// Adds the uses of a `csi` volume source.
    pub(crate) fn add_csi(&mut self, csi: View<'_>) {
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
        self.add_secrets(csi.get("nodePublishSecretRef").into_iter(), "name", "csi");
    }

    /// Adds one use for each key that the `items` of a volume source pick, or one for all keys.
    fn add_keys(&mut self, used: Used, source: Option<View<'_>>, name_field: &str) {
        let Some(source) = source else { return };
        let Some(name) = source.get(name_field) else {
            return;
        };
        let items: Vec<Option<View<'_>>> = source.items_of("items").map(Some).collect();
        let whole = items.is_empty().then_some(None);
        for item in items.into_iter().chain(whole) {
            if let Some(added) = self.add(used, name, "volume") {
                added.optional = source.is_true("optional");
                added.stated_at(item.unwrap_or(source).mark());
                let text = |field: &str| item?.text_of(field).map(str::to_owned);
                added.key = text("key");
                // The file's name, until the mounts are known.
                added.sub_path = text("path");
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
    let mounts = containers.iter().flat_map(|container| {
        let mounts = container.view.items_of("volumeMounts");
        let own = mounts.filter(|mount| mount.text_of("name") == Some(volume));
        own.filter_map(|mount| {
            Some(Mount {
                container: container.name,
                init: container.init,
                path: mount.text_of("mountPath")?,
                sub_path: mount.text_of("subPath"),
            })
        })
    });
    mounts.collect()
}

impl Mount<'_> {
    /// The use of a volume's source through this mount; `None` if the mount shows another file of it.
    fn applied_to(&self, source: &Use) -> Option<Use> {
        let mut mounted = source.clone();
        mounted.container = self.container.map(str::to_owned);
        mounted.init = self.init;
        mounted.mount_path = Some(self.path.to_owned());
        mounted.sub_path = self.sub_path.map(str::to_owned);
        if let Some(sub_path) = self.sub_path.filter(|_| source.used != Used::SecretProviderClass) {
            match &source.sub_path {
                // `items` decide which key becomes which file.
                Some(file) if !is_in(file, sub_path) => return None,
                Some(_) => {}
                None => mounted.key = Some(sub_path.to_owned()),
            }
        }
        Some(mounted)
    }
}

/// Whether a mount with this `subPath` shows a file of a volume.
fn is_in(file: &str, sub_path: &str) -> bool {
    let rest = file.strip_prefix(sub_path.trim_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Adds the uses of objects other than pods: ServiceAccounts, sources, Ingresses and Gateways. `key_of` names them.
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
                collector.add_secrets(view.items_of("imagePullSecrets"), "name", "imagePullSecret");
            }
            (SOURCE, _) | ("image.toolkit.fluxcd.io", "ImageRepository") => {
                collector.user = User::Object(key_of(object));
                let paths = [
                    &["spec", "secretRef"][..],
                    &["spec", "certSecretRef"],
                    &["spec", "proxySecretRef"],
                    &["spec", "verify", "secretRef"],
                ];
                let references = paths.iter().filter_map(|path| view.at(path));
                collector.add_secrets(references, "name", "sourceAuth");
            }
            ("networking.k8s.io" | "extensions", "Ingress") => {
                collector.user = User::Object(key_of(object));
                collector.add_secrets(view.items_at(&["spec", "tls"]), "secretName", "ingressTls");
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
                    .flat_map(|listener| listener.items_at(&["tls", "certificateRefs"]))
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
