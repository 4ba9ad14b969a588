//! Cases in data files, and the generators of real repositories.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use camino::Utf8Path;
use pretty_assertions::assert_eq;
use source_tree::{Budget, DiskTree, EntryKind, FileId, FileTable, Limits, MemoryTree, RepoPath, SourceTree};
use yaml_node::{Node, read_documents};

use super::{Generated, SourceReference, generate};
use crate::ArtifactTree;

type Files = BTreeMap<String, String>;

/// Each document has `spec`, `sources` (texts by path, by name of the source) and `artifacts` (texts by path, by name;
/// `null` for unavailable content), `findings` (messages).
const CASES: &str = include_str!("../../tests/data/artifact_generator/cases.yaml");

#[test]
fn artifacts_are_copied_by_the_rules() {
    let documents = read_documents(CASES, FileId::NONE, &Limits::default()).unwrap();
    assert!(documents.len() > 20);
    for case in documents {
        check(&case);
    }
}

fn check(case: &Node) {
    let name = case.text_at(&["case"]).unwrap();
    let object = Node::mapping([
        ("apiVersion", Node::str("source.extensions.fluxcd.io/v1beta1")),
        ("kind", Node::str("ArtifactGenerator")),
        (
            "metadata",
            Node::mapping([("name", Node::str("g")), ("namespace", Node::str("apps"))]),
        ),
        ("spec", case.get("spec").unwrap().clone()),
    ]);
    let resolve = |source: &SourceReference| -> Option<Arc<dyn SourceTree>> {
        let files = case.at(&["sources", &source.name])?;
        let tree: MemoryTree = files
            .iter()
            .filter_map(|(path, text)| Some((path, text.text()?)))
            .collect();
        Some(Arc::new(tree))
    };
    let generated = generate(
        &object,
        &resolve,
        &Budget::new(&Limits::default()),
        &Limits::default(),
    );
    let expected: BTreeMap<String, Option<Files>> = case
        .get("artifacts")
        .into_iter()
        .flat_map(Node::iter)
        .map(|(name, files)| (name.to_owned(), (!files.is_null()).then(|| texts(files))))
        .collect();
    assert_eq!(contents(&generated), expected, "{name}");
    let findings: Vec<String> = generated
        .findings
        .iter()
        .map(|finding| finding.problem.to_string())
        .collect();
    let expected: Vec<&str> = case
        .get("findings")
        .map_or(&[][..], Node::items)
        .iter()
        .filter_map(Node::text)
        .collect();
    assert_eq!(findings, expected, "{name}");
    for finding in &generated.findings {
        assert!(finding.mark.line > 0, "{name}: a finding without line");
    }
    if let Some(objects) = case.get("objects") {
        let actual = Node::sequence(generated.artifacts.iter().map(|artifact| artifact.object.clone()));
        assert!(objects.same_value(&actual), "{name}: {actual:?}");
    }
}

fn texts(files: &Node) -> Files {
    files
        .iter()
        .map(|(path, text)| (path.to_owned(), text.text().unwrap_or_default().to_owned()))
        .collect()
}

fn contents(generated: &Generated) -> BTreeMap<String, Option<Files>> {
    let files = |tree: &dyn SourceTree| {
        let mut files = Files::new();
        walk(tree, &RepoPath::root(), &mut |path| {
            let text = String::from_utf8(tree.read(path).unwrap().to_vec()).unwrap();
            files.insert(path.as_str().to_owned(), text);
        });
        files
    };
    let tree = |artifact: &super::Artifact| artifact.tree.as_deref().map(|tree| files(tree));
    generated
        .artifacts
        .iter()
        .map(|artifact| (artifact.name.clone(), tree(artifact)))
        .collect()
}

fn walk(tree: &dyn SourceTree, folder: &RepoPath, visit: &mut dyn FnMut(&RepoPath)) {
    for (name, kind) in tree.list(folder).unwrap_or_default() {
        let path = folder.join(&name);
        match kind {
            EntryKind::File => visit(&path),
            EntryKind::Directory => walk(tree, &path, visit),
        }
    }
}

/// Files of a source, and the files that source-watcher 2.2.1 copies: paths with the path they come from, or `null` if it
/// fails.
const COPY_CASES: &str = include_str!("../../tests/data/artifact_generator/copy_cases.json");

#[test]
fn patterns_copy_as_upstream() {
    let data: serde_json::Value = serde_json::from_str(COPY_CASES).unwrap();
    let mut source = MemoryTree::new();
    for path in data["source"].as_array().unwrap() {
        let path = path.as_str().unwrap();
        source.insert(path, path.as_bytes());
    }
    let source: Arc<dyn SourceTree> = Arc::new(source);
    let cases = data["cases"].as_array().unwrap();
    assert!(cases.len() > 300);
    for case in cases {
        let copy = Node::from_json(&serde_json::json!({
            "sources": [{"alias": "s", "kind": "Bucket", "name": "s"}],
            "artifacts": [{"name": "a", "copy": [{
                "from": format!("@s/{}", case["from"].as_str().unwrap()),
                "to": case["to"],
                "exclude": case.get("exclude").unwrap_or(&serde_json::json!([])),
            }]}],
        }));
        let object = Node::mapping([("spec", copy)]);
        let generated = generate(
            &object,
            &|_| Some(Arc::clone(&source)),
            &Budget::new(&Limits::default()),
            &Limits::default(),
        );
        let expected: Option<Files> = serde_json::from_value(case["files"].clone()).unwrap();
        assert_eq!(contents(&generated)["a"], expected, "{case}");
    }
}

