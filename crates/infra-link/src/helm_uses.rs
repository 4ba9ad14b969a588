//! Uses of ConfigMaps, Secrets and SecretProviderClasses by effective Helm values: by fields of Kubernetes and of well-known
//! charts, and by keys such as `existingSecret`.

use std::cell::LazyCell;

use source_tree::{Limits, Mark};
use yaml_node::{Node, Style, Value};

use crate::any_case;
use crate::uses::{CSI_DRIVER, Certainty, Collector, Use, Used, User};
use crate::view::View;

/// A mount that values state.
struct Mount {
    volume: String,
    path: String,
    sub_path: Option<String>,
}

/// The mounts that values state. Few values have volumes, and need them.
type Mounts<'v> = LazyCell<Vec<Mount>, Box<dyn FnOnce() -> Vec<Mount> + 'v>>;

/// Resolves names in values.
pub(crate) trait Names {
    /// The name with its templates filled in; `None` if that is not possible.
    fn untemplated(&self, text: &str) -> Option<String>;
    /// Whether an object of the repository makes one of this name in the release's namespace.
    fn is_made(&self, used: Used, name: &str) -> bool;
}

/// Adds the uses of a release's values. `service` is its key.
pub(crate) fn values_uses(
    values: &Node,
    service: &str,
    namespace: &str,
    names: &dyn Names,
    uses: &mut Vec<Use>,
) {
    let start = uses.len();
    let mounts: Mounts<'_> = LazyCell::new(Box::new(|| {
        let mut mounts = Vec::new();
        collect_mounts(values, &mut mounts);
        mounts
    }));
    let mut collector = Collector {
        uses,
        user: User::Service(service.to_owned()),
        namespace: namespace.to_owned(),
        certainty: Certainty::Values,
    };
    visit(None, values, &mounts, &mut collector);
    let added = uses.split_off(start);
    let is_only_container = LazyCell::new(|| containers(values) < 2);
    for mut found in added {
        // A single container is not named.
        if !found.init && *is_only_container {
            found.container = None;
        }
        let Some(name) = names.untemplated(&found.name).filter(|name| is_object_name(name)) else {
            continue;
        };
        if found.how == CONVENTION {
            if !names.is_made(found.used, &name) {
                continue;
            }
            found.how = VALUES;
        }
        found.name = name;
        uses.push(found);
    }
}

/// How a chart uses an object that its values name under a key of the chart's own.
const VALUES: &str = "values";
/// As [`VALUES`], if the key only suggests that the text is a name: it counts if something makes the object.
const CONVENTION: &str = "values by convention";

fn is_object_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
}

/// Collects `{name, mountPath, subPath}` anywhere, and the mounts of `persistence` in the common-library charts
/// (<https://bjw-s-labs.github.io/helm-charts/docs/common-library/resources/storage/>).
fn collect_mounts(node: &Node, mounts: &mut Vec<Mount>) {
    match &node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => items.iter().for_each(|item| collect_mounts(item, mounts)),
        Value::Mapping(mapping) => {
            let text = |field: &str| node.get(field).and_then(Node::as_str).map(str::to_owned);
            // Fewer mappings have a path than a name.
            if let Some(path) = text("mountPath")
                && let Some(volume) = text("name")
            {
                mounts.push(Mount {
                    volume,
                    path,
                    sub_path: text("subPath"),
                });
            }
            for (key, value) in mapping.iter() {
                collect_mounts(value, mounts);
                if let Some(list) = list_in_text(key, value) {
                    collect_mounts(&list, mounts);
                }
            }
        }
    }
}

