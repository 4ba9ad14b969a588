//! The contract of image groups: a new tag written at file and pointer changes the images of exactly the group's services.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use camino::Utf8Path;
use flux_evaluate::Detail;
use flux_evaluate::{ScanOptions, entries, evaluate};
use infra_link::link;
use infra_model::knowledge::Knowledge;
use infra_model::service::ImageGroup;
use infra_model::{Infrastructure, Metadata, RepoPath};
use source_tree::{DiskTree, EntryKind, FileTable, Limits, MemoryTree, SourceTree};
use yaml_node::{Node, read_documents};

#[test]
fn the_fixture() {
    check(
        concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../fixtures/infra-flux-nonprod-test"
        ),
        usize::MAX,
    );
}

#[test]
fn the_corpus() {
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus"));
    if !corpus.is_dir() {
        println!("skipped: no ../shared");
        return;
    }
    for name in [
        "example-platform",
        "digicatapult+veritable-flux-infra",
        "ahinko+home-ops",
    ] {
        let repository = corpus.join(name).join("repo");
        check(repository.to_str().unwrap(), 12);
    }
}

#[test]
fn small_repositories() {
    // Each leads from the tag to the image in another way; the contract is the same.
    let deployment = |image: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: x}}\nspec:\n  template:\n    spec:\n      containers:\n      - {{name: web, image: \"{image}\"}}\n"
        )
    };
    let list = "resources: [web.yaml]\n";
    check_files("literal", &[("app/web.yaml", &deployment("r/web:1"))], "");
    check_files(
        "a digest",
        &[(
            "app/web.yaml",
            &deployment(&format!("r/web@sha256:{}", "0".repeat(64))),
        )],
        "",
    );
    check_files(
        "a port in the registry",
        &[("app/web.yaml", &deployment("localhost:5000/web:1"))],
        "",
    );
    check_files(
        "entries on one line",
        &[
            ("app/web.yaml", &deployment("web")),
            (
                "app/kustomization.yaml",
                &format!(
                    "{list}images: [{{name: other, newTag: '1'}}, {{name: web, newName: r/web, newTag: '1'}}]\n"
                ),
            ),
        ],
        "",
    );
    check_files(
        "a new name keeps the tag of the manifest",
        &[
            ("app/web.yaml", &deployment("web:1.2.3")),
            (
                "app/kustomization.yaml",
                &format!("{list}images:\n- name: web\n  newName: r/web\n"),
            ),
        ],
        "",
    );
    check_files(
        "an overlay has the last word",
        &[
            ("base/web.yaml", &deployment("web")),
            (
                "base/kustomization.yaml",
                &format!("{list}images:\n- name: web\n  newTag: '1'\n"),
            ),
            (
                "app/kustomization.yaml",
                "resources: [../base]\nimages:\n- name: web\n  newTag: '2'\n",
            ),
        ],
        "",
    );
    check_files(
        "a patch in the kustomization file",
        &[
            ("app/web.yaml", &deployment("web:1")),
            (
                "app/kustomization.yaml",
                &format!(
                    "{list}patches:\n- target: {{kind: Deployment}}\n  patch: |\n    - op: replace\n      path: /spec/template/spec/containers/0/image\n      value: r/web:2\n"
                ),
            ),
        ],
        "",
    );
    check_files(
        "a patch in a file",
        &[
            ("app/web.yaml", &deployment("web:1")),
            (
                "app/kustomization.yaml",
                &format!("{list}patches:\n- path: p.yaml\n"),
            ),
            (
                "app/p.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: x}\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n        image: r/web:2\n",
            ),
        ],
        "",
    );
    check_files(
        "a replacement of the tag",
        &[
            ("app/web.yaml", &deployment("r/web:1")),
            (
                "app/kustomization.yaml",
                "resources: [web.yaml, versions.yaml]\nreplacements:\n- source: {kind: ConfigMap, name: versions, fieldPath: data.web}\n  targets:\n  - select: {kind: Deployment}\n    fieldPaths: [spec.template.spec.containers.0.image]\n    options: {delimiter: ':', index: 1}\n",
            ),
            (
                "app/versions.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: versions, namespace: x}\ndata:\n  web: '4.5'\n",
            ),
        ],
        "",
    );
    check_files(
        "images of the Flux Kustomization",
        &[("app/web.yaml", &deployment("web:1"))],
        "  images:\n  - name: web\n    newTag: '3' # {\"$imagepolicy\": \"flux-system:web:tag\"}\n",
    );
    check_files(
        "a variable in the tag",
        &[("app/web.yaml", &deployment("r/web:${TAG:=1}"))],
        "  postBuild: {substitute: {TAG: '7'}}\n",
    );
    let release = |values: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: web, namespace: x}}\nspec:\n  chart: {{spec: {{chart: web, sourceRef: {{kind: HelmRepository, name: r}}}}}}\n{values}"
        )
    };
    check_files(
        "values with registry",
        &[(
            "app/hr.yaml",
            &release("  values:\n    image: {registry: ghcr.io, repository: r/web, tag: 1.10}\n"),
        )],
        "",
    );
    check_files(
        "values of several containers with an anchor",
        &[(
            "app/hr.yaml",
            &release(
                "  values:\n    controllers:\n      web:\n        initContainers:\n          init:\n            image: &image\n              repository: r/web\n              tag: 1.2.3@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n        containers:\n          app:\n            image: *image\n          side:\n            image:\n              repository: r/side\n              tag: v5\n",
            ),
        )],
        "",
    );
    check_files(
        "values in a generated ConfigMap",
        &[
            (
                "app/hr.yaml",
                &release("  valuesFrom:\n  - {kind: ConfigMap, name: v}\n"),
            ),
            (
                "app/values.yaml",
                "# values\nimage:\n  repository: r/web\n  tag: '8'\n",
            ),
            (
                "app/kustomization.yaml",
                "resources: [hr.yaml]\nconfigMapGenerator:\n- name: v\n  namespace: x\n  files: [values.yaml]\n  options: {disableNameSuffixHash: true}\n",
            ),
        ],
        "",
    );
    check_files(
        "values in a ConfigMap manifest",
        &[
            (
                "app/hr.yaml",
                &release("  valuesFrom:\n  - {kind: ConfigMap, name: v}\n"),
            ),
            (
                "app/cm.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: v, namespace: x}\ndata:\n  values.yaml: |\n    image:\n      repository: r/web\n      tag: '8'\n",
            ),
        ],
        "",
    );
    check_files(
        "a post-renderer",
        &[(
            "app/hr.yaml",
            &release(
                "  values:\n    image: {repository: r/web, tag: '1'}\n  postRenderers:\n  - kustomize:\n      images:\n      - name: r/web\n        newTag: '2'\n",
            ),
        )],
        "",
    );
}

