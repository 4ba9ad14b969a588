//! Effective Helm values turn into uses of ConfigMaps, Secrets and SecretProviderClasses: the Kubernetes shapes inside of
//! them, the shapes of well-known charts, and texts such as `existingSecret`.

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

/// What is known of the names in values.
pub(crate) trait Names {
    /// The name with its templates filled in; none where one cannot be.
    fn untemplated(&self, text: &str) -> Option<String>;
    /// Whether an object of the repository makes what has this name in the release's namespace.
    fn is_made(&self, used: Used, name: &str) -> bool;
}

/// Adds what the values of a release use. `service` is its key.
pub(crate) fn values_uses(
    values: &Node,
    service: &str,
    namespace: &str,
    names: &dyn Names,
    uses: &mut Vec<Use>,
) {
    let start = uses.len();
    let mut mounts = Vec::new();
    collect_mounts(values, &mut mounts);
    let mut collector = Collector {
        uses,
        user: User::Service(service.to_owned()),
        namespace: namespace.to_owned(),
        certainty: Certainty::Values,
    };
    visit(None, values, &mounts, &mut collector);
    let added = uses.split_off(start);
    let is_only_container = containers(values) < 2;
    for mut one in added {
        // The only one goes without saying.
        if is_only_container && !one.init {
            one.container = None;
        }
        let Some(name) = names.untemplated(&one.name).filter(|name| is_object_name(name)) else {
            continue;
        };
        if one.how == CONVENTION && !names.is_made(one.used, &name) {
            continue;
        }
        if one.how == CONVENTION {
            one.how = VALUES;
        }
        one.name = name;
        uses.push(one);
    }
}

/// How a chart uses what its values name by the chart's own convention.
const VALUES: &str = "values";
/// As [`VALUES`], where only the key lets guess that the text is a name: it counts if something makes the object.
const CONVENTION: &str = "values by convention";

fn is_object_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
}