fn visit(key: Option<&str>, node: &Node, mounts: &Mounts<'_>, collector: &mut Collector<'_>) {
    match &node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => {
            for item in items.iter() {
                if key == Some("imagePullSecrets") {
                    let name = item.get("name").or(Some(item));
                    add_named(Used::Secret, name, "imagePullSecret", collector);
                } else if key.is_some_and(is_volume_list) {
                    let known = collector.uses.len();
                    add_volume(item, mounts, collector);
                    // A few charts group volumes with their mounts: `extraVolumes: [{volumes, volumeMounts}]`.
                    if collector.uses.len() == known {
                        visit(None, item, mounts, collector);
                    }
                } else if key.is_some_and(|key| any_case::ends_with(key, "envfrom")) {
                    add_env_from(item, collector);
                } else if key.is_some_and(is_env) {
                    let start = collector.uses.len();
                    visit(None, item, mounts, collector);
                    if let Some(name) = item.text_at(&["name"]) {
                        set_variable(name, collector, start);
                    }
                } else {
                    let in_list = key.filter(|key| SECRET_FIELDS.iter().any(|(outer, _)| outer == key));
                    visit(in_list, item, mounts, collector);
                }
            }
        }
        Value::Mapping(mapping) => {
            let known = collector.uses.len();
            add_value_from(node, collector);
            name_variable(collector, known, key, node);
            if is_csi(node) {
                with_mounts(collector, &[], |collector| collector.add_csi(View::plain(node)));
            }
            for (child, value) in mapping.iter() {
                match (child, &value.value) {
                    ("configMapKeyRef" | "secretKeyRef", _) => {}
                    ("podAnnotations" | "annotations" | "podLabels" | "labels", _) => {}
                    ("persistence", Value::Mapping(volumes)) => {
                        for (_, volume) in volumes.iter() {
                            add_persistent(volume, collector);
                        }
                    }
                    (child, Value::Scalar(_)) => {
                        add_conventional(key, child, value, collector);
                        if let Some(list) = list_in_text(child, value) {
                            let known = collector.uses.len();
                            visit(Some(child), &list, mounts, collector);
                            place_in_text(collector, known, value);
                        }
                    }
                    ("controllers", Value::Mapping(controllers)) => {
                        for (name, controller) in controllers.iter() {
                            let start = collector.uses.len();
                            visit(Some(name), controller, mounts, collector);
                            if controllers.len() > 1 {
                                set_controller(name, collector, start);
                            }
                        }
                    }
                    (list @ ("containers" | "initContainers"), Value::Mapping(containers)) => {
                        for (name, container) in containers.iter() {
                            let start = collector.uses.len();
                            visit(Some(name), container, mounts, collector);
                            set_container(name, list, collector, start);
                        }
                    }
                    (child, Value::Sequence(items))
                        if SECRET_LISTS.contains(&(key.unwrap_or_default(), child)) =>
                    {
                        for item in items.iter().filter(|item| item.as_str().is_some()) {
                            collector.add(Used::Secret, View::plain(item), VALUES);
                        }
                    }
                    // Containers may be under a name of the chart's own, such as `apps`.
                    (list, Value::Sequence(items))
                        if matches!(list, "containers" | "initContainers") || are_containers(items) =>
                    {
                        for item in items.iter() {
                            let start = collector.uses.len();
                            visit(None, item, mounts, collector);
                            if let Some(name) = item.text_at(&["name"]) {
                                set_container(name, list, collector, start);
                            }
                        }
                    }
                    (child, _) => {
                        let start = collector.uses.len();
                        visit(Some(child), value, mounts, collector);
                        if child == "valueFrom" {
                            name_variable(collector, start, key, node);
                        }
                        // `env: {PASSWORD: {valueFrom: …}}`
                        if key.is_some_and(is_env) {
                            set_variable(child, collector, start);
                        }
                    }
                }
            }
        }
    }
}

/// Gives the uses from a position on the name of their environment variable: the one that `node` states, or `key`.
fn name_variable(collector: &mut Collector<'_>, from: usize, key: Option<&str>, node: &Node) {
    if collector.uses.len() == from {
        return;
    }
    // The name in a reference such as `secretKeyRef` is that of the object.
    let own = node.text_at(&["name"]).filter(|_| node.get("key").is_none());
    if let Some(name) = own.or(key.filter(|key| is_variable(key))) {
        set_variable(name, collector, from);
    }
}

/// Whether a key has the form of an environment variable.
fn is_variable(key: &str) -> bool {
    let is_upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    key.len() > 1 && key.bytes().all(is_upper)
}

