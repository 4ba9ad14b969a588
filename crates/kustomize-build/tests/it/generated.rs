//! Comparison with the kustomize binary on random trees.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::common::{Outcome, compare, kustomize};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

/// A directory: its objects, the fields of its kustomization, and the directories that it includes.
#[derive(Clone, Debug)]
struct Dir {
    objects: Vec<String>,
    fields: Vec<String>,
    bases: Vec<Dir>,
}

impl Dir {
    fn write(&self, path: &Path) {
        fs::create_dir_all(path).unwrap();
        fs::write(path.join("data.txt"), "one\ntwo: 2\n").unwrap();
        fs::write(path.join("vars.env"), "A=1\n# no\n B = 2\n").unwrap();
        fs::write(path.join("objects.yaml"), self.objects.join("---\n")).unwrap();
        let mut text = "resources:\n- objects.yaml\n".to_owned();
        for (index, base) in self.bases.iter().enumerate() {
            base.write(&path.join(format!("base{index}")));
            writeln!(text, "- base{index}").unwrap();
        }
        text.extend(self.fields.iter().map(String::as_str));
        fs::write(path.join("kustomization.yaml"), text).unwrap();
    }
}

fn name() -> impl Strategy<Value = &'static str> {
    select(vec!["a", "b", "web", "db"])
}

fn metadata() -> impl Strategy<Value = String> {
    let namespace = select(vec!["", ", namespace: n1", ", namespace: default"]);
    let rest = select(vec![
        "",
        ", labels: {app: web}",
        ", labels: {tier: '1'}, annotations: {note: 'true'}",
        ", annotations: {internal.config.kubernetes.io/needsHashSuffix: enabled}",
        ", annotations: {note: |-\n    x\n    }",
    ]);
    (name(), namespace, rest).prop_map(|(name, namespace, rest)| {
        let rest = if rest.contains('\n') { "" } else { rest };
        format!("{{name: {name}{namespace}{rest}}}")
    })
}

fn pod() -> impl Strategy<Value = String> {
    let image = select(vec![
        "nginx",
        "nginx:1.0",
        "reg.io:5000/nginx:1@sha256:ab",
        "busybox",
    ]);
    let port = select(vec![
        "",
        ", ports: [{containerPort: 80}]",
        ", ports: [{containerPort: 80, protocol: TCP}]",
    ]);
    (image, port, name(), name()).prop_map(|(image, port, config, secret)| {
        format!(
            "{{containers: [{{name: main, image: '{image}'{port}, envFrom: [{{configMapRef: {{name: {config}}}}}], env: \
             [{{name: E, value: '1'}}, {{name: S, valueFrom: {{secretKeyRef: {{name: {secret}, key: k}}}}}}]}}]}}"
        )
    })
}

fn object() -> impl Strategy<Value = String> {
    let head = |api_version: &str, kind: &str, metadata: &str| {
        format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {metadata}\n")
    };
    prop_oneof![
        3 => (metadata(), pod(), select(vec!["Deployment", "StatefulSet", "DaemonSet"])).prop_map(move |(m, pod, kind)| {
            head("apps/v1", kind, &m)
                + &format!("spec: {{replicas: 1, selector: {{matchLabels: {{app: web}}}}, template: {{metadata: {{labels: {{app: web}}}}, spec: {pod}}}}}\n")
        }),
        1 => (metadata(), select(vec!["", ", protocol: TCP"])).prop_map(move |(m, protocol)| {
            head("v1", "Service", &m) + &format!("spec: {{selector: {{app: web}}, ports: [{{port: 80{protocol}}}, {{port: 443}}]}}\n")
        }),
        2 => (metadata(), select(vec!["v", "1", "'a: b'", "|\n    x\n    y\n"])).prop_map(move |(m, value)| {
            head("v1", "ConfigMap", &m) + &format!("data:\n  k: {value}\n")
        }),
        1 => metadata().prop_map(move |m| head("v1", "Secret", &m) + "stringData: {k: v}\n"),
        1 => metadata().prop_map(move |m| head("v1", "ServiceAccount", &m)),
        1 => (name(), name(), select(vec!["n1", "default"])).prop_map(move |(name, account, namespace)| {
            head("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", &format!("{{name: {name}}}"))
                + &format!("roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {account}}}\n")
                + &format!("subjects: [{{kind: ServiceAccount, name: {account}, namespace: {namespace}}}]\n")
        }),
        1 => name().prop_map(move |name| head("rbac.authorization.k8s.io/v1", "ClusterRole", &format!("{{name: {name}}}"))),
        1 => Just(head("v1", "Namespace", "{name: n1}")),
        1 => (metadata(), name()).prop_map(move |(m, name)| {
            head("example.com/v1", "Widget", &m) + &format!("spec: {{ref: {name}, list: [{{name: x}}, {{name: y}}], number: 1.50, containers: [{{image: nginx}}]}}\n")
        }),
    ]
}