/// `{name, mountPath, subPath}` anywhere, and the mounts of `persistence` in the common-library charts
/// (<https://bjw-s-labs.github.io/helm-charts/docs/common-library/resources/storage/>).
fn collect_mounts(node: &Node, mounts: &mut Vec<Mount>) {
    match &node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => items.iter().for_each(|item| collect_mounts(item, mounts)),
        Value::Mapping(mapping) => {
            let text = |field: &str| node.get(field).and_then(Node::as_str).map(str::to_owned);
            if let (Some(volume), Some(path)) = (text("name"), text("mountPath")) {
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

fn visit(key: Option<&str>, node: &Node, mounts: &[Mount], collector: &mut Collector<'_>) {
    match &node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => {
            for item in items.iter() {
                if key == Some("imagePullSecrets") {
                    pull_secret(item, collector);
                } else if key.is_some_and(is_volume_list) {
                    let known = collector.uses.len();
                    volume(item, mounts, collector);
                    // A few charts group volumes with their mounts: `extraVolumes: [{volumes, volumeMounts}]`.
                    if collector.uses.len() == known {
                        visit(None, item, mounts, collector);
                    }
                } else if key.is_some_and(|key| any_case::ends_with(key, "envfrom")) {
                    env_from(item, collector);
                } else if key.is_some_and(is_env) {
                    let start = collector.uses.len();
                    visit(None, item, mounts, collector);
                    if let Some(name) = item.text_at(&["name"]) {
                        env_variable(name, collector, start);
                    }
                } else {
                    let in_list = key.filter(|key| SECRET_FIELDS.iter().any(|(outer, _)| outer == key));
                    visit(in_list, item, mounts, collector);
                }
            }
        }
        Value::Mapping(mapping) => {
            let known = collector.uses.len();
            value_from(node, collector);
            name_variable(collector, known, key, node);
            if is_csi(node) {
                with_mounts(collector, &[], |collector| collector.csi(view(node)));
            }
            for (child, value) in mapping.iter() {
                match (child, &value.value) {
                    ("configMapKeyRef" | "secretKeyRef", _) => {}
                    ("podAnnotations" | "annotations" | "podLabels" | "labels", _) => {}
                    ("persistence", Value::Mapping(volumes)) => {
                        for (_, volume) in volumes.iter() {
                            persistent(volume, collector);
                        }
                    }
                    (child, Value::Scalar(_)) => {
                        named_object(key, child, value, collector);
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
                                of_controller(name, collector, start);
                            }
                        }
                    }
                    (list @ ("containers" | "initContainers"), Value::Mapping(containers)) => {
                        for (name, container) in containers.iter() {
                            let start = collector.uses.len();
                            visit(Some(name), container, mounts, collector);
                            of_container(name, list, collector, start);
                        }
                    }
                    (list @ ("containers" | "initContainers"), Value::Sequence(items)) => {
                        for item in items.iter() {
                            let start = collector.uses.len();
                            visit(None, item, mounts, collector);
                            if let Some(name) = item.text_at(&["name"]) {
                                of_container(name, list, collector, start);
                            }
                        }
                    }
                    (child, Value::Sequence(items))
                        if SECRET_LISTS.contains(&(key.unwrap_or_default(), child)) =>
                    {
                        for item in items.iter().filter(|item| item.as_str().is_some()) {
                            collector.add(Used::Secret, view(item), VALUES);
                        }
                    }
                    // Under a name of the chart's own, such as `apps`.
                    (list, Value::Sequence(items)) if are_containers(items) => {
                        for item in items.iter() {
                            let start = collector.uses.len();
                            visit(None, item, mounts, collector);
                            if let Some(name) = item.text_at(&["name"]) {
                                of_container(name, list, collector, start);
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
                            env_variable(child, collector, start);
                        }
                    }
                }
            }
        }
    }
}

/// Gives the uses from a position on the name of the environment variable that `node` is, or that is called `key`.
fn name_variable(collector: &mut Collector<'_>, from: usize, key: Option<&str>, node: &Node) {
    // A reference such as `secretKeyRef` bears the name of the object, not that of a variable.
    let own = node.text_at(&["name"]).filter(|_| node.get("key").is_none());
    if let Some(name) = own.or(key.filter(|key| is_variable(key))) {
        env_variable(name, collector, from);
    }
}

/// Whether a key is what environment variables are called.
fn is_variable(key: &str) -> bool {
    let is_upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    key.len() > 1 && key.bytes().all(is_upper)
}

/// Moves the uses from a position on, which are placed within a text, to where that stands.
fn place_in_text(collector: &mut Collector<'_>, from: usize, text: &Node) {
    let is_block = text
        .as_scalar()
        .is_some_and(|scalar| matches!(scalar.style, Style::Literal | Style::Folded));
    let moved = |mark: Mark| match is_block && mark.is_some() {
        true => Mark::new(mark.file, text.mark.line.saturating_add(mark.line)),
        false => text.mark,
    };
    for one in collector.uses.get_mut(from..).unwrap_or_default() {
        one.mark = moved(one.mark);
        one.stated = moved(one.stated);
    }
}

/// Whether a key holds environment variables.
fn is_env(key: &str) -> bool {
    key == "env" || any_case::ends_with(key, "env") || any_case::ends_with(key, "envvars")
}

/// The uses that were added since belong to a container.
fn of_container(name: &str, list: &str, collector: &mut Collector<'_>, start: usize) {
    for one in collector.uses.iter_mut().skip(start) {
        one.container.get_or_insert_with(|| name.to_owned());
        one.init |= list == "initContainers";
    }
}

/// The uses that were added since belong to one of several controllers.
fn of_controller(name: &str, collector: &mut Collector<'_>, start: usize) {
    for one in collector.uses.iter_mut().skip(start) {
        one.container = Some(match &one.container {
            Some(container) => format!("{name}/{container}"),
            None => name.to_owned(),
        });
    }
}

/// The uses that were added since give an environment variable its value.
fn env_variable(name: &str, collector: &mut Collector<'_>, start: usize) {
    for one in collector
        .uses
        .iter_mut()
        .skip(start)
        .filter(|one| one.how == "env")
    {
        one.env.get_or_insert_with(|| name.to_owned());
    }
}

/// How many containers values state.
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
    let is_one = |item: &Node| ["name", "image"].iter().all(|key| item.text_at(&[key]).is_some());
    !items.is_empty() && items.iter().all(is_one)
}

/// The list in a text such as `extraEnv: |`, which a chart fills in as it stands.
fn list_in_text(key: &str, value: &Node) -> Option<Node> {
    let text = value.as_str()?;
    let is_list = ["extra", "additional", "env"]
        .iter()
        .any(|start| any_case::starts_with(key, start))
        || any_case::ends_with(key, "env");
    if !is_list || !text.trim_start().starts_with(['-', '[']) {
        return None;
    }
    let list = yaml_node::read_documents(text, value.mark.file, &Limits::default()).ok()?;
    list.into_iter().next().filter(|list| !list.items().is_empty())
}

fn view(node: &Node) -> View<'_> {
    View::new(node, None, None)
}

fn is_volume_list(key: &str) -> bool {
    key == "volumes" || key.ends_with("Volumes") || key.ends_with("_volumes")
}

fn is_csi(node: &Node) -> bool {
    node.text_at(&["driver"]) == Some(CSI_DRIVER) && node.get("volumeAttributes").is_some()
}