/// One Kustomization over `app`, with further lines of its spec.
#[track_caller]
fn check_files(what: &str, files: &[(&str, &str)], spec: &str) {
    let sync = format!(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {{name: flux-system, namespace: flux-system}}\nspec: {{url: https://example.com/r}}\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: flux-system, namespace: flux-system}}\nspec:\n  path: ./clusters/a\n  prune: true\n  interval: 1m\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: app, namespace: flux-system}}\nspec:\n  path: ./app\n  prune: true\n  interval: 1m\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{spec}"
    );
    let mut tree: MemoryTree = files.iter().copied().collect();
    tree.insert("clusters/a/gotk-sync.yaml", sync.as_bytes());
    let models = scan(&tree);
    assert!(!models[0].1.image_groups.is_empty(), "{what}: no image group");
    check_models(what, &tree, &models, usize::MAX);
}

#[track_caller]
fn check(repository: &str, groups: usize) {
    let disk = DiskTree::open(Utf8Path::new(repository)).unwrap();
    let mut tree = MemoryTree::new();
    copy(&disk, &RepoPath::root(), &mut tree);
    let models = scan(&tree);
    check_models(repository, &tree, &models, groups);
}

/// For up to `limit` groups of each cluster: the new tag shows in the services of the group, and in no other.
#[track_caller]
fn check_models(what: &str, tree: &MemoryTree, models: &[(String, Infrastructure)], limit: usize) {
    for (cluster, before) in models {
        for (key, group) in before.image_groups.iter().take(limit) {
            let mut edited = tree.clone();
            let text = String::from_utf8(tree.read(&group.file).unwrap().to_vec()).unwrap();
            edited.insert(group.file.clone(), retagged(&text, group).into_bytes());
            let after = scan(&edited)
                .into_iter()
                .find(|(name, _)| name == cluster)
                .unwrap()
                .1;
            let changed: BTreeSet<&String> = images(before)
                .into_iter()
                .filter(|(service, images)| {
                    after
                        .services
                        .get(*service)
                        .is_none_or(|after| after.images != **images)
                })
                .map(|(service, _)| service)
                .collect();
            let expected: BTreeSet<&String> = group.services.iter().collect();
            assert_eq!(
                changed, expected,
                "{what}: {key} at {} {}",
                group.file, group.pointer
            );
        }
    }
}

fn images(model: &Infrastructure) -> BTreeMap<&String, &Vec<String>> {
    model
        .services
        .iter()
        .map(|(key, service)| (key, &service.images))
        .collect()
}

/// The text with another tag at the group's scalar.
fn retagged(text: &str, group: &ImageGroup) -> String {
    let files = FileTable::new();
    let documents = read_documents(text, files.id(&group.file), &Limits::default()).unwrap();
    let scalar = at_pointer(&documents[group.document], &group.pointer);
    let old = scalar.text().unwrap();
    // The tag as written: after the name, or alone.
    let written = match old.split_once('\n') {
        Some(_) => group.tag.as_deref().unwrap(),
        None => {
            let after_name = old.rfind('/').map_or(0, |slash| slash + 1);
            let rest = &old[after_name..];
            match (old.contains(&group.image_name), rest.split_once(['@', ':'])) {
                (true, Some((_, tag))) => tag,
                _ => old,
            }
        }
    };
    let new = if written.starts_with("sha256:") {
        format!("sha256:{}", "a".repeat(64))
    } else {
        "9.9.9-next".to_owned()
    };
    let lines: Vec<String> = text
        .lines()
        .enumerate()
        .map(|(index, line)| {
            if index + 1 != group.source.line as usize {
                return line.to_owned();
            }
            let key = group.pointer.rsplit('/').next().unwrap();
            // The last one of the entry: several may be on a line.
            let start = nth_key(line, key, group);
            let (before, after) = line.split_at(start);
            format!("{before}{}", after.replacen(written, &new, 1))
        })
        .collect();
    lines.join("\n") + "\n"
}

/// The position of the scalar's key in its line: after the name of its entry, as several entries may share the line.
fn nth_key(line: &str, key: &str, group: &ImageGroup) -> usize {
    let entry = line.find(&format!("name: {}", group.image_name)).unwrap_or(0);
    line[entry..].find(key).map_or(0, |at| entry + at + key.len())
}

fn at_pointer<'n>(document: &'n Node, pointer: &str) -> &'n Node {
    pointer.split('/').skip(1).fold(document, |node, step| {
        let step = step.replace("~1", "/").replace("~0", "~");
        match node.get(&step) {
            Some(child) => child,
            None => &node.items()[step.parse::<usize>().unwrap()],
        }
    })
}

fn scan(tree: &MemoryTree) -> Vec<(String, Infrastructure)> {
    let tree: Arc<dyn SourceTree> = Arc::new(tree.clone());
    let options = ScanOptions::default();
    entries(&tree, &options)
        .unwrap()
        .iter()
        .map(|entry| {
            let evaluation = evaluate(&tree, entry, &options).unwrap();
            (
                entry.path.to_string(),
                link(
                    &evaluation,
                    &Knowledge::default(),
                    &Metadata::default(),
                    Detail::default(),
                ),
            )
        })
        .collect()
}

fn copy(disk: &DiskTree, folder: &RepoPath, tree: &mut MemoryTree) {
    for (name, kind) in disk.list(folder).unwrap() {
        let path = folder.join(&name);
        match kind {
            EntryKind::Directory => copy(disk, &path, tree),
            EntryKind::File => tree.insert(path.clone(), disk.read(&path).unwrap()),
        }
    }
}
