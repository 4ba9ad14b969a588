//! Builds of small trees in memory: hostile input, marks, origins, and rules that few fixtures cover.

use std::sync::Arc;

use kustomize_build::{
    Build, BuildError, BuildOptions, LoadRestrictions, OriginKind, Reorder, Sources, build, build_with_root,
};
use pretty_assertions::assert_eq;
use source_tree::{FileTable, Limits, MemoryTree, RepoPath};

fn sources(files: &[(&str, &str)]) -> Sources {
    let tree: MemoryTree = files.iter().copied().collect();
    Sources::new(Arc::new(tree), FileTable::new(), Limits::default())
}

fn run(files: &[(&str, &str)], dir: &str) -> Result<Build, BuildError> {
    build(&sources(files), &RepoPath::new(dir), &BuildOptions::flux())
}

fn fails(files: &[(&str, &str)], dir: &str) -> String {
    run(files, dir)
        .map(|build| build.to_yaml())
        .unwrap_err()
        .to_string()
}

const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  k: v\n";

#[test]
fn cycles_are_refused() {
    let files = [
        ("a/kustomization.yaml", "resources: [../b]\n"),
        ("b/kustomization.yaml", "resources: [../a]\n"),
    ];
    assert!(fails(&files, "a").contains("cycle detected"));
    let own = [("a/kustomization.yaml", "components: [../a]\n")];
    assert!(fails(&own, "a").contains("cycle detected"));
    let up = [
        ("a/kustomization.yaml", "resources: [..]\n"),
        ("kustomization.yaml", "resources: []\n"),
    ];
    assert!(fails(&up, "a").contains("cycle detected"));
}

#[test]
fn bases_that_double_at_every_level_are_limited() {
    let mut files = Vec::new();
    for level in 0..40 {
        let next = level + 1;
        files.push((
            format!("b{level}/kustomization.yaml"),
            format!("resources: [../b{next}, ../b{next}]\n"),
        ));
    }
    files.push(("b40/kustomization.yaml".into(), "resources: []\n".into()));
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    assert!(matches!(run(&files, "b0"), Err(BuildError::Limit(_))));
}

#[test]
fn deep_chains_and_their_messages_are_limited() {
    let mut files = Vec::new();
    for level in 0..200 {
        files.push((
            format!("c{level}/kustomization.yaml"),
            format!(
                "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncomponents: [../c{}]\n",
                level + 1
            ),
        ));
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let error = run(&files, "c0").unwrap_err();
    assert!(matches!(error, BuildError::Limit(_)));
    assert!(error.to_string().len() < 1024 * 1024);
}

#[test]
fn paths_do_not_leave_the_tree() {
    for path in ["../../etc/passwd", "/etc/passwd", "https://example.com/x.yaml"] {
        let text = format!("configMapGenerator:\n- name: x\n  files: [a={path}]\n");
        let error = run(&[("a/kustomization.yaml", text.as_str())], "a").unwrap_err();
        assert_eq!(
            error.is_unresolved(),
            path.starts_with("https"),
            "{path}: {error}"
        );
    }
}

#[test]
fn restrictions_apply_to_files_but_not_bases() {
    let files = [
        ("a/kustomization.yaml", "resources: [../b, ../x.yaml]\n"),
        ("b/kustomization.yaml", "resources: []\n"),
        ("x.yaml", CONFIG_MAP),
    ];
    assert_eq!(run(&files, "a").unwrap().resources.len(), 1);
    let options = BuildOptions {
        load_restrictions: LoadRestrictions::RootOnly,
        ..BuildOptions::flux()
    };
    let error = build(&sources(&files), &RepoPath::new("a"), &options).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("security; file 'x.yaml' is not in or below 'a'"),
        "{error}"
    );
}

#[test]
fn a_given_kustomization_replaces_the_file() {
    let sources = sources(&[("a/x.yaml", CONFIG_MAP)]);
    let file = sources.files().id(&RepoPath::new("a/kustomization.yaml"));
    let text = "resources: [x.yaml]\nnamespace: ns\n";
    let node = yaml_node::read_yaml11(text, file, &Limits::default())
        .unwrap()
        .unwrap();
    let built = build_with_root(&sources, &RepoPath::new("a"), &node, &BuildOptions::flux()).unwrap();
    assert_eq!(built.resources[0].namespace(), "ns");
    let mark = built.resources[0]
        .node
        .at(&["metadata", "namespace"])
        .unwrap()
        .mark;
    assert_eq!(
        sources.files().place(mark).unwrap().to_string(),
        "a/kustomization.yaml:2"
    );
}

