//! Evaluation of repositories in which something is wrong or unknown.

use std::sync::Arc;

use flux_evaluate::{
    ClusterArg, Evaluation, GivenSources, ScanError, ScanOptions, Vars, discover, entries, evaluate, render,
};
use pretty_assertions::assert_eq;
use source_tree::{MemoryTree, ObjectRef, RepoPath, Severity, SourceTree};

/// A given source.
fn given(name: ObjectRef, tree: MemoryTree) -> GivenSources {
    let tree: Arc<dyn SourceTree> = Arc::new(tree);
    GivenSources::from_iter([(name, tree)])
}

/// A repository with the entry `clusters/main`, bootstrapped from `GitRepository/flux-system/flux-system`.
struct Repository {
    tree: MemoryTree,
    options: ScanOptions,
}

impl Repository {
    fn new(files: &[(&str, &str)]) -> Self {
        let sync = kustomization("flux-system", "./clusters/main", "");
        let mut tree: MemoryTree = files.iter().copied().collect();
        let text = format!(
            "{}---\n{sync}",
            source("flux-system", "https://git.example.com/fleet")
        );
        tree.insert("clusters/main/flux-system/gotk-sync.yaml", text.as_bytes());
        let clusters = vec![ClusterArg {
            joined: Vec::new(),
            name: None,
            path: RepoPath::new("clusters/main"),
        }];
        Repository {
            tree,
            options: ScanOptions {
                clusters,
                ..ScanOptions::default()
            },
        }
    }

    fn evaluate(&self) -> Evaluation {
        let tree: Arc<dyn SourceTree> = Arc::new(self.tree.clone());
        let entry = entries(&tree, &self.options).unwrap().remove(0);
        evaluate(&tree, &entry, &self.options).unwrap()
    }

    /// Code and place of every diagnostic.
    fn codes(&self) -> Vec<String> {
        let evaluation = self.evaluate();
        let diagnostics = evaluation.diagnostics.iter();
        diagnostics
            .map(|d| {
                format!(
                    "{} {}",
                    d.code,
                    d.place.as_ref().map_or(String::new(), ToString::to_string)
                )
            })
            .collect()
    }

    /// The `data` of a ConfigMap as Flux applies it and as the model shows it.
    fn data(&self, name: &str) -> (String, String) {
        let evaluation = self.evaluate();
        let mut objects = evaluation.kustomizations.iter().flat_map(|k| &k.objects);
        let object = objects
            .find(|object| object.node.text_at(&["metadata", "name"]) == Some(name))
            .unwrap();
        let data = |node: &yaml_node::Node| node.get("data").unwrap().to_json().unwrap().to_string();
        (
            data(object.rendered.as_ref().unwrap_or(&object.node)),
            data(&object.node),
        )
    }
}

fn source(name: &str, url: &str) -> String {
    format!(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {{name: {name}, namespace: flux-system}}\n\
         spec: {{interval: 1m, url: '{url}', ref: {{branch: main}}}}\n"
    )
}

/// `more` are more lines of `spec`, indented by two.
fn kustomization(name: &str, path: &str, more: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\n\
         spec:\n  path: {path}\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{more}  interval: 10m\n  prune: true\n"
    )
}

fn config_map(name: &str, data: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: flux-system\ndata:\n{data}"
    )
}

fn substitute_from(kind: &str, name: &str) -> String {
    format!("  postBuild:\n    substituteFrom:\n    - {{kind: {kind}, name: {name}}}\n")
}

#[test]
fn a_healthy_repository_has_no_diagnostics() {
    let apps = kustomization("apps", "./apps", "");
    let repository = Repository::new(&[
        ("clusters/main/apps.yaml", &apps),
        ("apps/x.yaml", &config_map("x", "  k: v\n")),
    ]);
    assert_eq!(repository.codes(), [""; 0]);
    let evaluation = repository.evaluate();
    let ids: Vec<_> = evaluation
        .kustomizations
        .iter()
        .map(|k| k.id.clone().unwrap().to_string())
        .collect();
    assert_eq!(ids, ["flux-system/flux-system", "flux-system/apps"]);
    assert_eq!(evaluation.root.id, evaluation.kustomizations[0].id);
    assert_eq!(evaluation.kustomizations[1].parent, evaluation.root.id);
    assert!(
        evaluation
            .self_sources
            .contains(&ObjectRef::new("GitRepository", "flux-system", "flux-system"))
    );
}

