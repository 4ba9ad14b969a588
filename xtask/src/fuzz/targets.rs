//! Targets of the fuzzer: one function per reader of text, which checks what must hold for every input.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use camino::Utf8Path;
use flux_scan::envsubst;
use flux_scan::{ScanOptions, read_knowledge, scan};
use go_template::{Execution, Limits as TemplateLimits, Templates, Value};
use kustomize_build::{BuildOptions, Sources, build};
use source_tree::{FileId, FileTable, Limits, MemoryTree, RepoPath};
use yaml_node::{
    read_documents, read_resources_text, read_yaml11, to_go_json, write_document, write_preserving,
};

/// A reader of text.
pub(super) struct Target {
    pub(super) name: &'static str,
    /// Valid inputs.
    pub(super) seeds: &'static [&'static str],
    /// Folders of the workspace with further inputs.
    pub(super) folders: &'static [&'static str],
    /// Whether one input takes milliseconds.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the tests run fewer inputs of slow targets")
    )]
    pub(super) is_slow: bool,
    /// Reads an input. The error says what should hold and does not; a rejected input is not an error.
    pub(super) run: fn(&[u8]) -> Result<(), String>,
}

pub(super) const ALL: &[Target] = &[
    Target {
        name: "yaml",
        seeds: &[
            YAML,
            "a: {b: [c, 'd', \"e\"]}\n---\n- |\n  x\n- >-\n  y\n  z\n",
            "%YAML 1.1\n---\n&a !!str b: *a\n...\n",
        ],
        folders: &["crates/yaml-node/tests/data", "fixtures/kustomize"],
        is_slow: false,
        run: yaml,
    },
    Target {
        name: "writer",
        seeds: &[YAML, "a: 'yes'\nb: \"1\\n2\"\nc: |\n  x\n   y\nd: null\ne: 1e3\n"],
        folders: &["crates/yaml-node/tests/data", "fixtures/seed"],
        is_slow: false,
        run: writer,
    },
    Target {
        name: "envsubst",
        seeds: &["${a} ${b:=c} ${d:-${e}} $${f} ${g:1:2} ${h//i/j} ${k##l*} ${m%%n*} ${o^^} ${p,,} ${#q}"],
        folders: &[],
        is_slow: false,
        run: substitution,
    },
    Target {
        name: "go-template",
        seeds: &[
            "{{ range $i, $x := .list }}{{ $i }}: {{ $x | quote }}\n{{ end }}{{ with .map }}{{ .a }}{{ else }}x{{ end }}",
            "{{ define \"t\" }}{{ . | toYaml | indent 2 }}{{ end }}{{ template \"t\" .map }}{{ printf \"%s %5d %v\" \"a\" 3 .list }}",
            "{{- if and (eq .a \"b\") (gt (len .list) 1) -}}{{ regexReplaceAll \"a(b)\" .a \"${1}\" }}{{- end -}}",
        ],
        folders: &["crates/go-template/tests/data"],
        is_slow: false,
        run: template,
    },
    Target {
        name: "patches",
        seeds: &[
            "patches:\n- target: {kind: Deployment}\n  patch: |\n    - {op: add, path: /metadata/labels/a, value: b}\n    - {op: move, from: /spec/replicas, path: /spec/r}\n",
            "patches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n    spec: {template: {spec: {containers: [{name: c, $patch: delete}]}}}\n",
            "replacements:\n- source: {kind: ConfigMap, name: c, fieldPath: data.a}\n  targets: [{select: {kind: Deployment}, fieldPaths: ['spec.template.spec.containers.[name=c].image'], options: {delimiter: ':', index: 1}}]\n",
        ],
        folders: &[],
        is_slow: false,
        run: kustomization,
    },
    Target {
        name: "kustomization",
        seeds: &[
            "namePrefix: p-\ncommonLabels: {a: b}\nimages: [{name: nginx, newTag: '2'}]\nreplicas: [{name: web, count: 2}]\nnamespace: n\n",
            "configMapGenerator: [{name: g, literals: [a=b], files: [objects.yaml]}]\nvars: [{name: V, objref: {kind: ConfigMap, name: c, apiVersion: v1}, fieldref: {fieldpath: data.a}}]\n",
            "transformers:\n- |\n  apiVersion: builtin\n  kind: PrefixTransformer\n  metadata: {name: t}\n  prefix: p-\n  fieldSpecs: [{path: metadata/name}]\ncrds: [objects.yaml]\nconfigurations: [base/kustomization.yaml]\n",
        ],
        folders: &[],
        is_slow: false,
        run: kustomization,
    },
    Target {
        name: "objects",
        seeds: &[OBJECTS],
        folders: &["fixtures/seed", "fixtures/defects"],
        is_slow: false,
        run: objects,
    },
    Target {
        name: "catalogs",
        seeds: &[
            "{\"services\":{\n\"a\":{\"namespace\":\"n\",\"deployment\":null,\"fluxPath\":\"p\"}\n}}",
            "{\"metadata\":{\"schemaVersion\":\"1\"},\"services\":{},\"ambiguous\":{}}",
        ],
        folders: &["fixtures/expected"],
        is_slow: true,
        run: catalogs,
    },
    Target {
        name: "knowledge",
        seeds: &["services:\n  web: {notes: text, aliases: [a], dependsOn: [b]}\nproducedElsewhere: []\n"],
        folders: &[],
        is_slow: false,
        run: knowledge,
    },
    Target {
        name: "repository",
        seeds: &[FLUX],
        folders: &["fixtures/defects", "crates/flux-evaluate/tests/data"],
        is_slow: true,
        run: repository,
    },
];