fn field() -> impl Strategy<Value = String> {
    let literal = |texts: &[&str]| select(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
    prop_oneof![
        2 => literal(&["namespace: ns\n", "namePrefix: p-\n", "nameSuffix: -s\n"]),
        2 => literal(&[
            "commonLabels: {team: x}\n",
            "labels:\n- pairs: {team: y}\n  includeTemplates: true\n",
            "commonAnnotations: {owner: '1'}\n",
            "images:\n- name: nginx\n  newTag: '2'\n",
            "images:\n- name: busybox\n  newName: reg.io/busybox\n  digest: sha256:00\n",
            "sortOptions: {order: fifo}\n",
            "buildMetadata: [originAnnotations, managedByLabel]\n",
        ]),
        2 => literal(&[
            "configMapGenerator:\n- name: gen\n  literals: [k=v]\n  files: [data.txt]\n",
            "secretGenerator:\n- name: gen\n  envs: [vars.env]\n",
            "generatorOptions: {labels: {g: '1'}, annotations: {h: i}}\n",
        ]),
        1 => (name(), literal(&["Deployment", "Service|ConfigMap", ".*"])).prop_map(|(name, kind)| format!(
            "patches:\n- target: {{kind: {kind}, name: {name}}}\n  patch: |\n    - {{op: add, path: /metadata/annotations/j, value: k}}\n"
        )),
        1 => literal(&[
            "{kind: Deployment}\n  patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: x}\n    spec: {template: {spec: {containers: [{name: side, image: nginx}]}}}\n",
            "{kind: ConfigMap}\n  patch: |\n    kind: ConfigMap\n    metadata: {name: x, labels: {p: q}}\n    data: {k: null, n: '2'}\n",
            "{kind: Service}\n  patch: |\n    kind: Service\n    metadata: {name: x}\n    spec: {ports: [{port: 80, protocol: TCP, name: http}]}\n",
            "{kind: Widget}\n  patch: |\n    kind: Widget\n    metadata: {name: x}\n    spec: {list: [{name: z}], number: 2}\n",
        ]).prop_map(|rest| format!("patches:\n- target: {rest}")),
    ]
}

// A file may have each field once.
fn fields() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(field(), 0..5).prop_map(|mut fields| {
        let mut seen = std::collections::BTreeSet::new();
        fields.retain(|field| seen.insert(field.split(':').next().unwrap_or_default().to_owned()));
        fields
    })
}

fn dir() -> impl Strategy<Value = Dir> {
    let leaf = (proptest::collection::vec(object(), 1..5), fields()).prop_map(|(objects, fields)| Dir {
        objects,
        fields,
        bases: Vec::new(),
    });
    leaf.prop_recursive(2, 4, 2, |inner| {
        (
            proptest::collection::vec(object(), 1..3),
            fields(),
            proptest::collection::vec(inner, 1..3),
        )
            .prop_map(|(objects, fields, bases)| Dir {
                objects,
                fields,
                bases,
            })
    })
}

#[test]
fn random_trees_build_to_the_same_bytes() {
    let Some(kustomize) = kustomize() else {
        println!("skipped: no kustomize");
        return;
    };
    let config = Config {
        cases: 100,
        failure_persistence: None,
        ..Config::default()
    };
    let same = std::cell::Cell::new(0);
    let result = TestRunner::new(config).run(&dir(), |tree| {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        tree.write(&root);
        match compare(&kustomize, &root) {
            Outcome::Same => {
                same.set(same.get() + 1);
                Ok(())
            }
            Outcome::BothFail => Ok(()),
            Outcome::Differs(how) => Err(TestCaseError::fail(how)),
        }
    });
    println!("{} trees of 100 build", same.get());
    if let Err(error) = result {
        panic!("{error}");
    }
    assert!(same.get() > 20, "only {} trees of 100 build at all", same.get());
}