#[test]
fn origins_name_the_object_or_the_generator_entry() {
    let files = [
        (
            "a/kustomization.yaml",
            "resources: [../b]\nnamePrefix: p-\nconfigMapGenerator:\n- name: g\n  literals:\n  - k=v\n",
        ),
        ("b/kustomization.yaml", "resources: [r.yaml]\n"),
        (
            "b/r.yaml",
            "# comment\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n",
        ),
    ];
    let sources = sources(&files);
    let options = BuildOptions {
        reorder: Some(Reorder::None),
        ..BuildOptions::default()
    };
    let built = build(&sources, &RepoPath::new("a"), &options).unwrap();
    let origins: Vec<_> = built
        .resources
        .iter()
        .map(|resource| {
            (
                sources.files().place(resource.origin.mark).unwrap().to_string(),
                resource.origin.kind,
            )
        })
        .collect();
    assert_eq!(
        origins,
        [
            ("b/r.yaml:3".to_owned(), OriginKind::File),
            (
                "a/kustomization.yaml:4".to_owned(),
                OriginKind::ConfigMapGenerator
            ),
        ]
    );
    let data = built.resources[1].node.at(&["data", "k"]).unwrap().mark;
    assert_eq!(
        sources.files().place(data).unwrap().to_string(),
        "a/kustomization.yaml:6"
    );
    let name = built.resources[0].node.at(&["metadata", "name"]).unwrap().mark;
    assert_eq!(
        sources.files().place(name).unwrap().to_string(),
        "a/kustomization.yaml:2"
    );
}

#[test]
fn an_openapi_document_decides_the_scope_of_its_types() {
    let document = concat!(
        "definitions: {}\npaths:\n",
        "  /apis/ex.com/v1/things:\n    get: {x-kubernetes-group-version-kind: {group: ex.com, kind: Thing, version: v1}}\n",
    );
    let files = [
        (
            "kustomization.yaml",
            "resources: [x.yaml]\nnamespace: ns\nopenapi: {path: schema.yaml}\n",
        ),
        (
            "x.yaml",
            "apiVersion: ex.com/v1\nkind: Thing\nmetadata: {name: x}\n",
        ),
        ("schema.yaml", document),
    ];
    assert_eq!(run(&files, "").unwrap().resources[0].namespace(), "");
    let without = [
        ("kustomization.yaml", "resources: [x.yaml]\nnamespace: ns\n"),
        files[1],
    ];
    assert_eq!(run(&without, "").unwrap().resources[0].namespace(), "ns");
}

#[test]
fn remote_resources_charts_and_plugins_are_unresolved() {
    for text in [
        "resources: ['github.com/o/r//d?ref=v1']\n",
        "resources: ['https://example.com/x.yaml']\n",
        "components: ['git@github.com:o/r.git//d']\n",
        "helmCharts: [{name: x}]\n",
        "transformers: ['{apiVersion: example.com/v1, kind: T, metadata: {name: x}}']\n",
    ] {
        let error = run(&[("kustomization.yaml", text)], "").unwrap_err();
        assert!(error.is_unresolved(), "{text}{error}");
    }
    let missing = run(&[("kustomization.yaml", "resources: [x.yaml]\n")], "").unwrap_err();
    assert!(!missing.is_unresolved());
}

#[test]
fn errors_name_file_and_line() {
    for (text, line) in [
        ("namespace: ns\nfoo: 1\n", 2),
        ("resources:\n- a.yaml\n- b.yaml\n", 2),
        (
            "patches:\n- patch: |\n    kind: ConfigMap\n    metadata: {name: x}\n  \n",
            3,
        ),
        ("replicas:\n- name: x\n  count: 2\n", 2),
    ] {
        let sources = sources(&[("kustomization.yaml", text)]);
        let error = build(&sources, &RepoPath::root(), &BuildOptions::flux()).unwrap_err();
        let place = error.place(sources.files()).map(|place| place.to_string());
        assert_eq!(place, Some(format!("kustomization.yaml:{line}")), "{error}");
    }
}