fn pull_secret(item: &Node, collector: &mut Collector<'_>) {
    let name = item.get("name").unwrap_or(item);
    if name.as_str().is_some() {
        collector.add(Used::Secret, view(name), "imagePullSecret");
    }
}

/// A pod's volume.
fn volume(item: &Node, mounts: &[Mount], collector: &mut Collector<'_>) {
    let name = item.text_at(&["name"]).unwrap_or_default();
    let own: Vec<&Mount> = mounts.iter().filter(|mount| mount.volume == name).collect();
    with_mounts(collector, &own, |collector| collector.volume_source(view(item)));
}

/// Repeats the uses that `add` adds for each mount.
fn with_mounts(collector: &mut Collector<'_>, mounts: &[&Mount], add: impl FnOnce(&mut Collector<'_>)) {
    let start = collector.uses.len();
    add(collector);
    let added = collector.uses.split_off(start);
    for one in added {
        if mounts.is_empty() || (one.used == Used::Secret && one.how == "csi") {
            collector.uses.push(one);
            continue;
        }
        for mount in mounts {
            let mut mounted = one.clone();
            mounted.mount_path = Some(mount.path.clone());
            mounted.sub_path.clone_from(&mount.sub_path);
            collector.uses.push(mounted);
        }
    }
}

/// An entry of `envFrom`, in Kubernetes' form or in the short form of the common-library charts.
fn env_from(item: &Node, collector: &mut Collector<'_>) {
    for (long, short, used) in [
        ("secretRef", "secret", Used::Secret),
        ("configMapRef", "configMap", Used::ConfigMap),
    ] {
        let name = item.at(&[long, "name"]).or_else(|| item.get(short));
        if let Some(name) = name.filter(|name| name.as_str().is_some()) {
            collector.add(used, view(name), "envFrom");
        }
    }
}

fn value_from(from: &Node, collector: &mut Collector<'_>) {
    for (field, used) in [
        ("configMapKeyRef", Used::ConfigMap),
        ("secretKeyRef", Used::Secret),
    ] {
        let Some(reference) = from.get(field) else {
            continue;
        };
        let Some(name) = reference.get("name") else {
            continue;
        };
        let key = reference.text_at(&["key"]).map(str::to_owned);
        if let Some(added) = collector.add(used, view(name), "env") {
            added.key = key;
        }
    }
}

/// A volume of the common-library charts.
fn persistent(volume: &Node, collector: &mut Collector<'_>) {
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
            // `type: custom` holds a volume source as Kubernetes knows it.
            let source = volume.get("volumeSpec").unwrap_or(volume);
            with_mounts(collector, &mounts, |collector| {
                collector.volume_source(view(source))
            });
            return;
        }
    };
    if let Some(name) = volume.get("name").filter(|name| name.as_str().is_some()) {
        with_mounts(collector, &mounts, |collector| {
            collector.add(used, view(name), "volume");
        });
    }
}

/// `{path, subPath}` in `globalMounts` and `advancedMounts`, or `mountPath` itself.
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

/// Keys, some of them in a mapping or list of a name, under which charts state the name of a Secret and nothing else.
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

/// Lists of the names of Secrets, by the mapping that they stand in.
const SECRET_LISTS: &[(&str, &str)] = &[
    ("alertmanagerSpec", "secrets"),
    ("prometheusSpec", "secrets"),
    ("thanosRulerSpec", "secrets"),
];

fn names_secret(parent: Option<&str>, key: &str) -> bool {
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

/// `existingSecret` and its like: a text that names a Secret by the chart's convention. `parent` is the key of the
/// mapping in which `key` stands.
fn named_object(parent: Option<&str>, key: &str, value: &Node, collector: &mut Collector<'_>) {
    if value.as_str().is_none() {
        return;
    }
    let (used, how) = if names_secret(parent, key) {
        (Used::Secret, VALUES)
    } else if key == "existingConfigMap" || key == "existingConfigmap" {
        (Used::ConfigMap, VALUES)
    } else {
        // What stands in a reference is named by the reference: `tokenRef: {name}`, `existingSecret: {secretName}`.
        let names = |what: &dyn Fn(&str) -> bool| what(key) || (key == "name" && parent.is_some_and(what));
        let says = |words: &'static [&'static str]| {
            move |key: &str| words.iter().any(|word| any_case::contains(key, word))
        };
        if names(&says(&["configmap"])) {
            (Used::ConfigMap, CONVENTION)
        } else if names(&says(&["secret", "credential"]))
            || (key == "name" && parent.is_some_and(|parent| parent.ends_with("Ref")))
        {
            (Used::Secret, CONVENTION)
        } else {
            return;
        }
    };
    if let Some(added) = collector.add(used, view(value), how)
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

    /// The repository makes everything whose name begins with `made`.
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