const YAML: &str =
    "a: &x {b: 1, c: [2, 3.5, true, null, ~, 2001-01-01]}\nd: {<<: *x, e: \"f\\n\"}\n? [g]\n: h\n";

const OBJECTS: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {app: web}}\nspec:\n  replicas: 1\n  \
    template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers:\n      - {name: c, image: 'nginx:1', env: [{name: A, \
    value: $(V)}], envFrom: [{configMapRef: {name: c}}]}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: b}\n";

const FLUX: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\n\
    spec:\n  interval: 1m\n  path: ./apps\n  prune: true\n  dependsOn: [{name: infra}]\n  sourceRef: {kind: GitRepository, name: \
    flux-system}\n  postBuild: {substitute: {a: b}, substituteFrom: [{kind: ConfigMap, name: c}]}\n---\napiVersion: \
    helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r, namespace: default}\nspec: {interval: 1m, chart: {spec: {chart: c, \
    sourceRef: {kind: HelmRepository, name: h}}}, values: {image: {tag: '1'}, url: 'http://web.default:80'}}\n---\napiVersion: \
    fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {name: rs, namespace: flux-system}\nspec:\n  inputs: [{a: b}]\n  \
    resourcesTemplate: |\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: << inputs.a >>, namespace: default}\n";

/// Limits that a small input reaches quickly.
fn limits() -> Limits {
    Limits {
        file_bytes: 1 << 20,
        nodes: 20_000,
        memory: 64 << 20,
        build_steps: 500_000,
        steps: 1_000_000,
        kustomizations: 50,
        generated_objects: 200,
        ..Limits::default()
    }
}

fn text(input: &[u8]) -> Option<String> {
    yaml_node::decode(input).ok().map(std::borrow::Cow::into_owned)
}