/// Moves the marks of uses in a text, from a position on, to the place of the text.
fn place_in_text(collector: &mut Collector<'_>, from: usize, text: &Node) {
    let is_block = text
        .as_scalar()
        .is_some_and(|scalar| matches!(scalar.style, Style::Literal | Style::Folded));
    let moved = |mark: Mark| match is_block && mark.is_some() {
        true => Mark::new(mark.file, text.mark.line.saturating_add(mark.line)),
        false => text.mark,
    };
    for found in collector.uses.get_mut(from..).unwrap_or_default() {
        found.mark = moved(found.mark);
        found.stated = moved(found.stated);
    }
}

/// Whether a key is that of environment variables.
fn is_env(key: &str) -> bool {
    any_case::ends_with_any(key, &["env", "envvars"])
}

/// Gives the uses from a position on to a container.
fn set_container(name: &str, list: &str, collector: &mut Collector<'_>, start: usize) {
    for found in collector.uses.iter_mut().skip(start) {
        found.container.get_or_insert_with(|| name.to_owned());
        found.init |= list == "initContainers";
    }
}

/// Gives the uses from a position on to one of several controllers.
fn set_controller(name: &str, collector: &mut Collector<'_>, start: usize) {
    for found in collector.uses.iter_mut().skip(start) {
        found.container = Some(match &found.container {
            Some(container) => format!("{name}/{container}"),
            None => name.to_owned(),
        });
    }
}

/// Gives the uses by `env`, from a position on, to an environment variable.
fn set_variable(name: &str, collector: &mut Collector<'_>, start: usize) {
    let added = collector.uses.iter_mut().skip(start);
    for found in added.filter(|found| found.how == "env") {
        found.env.get_or_insert_with(|| name.to_owned());
    }
}

/// The number of containers in values.
fn containers(values: &Node) -> usize {
    match &values.value {
        Value::Scalar(_) => 0,
        Value::Sequence(items) => items.iter().map(containers).sum(),
        Value::Mapping(mapping) => mapping
            .iter()
            .map(|(key, value)| match key {
                "containers" | "initContainers" => value.iter().count() + value.items().len(),
                _ if are_containers(value.items()) => value.items().len(),
                _ => containers(value),
            })
            .sum(),
    }
}

/// Whether each item of a list has a name and an image.
fn are_containers(items: &[Node]) -> bool {
    let is_container = |item: &Node| ["name", "image"].iter().all(|key| item.text_at(&[key]).is_some());
    !items.is_empty() && items.iter().all(is_container)
}

/// The list in a text such as `extraEnv: |`, which a chart inserts unchanged.
fn list_in_text(key: &str, value: &Node) -> Option<Node> {
    let text = value.as_str()?;
    if !text.trim_start().starts_with(['-', '[']) {
        return None;
    }
    let is_list =
        any_case::starts_with_any(key, &["extra", "additional", "env"]) || any_case::ends_with(key, "env");
    if !is_list {
        return None;
    }
    let list = yaml_node::read_documents(text, value.mark.file, &Limits::default()).ok()?;
    list.into_iter().next().filter(|list| !list.items().is_empty())
}

fn is_volume_list(key: &str) -> bool {
    key == "volumes" || key.ends_with("Volumes") || key.ends_with("_volumes")
}

fn is_csi(node: &Node) -> bool {
    node.text_at(&["driver"]) == Some(CSI_DRIVER) && node.get("volumeAttributes").is_some()
}

/// Adds a use of an object that a text names.
fn add_named(used: Used, name: Option<&Node>, how: &'static str, collector: &mut Collector<'_>) {
    if let Some(name) = name.filter(|name| name.as_str().is_some()) {
        collector.add(used, View::plain(name), how);
    }
}

/// Adds the uses of a pod's volume.
fn add_volume(item: &Node, mounts: &Mounts<'_>, collector: &mut Collector<'_>) {
    let name = item.text_at(&["name"]).unwrap_or_default();
    let own: Vec<&Mount> = mounts.iter().filter(|mount| mount.volume == name).collect();
    with_mounts(collector, &own, |collector| {
        collector.add_volume_source(View::plain(item))
    });
}