#[test]
fn archives_are_extracted_if_requested() {
    let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(
        Vec::new(),
        flate2::Compression::fast(),
    ));
    for (path, text) in [
        ("podinfo/Chart.yaml", "name: podinfo\n"),
        ("podinfo/values.yaml", "a: 1\n"),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        builder.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    let archive = builder.into_inner().unwrap().finish().unwrap();
    let mut source = MemoryTree::new();
    source.insert("charts/podinfo-1.0.0.TGZ", archive);
    source.insert("charts/README.md", *b"text");
    source.insert("charts/broken/x.tgz", *b"no archive");
    let source: Arc<dyn SourceTree> = Arc::new(source);
    let extracted = |from: &str, to: &str| {
        let text = format!(
            "{{spec: {{sources: [{{alias: s, kind: Bucket, name: s}}], artifacts: [{{name: a, copy: [{{from: '@s/{from}', to: '@artifact/{to}', strategy: Extract}}]}}]}}}}"
        );
        let object = read_documents(&text, FileId::NONE, &Limits::default())
            .unwrap()
            .remove(0);
        let generated = generate(
            &object,
            &|_| Some(Arc::clone(&source)),
            &Budget::new(&Limits::default()),
            &Limits::default(),
        );
        let paths = contents(&generated)
            .remove("a")
            .flatten()
            .map(|files| files.into_keys().collect::<Vec<_>>());
        paths.ok_or_else(|| generated.findings[0].problem.to_string())
    };
    let both = |folder: &str| {
        Ok(vec![
            format!("{folder}podinfo/Chart.yaml"),
            format!("{folder}podinfo/values.yaml"),
        ])
    };
    assert_eq!(extracted("charts/podinfo-1.0.0.TGZ", "x/"), both("x/"));
    assert_eq!(extracted("charts/*", ""), both(""));
    assert_eq!(
        extracted("charts/README.md", ""),
        Err(
            "artifact a: strategy Extract needs a file that ends with .tar.gz or .tgz, not charts/README.md"
                .into()
        )
    );
    assert!(
        extracted("charts/**/*.tgz", "")
            .unwrap_err()
            .contains("charts/broken/x.tgz cannot be extracted")
    );
}

/// The generators of a repository of the corpus; every artifact must have content.
fn corpus(repository: &str, source_folder: &str, generators: &[&str]) -> Option<BTreeMap<String, usize>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/corpus")
        .join(repository)
        .join("repo");
    if !root.exists() {
        return None;
    }
    let disk: Arc<dyn SourceTree> = Arc::new(DiskTree::open(Utf8Path::from_path(&root).unwrap()).unwrap());
    let source: Arc<dyn SourceTree> = Arc::new(ArtifactTree::new(
        disk.clone(),
        RepoPath::new(source_folder),
        None,
    ));
    let files = FileTable::new();
    let mut counts = BTreeMap::new();
    for generator in generators {
        let path = RepoPath::new(generator);
        let text = String::from_utf8(disk.read(&path).unwrap().to_vec()).unwrap();
        for object in read_documents(&text, files.id(&path), &Limits::default()).unwrap() {
            let generated = generate(
                &object,
                &|_| Some(Arc::clone(&source)),
                &Budget::new(&Limits::default()),
                &Limits::default(),
            );
            assert_eq!(generated.findings.len(), 0, "{:?}", generated.findings);
            for artifact in &generated.artifacts {
                let tree = artifact.tree.as_deref().unwrap();
                let mut count = 0;
                walk(tree, &RepoPath::root(), &mut |path| {
                    count += 1;
                    assert!(disk.kind(&tree.provenance(path)).is_some(), "{path} was nowhere");
                });
                counts.insert(format!("{path}:{}", artifact.name), count);
            }
        }
    }
    Some(counts)
}

#[test]
fn generators_of_real_repositories_find_their_files() {
    let example = corpus(
        "fluxcd+flux2-kustomize-helm-example",
        "",
        &[
            "clusters/production/artifacts.yaml",
            "clusters/staging/artifacts.yaml",
        ],
    );
    let gitops = corpus(
        "xunholy+k8s-gitops",
        "kubernetes",
        &["kubernetes/apps/base/flux-system/artifact-generator/artifactgenerator.yaml"],
    );
    let (Some(example), Some(gitops)) = (example, gitops) else {
        eprintln!("skipped: no ../shared");
        return;
    };
    assert_eq!(example.len(), 4);
    assert_eq!(gitops.len(), 92);
    assert!(example.values().chain(gitops.values()).all(|count| *count > 0));
}