fn yaml(input: &[u8]) -> Result<(), String> {
    let Some(text) = text(input) else { return Ok(()) };
    let limits = limits();
    for documents in [
        read_documents(&text, FileId(1), &limits),
        read_resources_text(&text, FileId(1), &limits),
        read_yaml11(&text, FileId(1), &limits).map(|node| node.into_iter().collect()),
    ] {
        let Ok(documents) = documents else { continue };
        if !documents.iter().all(|document| document.fits(&limits)) {
            return Err("what is read goes beyond the limits".into());
        }
        // The line breaks of YAML 1.1.
        let lines = text
            .matches(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
            .count()
            + 3;
        let lines = u32::try_from(lines).unwrap_or(u32::MAX);
        if let Some(document) = documents.iter().find(|document| document.mark.line > lines) {
            return Err(format!("line {} of {lines}", document.mark.line));
        }
    }
    Ok(())
}

fn writer(input: &[u8]) -> Result<(), String> {
    let Some(text) = text(input) else { return Ok(()) };
    let limits = limits();
    let Ok(documents) = read_documents(&text, FileId(1), &limits) else {
        return Ok(());
    };
    for document in documents {
        // Both may refuse the document.
        let _ = to_go_json(&document);
        let _ = write_preserving(&document);
        let Ok(written) = write_document(&document) else {
            continue;
        };
        let again = read_documents(&written, FileId(1), &Limits::default())
            .map_err(|error| format!("what is written cannot be read: {error}\n{written}"))?;
        let Some(first) = again.first() else { continue };
        // Long lines are folded once; a second writing must not change the text. Except that go-yaml writes `0o-7` plain
        // and reads it as a number.
        if let Ok(twice) = write_document(first)
            && twice != written
            && !written.contains(": 0o-")
        {
            return Err(format!(
                "what is written changes when it is read\n{written}\n{twice}"
            ));
        }
    }
    Ok(())
}

fn substitution(input: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(input);
    let values: BTreeMap<&str, &str> =
        [("a", "x"), ("e", ""), ("g", "abc"), ("h", "iii"), ("k", "lll")].into();
    if let Ok(template) = envsubst::parse(&text) {
        // The template may be invalid.
        let _ = template.expand(
            &|name| {
                values.get(name).map_or(envsubst::Variable::Unset, |value| {
                    envsubst::Variable::Known(value)
                })
            },
            envsubst::Undefined::Empty,
        );
        let kept = template.expand(&|_| envsubst::Variable::Unset, envsubst::Undefined::Keep);
        if kept.is_ok_and(|kept| kept.len() > 4 * text.len() + 64) {
            return Err("an expression that is kept grows".into());
        }
    }
    Ok(())
}

fn template(input: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(input).into_owned();
    let mut templates = Templates::new("t", Arc::new(go_template::functions::slim_sprig()));
    if templates.parse("t", text).is_err() {
        return Ok(());
    }
    let execution = Execution {
        limits: TemplateLimits {
            steps: 20_000,
            text_bytes: 1 << 18,
            total_bytes: 1 << 22,
            depth: 100,
        },
        ..Execution::default()
    };
    let data = Value::map(
        [
            ("a".into(), Value::text("b")),
            (
                "list".into(),
                Value::list(vec![Value::int64(1), Value::text("x")]),
            ),
            ("map".into(), Value::map([("a".into(), Value::text("b"))].into())),
        ]
        .into(),
    );
    match templates.execute("t", data, &execution) {
        Ok(output) if output.text.to_str().len() > 1 << 18 => Err("the output goes beyond its limit".into()),
        _ => Ok(()),
    }
}

fn kustomization(input: &[u8]) -> Result<(), String> {
    let mut tree = MemoryTree::new();
    let mut text = b"resources: [objects.yaml, base]\n".to_vec();
    text.extend_from_slice(input);
    tree.insert("kustomization.yaml", text);
    tree.insert("objects.yaml", OBJECTS.as_bytes());
    tree.insert(
        "base/kustomization.yaml",
        "resources: [x.yaml]\nnamePrefix: b-\n".as_bytes(),
    );
    tree.insert(
        "base/x.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: b}\n".as_bytes(),
    );
    check_build(tree)
}

fn objects(input: &[u8]) -> Result<(), String> {
    let mut tree = MemoryTree::new();
    tree.insert(
        "kustomization.yaml",
        "resources: [objects.yaml]\nnamePrefix: p-\nnamespace: n\ncommonLabels: {a: b}\nimages: [{name: nginx, newTag: '2'}]\n".as_bytes(),
    );
    tree.insert("objects.yaml", input.to_vec());
    check_build(tree)
}

fn check_build(tree: MemoryTree) -> Result<(), String> {
    let sources = Sources::new(Arc::new(tree), FileTable::new(), limits());
    match build(&sources, &RepoPath::root(), &BuildOptions::default()) {
        Ok(build) => {
            let again = build.to_yaml().ok();
            (again == build.to_yaml().ok())
                .then_some(())
                .ok_or_else(|| "two outputs differ".into())
        }
        Err(error) if error.to_string().len() > 1 << 20 => Err("a message is longer than a megabyte".into()),
        Err(_) => Ok(()),
    }
}

fn catalogs(input: &[u8]) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = Utf8Path::from_path(folder.path()).ok_or("a temporary folder whose name is no text")?;
    for name in [
        "services.json",
        "secrets-map.json",
        "configmaps.json",
        "flux-resources.json",
    ] {
        fs::write(path.join(name), input).map_err(|error| error.to_string())?;
    }
    // Invalid catalogs must give an error, by whichever function they are read.
    let _ = catalog_emit::load(path);
    if let Ok(store) = catalog_emit::CatalogStore::open(path, None) {
        let _ = store.check();
        let question = infra_query::grep(&store, |text| text.contains("a"));
        drop(question);
    }
    Ok(())
}

fn knowledge(input: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(input);
    let _ = read_knowledge(&text, &RepoPath::new("flux-infra-guide.yaml"), &limits(), false);
    Ok(())
}

fn repository(input: &[u8]) -> Result<(), String> {
    let mut tree = MemoryTree::new();
    tree.insert("clusters/main/flux-system/gotk-sync.yaml", SYNC.as_bytes());
    tree.insert("clusters/main/input.yaml", input.to_vec());
    tree.insert("apps/objects.yaml", OBJECTS.as_bytes());
    tree.insert("apps/more.yaml", input.to_vec());
    let options = ScanOptions {
        jobs: Some(1),
        limits: limits(),
        ..ScanOptions::default()
    };
    let tree: Arc<dyn source_tree::SourceTree> = Arc::new(tree);
    let summary = |scan: &flux_scan::Scan| {
        let clusters = scan.clusters.iter();
        clusters
            .map(|cluster| format!("{:?}", cluster.infrastructure))
            .collect::<Vec<_>>()
    };
    let (first, second) = (scan(Arc::clone(&tree), &options), scan(tree, &options));
    match (first, second) {
        (Ok(first), Ok(second)) if summary(&first) != summary(&second) => Err("two scans differ".into()),
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => Err("one scan of two fails".into()),
        _ => Ok(()),
    }
}

const SYNC: &str = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: flux-system, namespace: flux-system}\n\
    spec: {interval: 1m, url: 'https://git.example.org/x.git'}\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
    metadata: {name: flux-system, namespace: flux-system}\nspec: {interval: 1m, path: ./clusters/main, prune: true, sourceRef: {kind: \
    GitRepository, name: flux-system}}\n";