/// Repeats the uses that `add` adds, once for each mount.
fn with_mounts(collector: &mut Collector<'_>, mounts: &[&Mount], add: impl FnOnce(&mut Collector<'_>)) {
    let start = collector.uses.len();
    add(collector);
    let added = collector.uses.split_off(start);
    for found in added {
        if mounts.is_empty() || (found.used == Used::Secret && found.how == "csi") {
            collector.uses.push(found);
            continue;
        }
        for mount in mounts {
            let mut mounted = found.clone();
            mounted.mount_path = Some(mount.path.clone());
            mounted.sub_path.clone_from(&mount.sub_path);
            collector.uses.push(mounted);
        }
    }
}

/// Adds the uses of an entry of `envFrom`, in Kubernetes' form or in the short form of the common-library charts.
fn add_env_from(item: &Node, collector: &mut Collector<'_>) {
    for (long, short, used) in [
        ("secretRef", "secret", Used::Secret),
        ("configMapRef", "configMap", Used::ConfigMap),
    ] {
        let name = item.at(&[long, "name"]).or_else(|| item.get(short));
        add_named(used, name, "envFrom", collector);
    }
}

/// Adds the uses of `valueFrom`.
fn add_value_from(from: &Node, collector: &mut Collector<'_>) {
    for (field, used) in [
        ("configMapKeyRef", Used::ConfigMap),
        ("secretKeyRef", Used::Secret),
    ] {
        if let Some(reference) = from.get(field)
            && let Some(name) = reference.get("name")
            && let Some(added) = collector.add(used, View::plain(name), "env")
        {
            added.key = reference.text_at(&["key"]).map(str::to_owned);
        }
    }
}

/// Adds the uses of a volume of the common-library charts.
fn add_persistent(volume: &Node, collector: &mut Collector<'_>) {
    if volume.get("enabled").and_then(Node::as_bool) == Some(false) {
        return;
    }
    let mut mounts: Vec<Mount> = Vec::new();
    persistent_mounts(volume, &mut mounts);
    let mounts: Vec<&Mount> = mounts.iter().collect();
    let used = match volume.text_at(&["type"]) {
        Some("secret") => Used::Secret,
        Some("configMap") => Used::ConfigMap,
        _ => {
            // `type: custom` has a volume source of Kubernetes.
            let source = volume.get("volumeSpec").unwrap_or(volume);
            with_mounts(collector, &mounts, |collector| {
                collector.add_volume_source(View::plain(source))
            });
            return;
        }
    };
    with_mounts(collector, &mounts, |collector| {
        add_named(used, volume.get("name"), "volume", collector);
    });
}

/// Collects `{path, subPath}` of `globalMounts` and `advancedMounts`, or `mountPath` itself.
fn persistent_mounts(node: &Node, mounts: &mut Vec<Mount>) {
    let mount = |node: &Node, field: &str| {
        let path = node.get(field)?.as_str()?;
        Some(Mount {
            volume: String::new(),
            path: path.to_owned(),
            sub_path: node.text_at(&["subPath"]).map(str::to_owned),
        })
    };
    mounts.extend(mount(node, "mountPath"));
    let global = node.get("globalMounts").map_or(&[][..], Node::items).iter();
    let advanced = node
        .get("advancedMounts")
        .into_iter()
        .flat_map(Node::iter)
        .flat_map(|(_, controller)| controller.iter())
        .flat_map(|(_, container)| container.items());
    for item in global.chain(advanced) {
        if let Some(found) = mount(item, "path")
            && !mounts
                .iter()
                .any(|known| known.path == found.path && known.sub_path == found.sub_path)
        {
            mounts.push(found);
        }
    }
}

/// Keys under which charts state only names of Secrets, some of them with the key of the mapping or list around them.
const SECRET_FIELDS: &[(&str, &str)] = &[
    ("", "credentialsSecret"),
    ("", "credentialsSecretName"),
    ("", "clientSecretName"),
    ("", "envFromSecret"),
    ("", "envFromSecretName"),
    ("", "existingSecret"),
    ("", "existingSecretName"),
    ("", "extraEnvFromSecret"),
    ("", "extraEnvVarsSecret"),
    ("", "extraEnvSecretName"),
    ("envFromSecrets", "name"),
    ("extraSecretMounts", "secretName"),
    ("extraSecrets", "name"),
    ("alertmanagerSpec", "configSecret"),
    ("secretMounts", "secretName"),
    ("secretRef", "name"),
    ("tls", "secretName"),
];