#[test]
fn paths_are_clamped_to_the_source_and_may_be_missing() {
    let apps = kustomization("apps", "../../../apps", "");
    let gone = kustomization("gone", "./apps/gone", "");
    let repository = Repository::new(&[
        ("clusters/main/apps.yaml", &apps),
        ("clusters/main/gone.yaml", &gone),
        ("apps/x.yaml", &config_map("x", "  k: v\n")),
    ]);
    assert_eq!(repository.codes(), ["path-missing clusters/main/gone.yaml:5"]);
    assert_eq!(repository.data("x").0, r#"{"k":"v"}"#);
}

#[test]
fn sources_are_missing_elsewhere_or_given() {
    let elsewhere = kustomization("a", "./x", "").replace("name: flux-system}\n", "name: other}\n");
    let missing = kustomization("b", "./x", "").replace("name: flux-system}\n", "name: none}\n");
    let mut repository = Repository::new(&[
        ("clusters/main/a.yaml", &elsewhere),
        ("clusters/main/b.yaml", &missing),
        (
            "clusters/main/other.yaml",
            &source("other", "https://git.example.com/other"),
        ),
    ]);
    assert_eq!(
        repository.codes(),
        [
            "source-unresolved clusters/main/a.yaml:6",
            "source-missing clusters/main/b.yaml:6"
        ]
    );
    let other: MemoryTree = [("x/c.yaml", &*config_map("c", "  k: v\n"))]
        .into_iter()
        .collect();
    let name = ObjectRef {
        kind: "GitRepository".into(),
        namespace: "flux-system".into(),
        name: "other".into(),
    };
    repository.options.sources = Some(Arc::new(given(name, other)));
    assert_eq!(repository.codes(), ["source-missing clusters/main/b.yaml:6"]);
    let evaluation = repository.evaluate();
    let object = &evaluation.kustomizations[1].objects[0];
    let place = evaluation.files.place(object.mark).unwrap().to_string();
    assert_eq!(place, "GitRepository/flux-system/other:x/c.yaml:1");
}

#[test]
fn the_same_url_is_this_repository_whatever_its_name() {
    let other = kustomization("a", "./x", "").replace("name: flux-system}\n", "name: other}\n");
    let repository = Repository::new(&[
        ("clusters/main/a.yaml", &other),
        (
            "clusters/main/other.yaml",
            &source("other", "ssh://git@git.example.com/fleet.git"),
        ),
        ("x/c.yaml", &config_map("c", "  k: v\n")),
    ]);
    assert_eq!(repository.codes(), [""; 0]);
    assert_eq!(repository.data("c").0, r#"{"k":"v"}"#);
}

#[test]
fn values_come_from_what_other_kustomizations_build() {
    // The value is itself substituted, across two Kustomizations.
    let config = kustomization("config", "./config", "  postBuild: {substitute: {env: prod}}\n");
    let apps = kustomization("apps", "./apps", &substitute_from("ConfigMap", "settings"));
    let repository = Repository::new(&[
        ("clusters/main/apps.yaml", &apps),
        ("clusters/main/config.yaml", &config),
        (
            "config/settings.yaml",
            &config_map("settings", "  domain: ${env}.example.com\n  half: a-${gone}\n"),
        ),
        (
            "apps/x.yaml",
            &config_map("x", "  a: ${domain}\n  b: ${half}\n  c: ${none:=d}\n"),
        ),
    ]);
    let (rendered, shown) = repository.data("x");
    assert_eq!(rendered, r#"{"a":"prod.example.com","b":"a-","c":"d"}"#);
    assert_eq!(shown, r#"{"a":"prod.example.com","b":"a-${gone}","c":"d"}"#);
    assert_eq!(repository.codes(), ["variable-undefined config/settings.yaml:8"]);
    let evaluation = repository.evaluate();
    let apps = &evaluation.kustomizations[1];
    let domain = &apps.variable_uses["domain"];
    assert!(domain.known && !domain.defaulted);
    assert_eq!(
        domain.defined_in.as_ref().map(ToString::to_string).as_deref(),
        Some("ConfigMap/flux-system/settings")
    );
    assert!(!apps.variable_uses["half"].known);
    assert!(evaluation.variables.sources[&ObjectRef::new("ConfigMap", "flux-system", "settings")].known);
}

#[test]
fn secret_values_are_rendered_and_never_shown() {
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: flux-system}\nstringData: {token: hush-hush}\n";
    let apps = kustomization("apps", "./apps", &substitute_from("Secret", "s"));
    let repository = Repository::new(&[
        ("clusters/main/apps.yaml", &apps),
        ("clusters/main/secret.yaml", secret),
        (
            "apps/x.yaml",
            &config_map("x", "  a: '${token}'\n  b: '${token:=d}'\n"),
        ),
    ]);
    let (rendered, shown) = repository.data("x");
    assert_eq!(rendered, r#"{"a":"hush-hush","b":"hush-hush"}"#);
    assert_eq!(shown, r#"{"a":"${token}","b":"${token}"}"#);
    let evaluation = repository.evaluate();
    assert_eq!(
        evaluation.variables.sources[&ObjectRef::new("Secret", "flux-system", "s")].values["token"],
        None
    );
    assert!(!format!("{:?}", evaluation.variables).contains("hush"));
    assert!(!format!("{:?}", evaluation.diagnostics).contains("hush"));
}

#[test]
fn secret_and_unknown_values_stay_so_when_passed_on() {
    let secrets = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: flux-system}\nstringData: {greeting: hush-hush}\n---\n\
                   apiVersion: v1\nkind: Secret\nmetadata: {name: e, namespace: flux-system}\n\
                   stringData: {sealed: 'ENC[AES256_GCM,data:x,type:str]'}\nsops: {mac: x}\n";
    let from = "  postBuild: {substituteFrom: [{kind: Secret, name: s}, {kind: Secret, name: e}], substitute: {zone: eu}}\n";
    let apps = kustomization("apps", "./apps", from);
    let given = "  postBuild: {substitute: {word: '${greeting}', whole: '${sealed}', part: 'x-${sealed}', zone: '${zone}', none: '${gone}'}}\n";
    let child = kustomization("child", "./child", given);
    let data = "  a: '${word}'\n  b: '${whole}'\n  c: '${part}'\n  d: '${zone}'\n  e: '${whole:=d}'\n";
    let repository = Repository::new(&[
        ("clusters/main/apps.yaml", &apps),
        ("clusters/main/secrets.yaml", secrets),
        ("apps/child.yaml", &child),
        ("child/x.yaml", &config_map("x", data)),
    ]);
    let (rendered, shown) = repository.data("x");
    assert_eq!(
        rendered,
        r#"{"a":"hush-hush","b":null,"c":"x-","d":"eu","e":"d"}"#
    );
    assert_eq!(
        shown,
        r#"{"a":"${greeting}","b":"${sealed}","c":"x-${sealed}","d":"eu","e":"${sealed}"}"#
    );
    // The undefined variable is that of the parent, so the child has no finding.
    assert_eq!(repository.codes(), ["variable-undefined apps/child.yaml:7"]);
}

#[test]
fn an_encrypted_secret_is_undefined_without_a_finding() {
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: flux-system}\n\
                  stringData: {token: 'ENC[AES256_GCM,data:x,type:str]'}\nsops: {mac: x}\n";
    let more = format!("{}    substitute: {{plain: p}}\n", substitute_from("Secret", "s"));
    let apps = kustomization("apps", "./apps", &more);
    let mut repository = Repository::new(&[
        ("clusters/main/apps.yaml", &apps),
        ("clusters/main/secret.yaml", secret),
        (
            "apps/x.yaml",
            &config_map("x", "  a: x${token}\n  b: ${token:=d}\n  c: ${plain}\n"),
        ),
    ]);
    let (rendered, shown) = repository.data("x");
    assert_eq!(rendered, r#"{"a":"x","b":"d","c":"p"}"#);
    assert_eq!(shown, r#"{"a":"x${token}","b":"${token}","c":"p"}"#);
    repository.options.strict = true;
    assert_eq!(repository.codes(), [""; 0]);
    assert_eq!(
        repository.evaluate().kustomizations[1].encrypted,
        [ObjectRef::new("Secret", "flux-system", "s")]
    );
}

#[test]
fn values_from_outside_replace_objects_or_are_defaults() {
    let apps = kustomization(
        "apps",
        "./apps",
        &substitute_from("ConfigMap", "made-by-terraform"),
    );
    let mut repository = Repository::new(&[
        ("clusters/main/apps.yaml", &apps),
        ("apps/x.yaml", &config_map("x", "  a: ${zone}\n  b: ${more}\n")),
    ]);
    assert_eq!(
        repository.codes(),
        [
            "variable-undefined apps/x.yaml:7",
            "variable-undefined apps/x.yaml:8",
            "substitute-from-missing clusters/main/apps.yaml:9"
        ]
    );
    // Without variables Flux skips substitution.
    assert_eq!(repository.data("x").0, r#"{"a":"${zone}","b":"${more}"}"#);
    let object = ObjectRef {
        kind: "ConfigMap".into(),
        namespace: "flux-system".into(),
        name: "made-by-terraform".into(),
    };
    repository.options.vars = vec![
        Vars {
            object: Some(object),
            file: "a.env".into(),
            text: "zone=eu\n".into(),
        },
        Vars {
            object: None,
            file: "b.env".into(),
            text: "more=m\nzone=lost\n".into(),
        },
    ];
    assert_eq!(repository.codes(), [""; 0]);
    assert_eq!(repository.data("x").0, r#"{"a":"eu","b":"m"}"#);
}

#[test]
fn an_undefined_variable_fails_in_strict_mode_only() {
    let apps = kustomization("apps", "./apps", "  postBuild: {substitute: {a: b}}\n");
    let mut repository = Repository::new(&[
        ("clusters/main/apps.yaml", &apps),
        ("apps/x.yaml", &config_map("x", "  a: v\n  b: ${gone}\n")),
    ]);
    // If the version is unknown, the newest is assumed, which is strict.
    let state = |repository: &Repository| {
        assert_eq!(repository.codes(), ["variable-undefined apps/x.yaml:8"]);
        let evaluation = repository.evaluate();
        let apps = &evaluation.kustomizations[1];
        assert_eq!(apps.objects.len(), 1);
        apps.error.is_some()
    };
    assert!(state(&repository));
    repository.tree.insert(
        "clusters/main/flux-system/namespace.yaml",
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: flux-system\n  labels: {app.kubernetes.io/part-of: flux, \
         app.kubernetes.io/version: v2.7.5}\n"
            .as_bytes(),
    );
    assert!(!state(&repository));
    repository.options.strict = true;
    assert!(state(&repository));
}

#[test]
fn a_failure_has_its_line_and_affects_nothing_else() {
    let more = "  postBuild: {substitute: {n: '1', quote: \"it's\"}}\n";
    let all = ["broken", "retyped", "types", "build"]
        .map(|name| kustomization(name, &format!("./{name}"), more))
        .join("---\n")
        .replace(
            "path: ./types\n",
            "path: ./types\n  commonMetadata: {labels: {a: 1}}\n",
        );
    let repository = Repository::new(&[
        ("clusters/main/all.yaml", &all),
        ("broken/x.yaml", &config_map("x", "  ok: a\n  bad: ${my-var}\n")),
        ("retyped/x.yaml", &config_map("y", "  n: ${n}\n")),
        ("types/x.yaml", &config_map("z", "  k: v\n")),
        ("build/kustomization.yaml", "resources: [gone.yaml]\n"),
    ]);
    assert_eq!(
        repository.codes(),
        [
            "substitution-failed broken/x.yaml:8",
            "build-failed build/kustomization.yaml:1",
            "field-invalid clusters/main/all.yaml:26",
            "retyped-value retyped/x.yaml:7",
        ]
    );
    let evaluation = repository.evaluate();
    let applied: Vec<usize> = evaluation
        .kustomizations
        .iter()
        .map(|k| k.objects.len())
        .collect();
    assert_eq!(applied, [6, 0, 1, 1, 0]);
}

#[test]
fn a_circle_of_values_is_a_diagnostic() {
    let a = kustomization("a", "./a", &substitute_from("ConfigMap", "from-b"));
    let b = kustomization("b", "./b", &substitute_from("ConfigMap", "from-a"));
    let own = kustomization("own", "./own", &substitute_from("ConfigMap", "from-own"));
    let files = [
        ("clusters/main/a.yaml", &*a),
        ("clusters/main/b.yaml", &*b),
        ("clusters/main/own.yaml", &*own),
        ("a/x.yaml", &config_map("from-a", "  k: v\n")),
        ("b/x.yaml", &config_map("from-b", "  k: v\n")),
        ("own/x.yaml", &config_map("from-own", "  k: v\n")),
    ];
    assert_eq!(
        Repository::new(&files).codes(),
        [
            "dependency-cycle clusters/main/a.yaml:9",
            "dependency-cycle clusters/main/b.yaml:9",
            "dependency-cycle clusters/main/own.yaml:9",
        ]
    );
}

#[test]
fn values_that_grow_in_a_circle_come_to_an_end() {
    let a = kustomization("a", "./a", &substitute_from("ConfigMap", "from-b"));
    let b = kustomization("b", "./b", &substitute_from("ConfigMap", "from-a"));
    let repository = Repository::new(&[
        ("clusters/main/a.yaml", &a),
        ("clusters/main/b.yaml", &b),
        ("a/x.yaml", &config_map("from-a", "  v: x${w}${w}\n")),
        ("b/x.yaml", &config_map("from-b", "  w: y${v}${v}\n")),
    ]);
    assert!(
        repository
            .codes()
            .iter()
            .any(|code| code.starts_with("limit-reached"))
    );
}

#[test]
fn the_result_does_not_depend_on_threads() {
    let apps = kustomization("apps", "./apps", &substitute_from("ConfigMap", "settings"));
    let mut repository = Repository::new(&[
        ("clusters/main/apps.yaml", &apps),
        ("clusters/main/settings.yaml", &config_map("settings", "  k: v\n")),
        ("apps/x.yaml", &config_map("x", "  a: ${k}\n")),
    ]);
    let all: String = render::jsonl(&repository.evaluate(), None).collect();
    repository.options.jobs = Some(1);
    assert_eq!(
        render::jsonl(&repository.evaluate(), None).collect::<String>(),
        all
    );
    repository.options.jobs = Some(4);
    assert_eq!(
        render::jsonl(&repository.evaluate(), None).collect::<String>(),
        all
    );
}

#[test]
fn yaml_carries_the_labels_of_the_owner() {
    let apps = kustomization("apps", "./apps", "");
    let repository = Repository::new(&[
        ("clusters/main/apps.yaml", &apps),
        ("apps/x.yaml", &config_map("x", "  k: v\n")),
    ]);
    assert_eq!(
        render::yaml(&repository.evaluate(), Some("flux-system/apps")).collect::<String>(),
        "---\napiVersion: v1\ndata:\n  k: v\nkind: ConfigMap\nmetadata:\n  labels:\n    \
         kustomize.toolkit.fluxcd.io/name: apps\n    kustomize.toolkit.fluxcd.io/namespace: flux-system\n  \
         name: x\n  namespace: flux-system\n"
    );
}

#[test]
fn a_repository_without_entry_and_an_entry_that_is_missing_are_errors() {
    let tree: Arc<dyn SourceTree> = Arc::new(MemoryTree::from_iter([("README.md", "x")]));
    let found = discover(&tree, &ScanOptions::default());
    assert!(matches!(found, Err(ScanError::NoEntry { .. })));
    let options = ScanOptions {
        clusters: vec![ClusterArg {
            joined: Vec::new(),
            name: None,
            path: RepoPath::new("clusters/gone"),
        }],
        ..ScanOptions::default()
    };
    let error = entries(&tree, &options).map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "no folder clusters/gone in the repository");
}

#[test]
fn a_secret_that_an_operator_makes_is_no_fault() {
    let apps = kustomization("apps", "./apps", &substitute_from("Secret", "s"));
    let external = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: e, namespace: flux-system}\n\
                    spec: {target: {name: s}}\n";
    let repository = Repository::new(&[
        ("clusters/main/apps.yaml", &apps),
        ("clusters/main/external.yaml", external),
        ("apps/x.yaml", &config_map("x", "  k: v\n")),
    ]);
    let diagnostic = repository.evaluate().diagnostics.remove(0);
    assert_eq!(diagnostic.severity, Severity::Info);
    assert!(
        diagnostic.message.contains("ExternalSecret/flux-system/e"),
        "{}",
        diagnostic.message
    );
    assert_eq!(
        repository.evaluate().kustomizations[1].missing,
        [ObjectRef::new("Secret", "flux-system", "s")]
    );
}

/// A source with `include`, given as the entries of a flow list.
fn including(name: &str, url: &str, include: &str) -> String {
    source(name, url).trim_end().trim_end_matches('}').to_owned() + &format!("}}, include: [{include}]}}\n")
}

#[test]
fn a_source_includes_folders_of_others() {
    let of_composed = |name: &str, path: &str| {
        kustomization(name, path, "").replace("name: flux-system}\n", "name: composed}\n")
    };
    let mut repository = Repository::new(&[
        ("clusters/main/a.yaml", &of_composed("a", "./vendor/web")),
        ("clusters/main/b.yaml", &of_composed("b", "./b")),
        ("clusters/main/c.yaml", &of_composed("c", "./c")),
        (
            "clusters/main/composed.yaml",
            &including(
                "composed",
                "https://git.example.com/fleet",
                "{repository: {name: other}, fromPath: deploy, toPath: vendor/web}",
            ),
        ),
        (
            "clusters/main/other.yaml",
            &source("other", "https://git.example.com/other"),
        ),
        ("b/kustomization.yaml", "resources: [../vendor/web/y.yaml]\n"),
        ("c/x.yaml", &config_map("x", "  k: v\n")),
    ]);
    assert_eq!(
        repository.codes(),
        [
            "source-unresolved b/kustomization.yaml:1",
            "source-unresolved clusters/main/a.yaml:5",
            "source-unresolved clusters/main/composed.yaml:4"
        ]
    );
    let evaluation = repository.evaluate();
    let state = |name: &str| {
        let found = evaluation
            .kustomizations
            .iter()
            .find(|k| k.id.as_ref().unwrap().name == name);
        let found = found.unwrap();
        (found.external, found.error.is_some(), found.objects.len())
    };
    assert_eq!(state("a"), (true, false, 0));
    assert_eq!(state("b"), (false, false, 0));
    assert_eq!(state("c"), (false, false, 1));
    let other: MemoryTree = [("deploy/y.yaml", &*config_map("y", "  k: v\n")), ("x.yaml", "no")]
        .into_iter()
        .collect();
    let name = ObjectRef {
        kind: "GitRepository".into(),
        namespace: "flux-system".into(),
        name: "other".into(),
    };
    repository.options.sources = Some(Arc::new(given(name, other)));
    assert_eq!(repository.codes(), [""; 0]);
    assert_eq!(repository.data("y").0, r#"{"k":"v"}"#);
    let evaluation = repository.evaluate();
    let object = &evaluation.kustomizations[1].objects[0];
    let place = evaluation.files.place(object.mark).unwrap().to_string();
    assert_eq!(place, "GitRepository/flux-system/other:deploy/y.yaml:1");
}

#[test]
fn failed_includes_have_a_reason() {
    let own = "https://git.example.com/fleet";
    for (include, others, expected) in [
        ("{repository: {name: none}}", String::new(), "source-missing"),
        (
            "{repository: {name: composed}}",
            String::new(),
            "dependency-cycle",
        ),
        (
            "{repository: {name: flux-system}, fromPath: none}",
            String::new(),
            "path-missing",
        ),
        (
            "{repository: {name: flux-system}, toPath: x}",
            String::new(),
            "build-failed",
        ),
        ("{repository: {name: flux-system}}", String::new(), ""),
    ] {
        let repository = Repository::new(&[
            (
                "clusters/main/composed.yaml",
                &including("composed", own, include),
            ),
            ("clusters/main/others.yaml", &others),
            ("x/c.yaml", &config_map("c", "  k: v\n")),
        ]);
        let expected: Vec<String> = match expected {
            "" => Vec::new(),
            code => vec![format!("{code} clusters/main/composed.yaml:4")],
        };
        assert_eq!(repository.codes(), expected, "{include}");
    }
}

#[test]
fn includes_in_a_circle_or_without_end_are_found() {
    let own = "https://git.example.com/fleet";
    let circle =
        |name: &str, other: &str| including(name, own, &format!("{{repository: {{name: {other}}}}}"));
    let repository = Repository::new(&[
        ("clusters/main/a.yaml", &circle("a", "b")),
        ("clusters/main/b.yaml", &circle("b", "a")),
    ]);
    let found = repository.evaluate().diagnostics;
    assert!(
        !found.is_empty() && found.iter().all(|d| d.code == "dependency-cycle"),
        "{found:?}"
    );
    // Each includes the next one twice, so the last would be included 2^20 times.
    let files: Vec<(String, String)> = (0..20)
        .map(|index| {
            let (name, next) = (format!("s{index}"), format!("s{}", index + 1));
            let twice = format!(
                "{{repository: {{name: {next}}}, toPath: a}}, {{repository: {{name: {next}}}, toPath: b}}"
            );
            (
                format!("clusters/main/{name}.yaml"),
                including(&name, own, &twice),
            )
        })
        .chain([("clusters/main/s20.yaml".into(), source("s20", own))])
        .collect();
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let found = Repository::new(&files).evaluate().diagnostics;
    assert!(
        !found.is_empty() && found.iter().all(|d| d.code == "limit-reached"),
        "{found:?}"
    );
}

#[test]
fn a_remote_base_costs_its_kustomization_and_no_given_source_stands_for_it() {
    let of = |name: &str| kustomization(name, &format!("./{name}"), "");
    let mut repository = Repository::new(&[
        (
            "clusters/main/all.yaml",
            &format!("{}---\n{}", of("remote"), of("beside")),
        ),
        (
            "clusters/main/other.yaml",
            &source("other", "https://github.com/x/y"),
        ),
        (
            "remote/kustomization.yaml",
            "resources:\n- x.yaml\n- https://github.com/x/y//dir?ref=z\n",
        ),
        ("remote/x.yaml", &config_map("x", "  k: v\n")),
        ("beside/z.yaml", &config_map("z", "  k: v\n")),
    ]);
    let other: MemoryTree = [
        ("dir/kustomization.yaml", "resources: [y.yaml]\n"),
        ("dir/y.yaml", &*config_map("y", "  k: v\n")),
    ]
    .into_iter()
    .collect();
    let name = ObjectRef {
        kind: "GitRepository".into(),
        namespace: "flux-system".into(),
        name: "other".into(),
    };
    for given in [false, true] {
        if given {
            repository.options.sources = Some(Arc::new(self::given(name.clone(), other.clone())));
        }
        assert_eq!(
            repository.codes(),
            ["remote-unresolved remote/kustomization.yaml:3"],
            "{given}"
        );
        let evaluation = repository.evaluate();
        let [_, remote, beside] = evaluation.kustomizations.as_slice() else {
            unreachable!("three Kustomizations");
        };
        // Only the remote line is left out.
        assert!(remote.objects.len() == 1 && remote.error.is_none());
        assert_eq!(remote.left_out.len(), 1);
        assert!(beside.objects.len() == 1 && beside.error.is_none());
    }
}

#[test]
fn the_source_of_the_entry_may_include_others() {
    let other = source("other", "https://git.example.com/other");
    let mut repository = Repository::new(&[
        (
            "clusters/main/kustomization.yaml",
            "resources: [flux-system/gotk-sync.yaml, ../../vendor/apps, other.yaml]\n",
        ),
        ("clusters/main/other.yaml", &other),
        ("x/c.yaml", &config_map("c", "  k: v\n")),
    ]);
    let sync = including(
        "flux-system",
        "https://git.example.com/fleet",
        "{repository: {name: other}, toPath: vendor}",
    );
    let sync = format!(
        "{sync}---\n{}",
        kustomization("flux-system", "./clusters/main", "")
    );
    repository
        .tree
        .insert("clusters/main/flux-system/gotk-sync.yaml", sync.as_bytes());
    assert_eq!(
        repository.codes(),
        [
            "source-unresolved clusters/main/flux-system/gotk-sync.yaml:4",
            "source-unresolved clusters/main/kustomization.yaml:1"
        ]
    );
    let apps: MemoryTree = [
        ("apps/kustomization.yaml", "resources: [x.yaml]\n"),
        ("apps/x.yaml", &*kustomization("x", "./x", "")),
    ]
    .into_iter()
    .collect();
    let name = ObjectRef {
        kind: "GitRepository".into(),
        namespace: "flux-system".into(),
        name: "other".into(),
    };
    repository.options.sources = Some(Arc::new(given(name, apps)));
    assert_eq!(repository.codes(), [""; 0]);
    assert_eq!(repository.data("c").0, r#"{"k":"v"}"#);
}