/// Lists of names of Secrets, each with the key of the mapping around it.
const SECRET_LISTS: &[(&str, &str)] = &[
    ("alertmanagerSpec", "secrets"),
    ("prometheusSpec", "secrets"),
    ("thanosRulerSpec", "secrets"),
];

fn is_secret_key(parent: Option<&str>, key: &str) -> bool {
    let is_listed = SECRET_FIELDS
        .iter()
        .any(|(outer, field)| *field == key && (outer.is_empty() || parent == Some(outer)));
    // `passwordSecret: {name, key}`, `passwordSecretRef: {name, key}`
    let is_reference = |parent: &str| parent.ends_with("Secret") || parent.ends_with("SecretRef");
    let is_in_reference = key == "name" && parent.is_some_and(is_reference);
    // `existingClientSecret`, `existingSecretName`
    let is_existing = key.ends_with("ExistingSecret")
        || key.starts_with("existing") && (key.ends_with("Secret") || key.starts_with("existingSecretName"));
    is_listed || is_in_reference || is_existing
}

/// Adds the use of an object that a text under a key such as `existingSecret` names by the chart's convention. `parent` is the
/// key of the mapping around it.
fn add_conventional(parent: Option<&str>, key: &str, value: &Node, collector: &mut Collector<'_>) {
    if value.as_str().is_none() {
        return;
    }
    let (used, how) = if is_secret_key(parent, key) {
        (Used::Secret, VALUES)
    } else if key == "existingConfigMap" || key == "existingConfigmap" {
        (Used::ConfigMap, VALUES)
    } else {
        // The `name` in a reference is described by the reference: `tokenRef: {name}`, `secret: {name}`.
        let outer = parent.filter(|_| key == "name").unwrap_or_default();
        let has_word = |words: &[&str]| [key, outer].iter().any(|key| any_case::contains_any(key, words));
        if has_word(&["configmap"]) {
            (Used::ConfigMap, CONVENTION)
        } else if has_word(&["secret", "credential"]) || outer.ends_with("Ref") {
            (Used::Secret, CONVENTION)
        } else {
            return;
        }
    };
    if let Some(added) = collector.add(used, View::plain(value), how)
        && [key, parent.unwrap_or_default()]
            .iter()
            .any(|key| any_case::contains(key, "existing"))
    {
        added.certainty = Certainty::Existing;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::FileId;
    use yaml_node::read_documents;

    /// A repository that makes all objects whose names begin with `made`.
    struct Made;

    impl Names for Made {
        fn untemplated(&self, text: &str) -> Option<String> {
            let filled = text.replace("{{ .Release.Name }}", "app");
            (!filled.contains("{{")).then_some(filled)
        }

        fn is_made(&self, _: Used, name: &str) -> bool {
            name.starts_with("made")
        }
    }

    #[track_caller]
    fn check(values: &str, expected: &[(Used, &str, &str, Option<&str>)]) {
        let node = read_documents(values, FileId(1), &Limits::default())
            .unwrap()
            .remove(0);
        let mut uses = Vec::new();
        values_uses(&node, "app", "ns", &Made, &mut uses);
        let found: Vec<_> = uses
            .iter()
            .map(|one| (one.used, one.name.as_str(), one.how, one.mount_path.as_deref()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn kubernetes_shapes() {
        check(
            "deployment:\n  additionalVolumes:\n    - name: cert\n      csi: {driver: secrets-store.csi.k8s.io, volumeAttributes: {secretProviderClass: traefik-vault}}\nadditionalVolumeMounts:\n  - {name: cert, mountPath: /certs}\n",
            &[(Used::SecretProviderClass, "traefik-vault", "csi", Some("/certs"))],
        );
        check(
            "extraEnv:\n  - name: A\n    valueFrom: {secretKeyRef: {name: s, key: k}}\nenvFrom:\n  - configMapRef: {name: c}\nimagePullSecrets: [{name: pull}]\n",
            &[
                (Used::Secret, "s", "env", None),
                (Used::ConfigMap, "c", "envFrom", None),
                (Used::Secret, "pull", "imagePullSecret", None),
            ],
        );
        check(
            "admin: {existingSecret: grafana-admin, secretName: x}\n",
            &[(Used::Secret, "grafana-admin", "values", None)],
        );
    }

    #[test]
    fn conventions_count_for_what_is_made() {
        check(
            "githubConfigSecret: made-a\ntls: {secretName: made-b, key: made-x}\nauth: {tokenRef: {name: '{{ .Release.Name }}'}, passwordRef: {name: made-c, key: k}}\ncredentialsName: made-d\nconfig: {configMap: {name: made-e}, existingSecret: {secretName: made-f}}\nenv: {ENGINE: made-g}\nother: {secretName: not-there}\nannotations: {secret/reload: made-h}\n",
            &[
                (Used::Secret, "made-a", "values", None),
                (Used::Secret, "made-b", "values", None),
                (Used::Secret, "made-c", "values", None),
                (Used::Secret, "made-d", "values", None),
                (Used::ConfigMap, "made-e", "values", None),
                (Used::Secret, "made-f", "values", None),
            ],
        );
    }

    #[test]
    fn lists_in_texts() {
        check(
            "extraEnv: |\n  - name: A\n    valueFrom: {secretKeyRef: {name: a, key: k}}\nextraEnvFrom: |\n  - secretRef: {name: b}\nextraVolumes: |\n  - {name: v, secret: {secretName: c}}\nextraVolumeMounts: |\n  - {name: v, mountPath: /v}\nextraEnvVars: [{name: X, value: '- secretRef: {name: no}'}]\nnote: |\n  - secretRef: {name: no}\n",
            &[
                (Used::Secret, "a", "env", None),
                (Used::Secret, "b", "envFrom", None),
                (Used::Secret, "c", "volume", Some("/v")),
            ],
        );
    }

    #[test]
    fn names_and_lines_of_variables() {
        let values = "env:\n  PASSWORD:\n    valueFrom: {secretKeyRef: {name: a, key: k}}\n  TOKEN: {secretKeyRef: {name: b, key: k}}\nextraEnv: |\n  - name: USER\n    valueFrom:\n      secretKeyRef: {name: c, key: k}\n  - {name: X, value: y}\nenvs: '[{\"name\": \"Z\", \"valueFrom\": {\"secretKeyRef\": {\"name\": \"d\", \"key\": \"k\"}}}]'\nconfig: {secretKeyRef: {name: e, key: k}}\n";
        let node = read_documents(values, FileId(1), &Limits::default())
            .unwrap()
            .remove(0);
        let mut uses = Vec::new();
        values_uses(&node, "app", "ns", &Made, &mut uses);
        let found: Vec<_> = uses
            .iter()
            .map(|one| (one.name.as_str(), one.env.as_deref(), one.stated.line))
            .collect();
        let expected = [
            ("a", Some("PASSWORD"), 3),
            ("b", Some("TOKEN"), 4),
            ("c", Some("USER"), 8),
            ("d", Some("Z"), 10),
            ("e", None, 11),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn volumes_in_groups() {
        check(
            "extraVolumes:\n- volumes: [{name: v, configMap: {name: c}}]\n  volumeMounts: [{name: v, mountPath: /c}]\n",
            &[(Used::ConfigMap, "c", "volume", Some("/c"))],
        );
    }

    #[test]
    fn common_library_shapes() {
        check(
            "controllers:\n  main:\n    containers:\n      app:\n        envFrom:\n          - secretRef: {name: \"{{ .Release.Name }}-secret\"}\n        env:\n          X:\n            valueFrom: {secretKeyRef: {name: other, key: k}}\npersistence:\n  config:\n    type: configMap\n    name: app-config\n    globalMounts:\n      - {path: /config/x.yaml, subPath: x.yaml}\n  data: {existingClaim: app}\n",
            &[
                (Used::Secret, "app-secret", "envFrom", None),
                (Used::Secret, "other", "env", None),
                (Used::ConfigMap, "app-config", "volume", Some("/config/x.yaml")),
            ],
        );
        check("envFrom:\n  - secretRef: {name: '{{ include \"x\" . }}'}\n", &[]);
    }
}
