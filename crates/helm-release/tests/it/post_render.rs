//! Patches, images and metadata of a HelmRelease on rendered manifests.

use helm_release::{CommonMetadata, ImageOverride, KustomizeRenderer, PatchEntry, ReleasePostRenderer};
use helm_template::PostRenderer;
use pretty_assertions::assert_eq;
use yaml_node::Node;

const MANIFESTS: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: web
        image: registry.example.com/shop/web:1.0 # the chart's
      - image: busybox
        name: wait
---
apiVersion: v1
kind: Service
metadata: {name: web, labels: {tier: front}}
";

fn renderer(kustomize: Vec<KustomizeRenderer>) -> ReleasePostRenderer {
    ReleasePostRenderer::new("shop".into(), "apps".into(), kustomize, None)
}

fn image(name: &str, new_name: &str, new_tag: &str, digest: &str) -> ImageOverride {
    ImageOverride {
        name: name.into(),
        new_name: new_name.into(),
        new_tag: new_tag.into(),
        digest: digest.into(),
    }
}

#[track_caller]
fn check(renderer: &ReleasePostRenderer, expected: &[&str], absent: &[&str]) {
    let text = renderer.run(MANIFESTS).unwrap();
    for line in expected {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    for line in absent {
        assert!(!text.contains(line), "{line} in\n{text}");
    }
}

#[test]
fn every_object_is_encoded_anew_with_the_names_of_its_release() {
    assert_eq!(
        renderer(Vec::new()).run(MANIFESTS).unwrap(),
        "\
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    helm.toolkit.fluxcd.io/name: shop
    helm.toolkit.fluxcd.io/namespace: apps
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - image: registry.example.com/shop/web:1.0
        name: web
      - image: busybox
        name: wait
---
apiVersion: v1
kind: Service
metadata:
  labels:
    helm.toolkit.fluxcd.io/name: shop
    helm.toolkit.fluxcd.io/namespace: apps
    tier: front
  name: web
"
    );
}

#[test]
fn images_get_names_tags_and_digests() {
    let digest = format!("sha256:{}", "0".repeat(64));
    let images = vec![
        image(
            "registry.example.com/shop/web",
            "mirror.example.com/web",
            "1.1",
            "",
        ),
        image("busybox", "", "", &digest),
        image("absent", "", "9", ""),
    ];
    let kustomize = KustomizeRenderer {
        images,
        ..KustomizeRenderer::default()
    };
    check(
        &renderer(vec![kustomize]),
        &[
            "image: mirror.example.com/web:1.1\n",
            &format!("image: busybox@{digest}\n"),
        ],
        &["shop/web", "absent"],
    );
}

#[test]
fn patches_of_both_kinds_reach_their_targets() {
    let target = |kind: &str| Some(Node::mapping([("kind", Node::str(kind))]));
    let patches = vec![
        PatchEntry {
            patch: "- {op: replace, path: /spec/replicas, value: 3}".into(),
            target: target("Deployment"),
            ..PatchEntry::default()
        },
        PatchEntry {
            patch: "apiVersion: v1\nkind: Service\nmetadata: {name: web, labels: {tier: null}}\nspec: {type: NodePort}\n"
                .into(),
            target: None,
            ..PatchEntry::default()
        },
    ];
    let kustomize = KustomizeRenderer {
        patches,
        ..KustomizeRenderer::default()
    };
    check(
        &renderer(vec![kustomize]),
        &["  replicas: 3\n", "  type: NodePort\n"],
        &["tier"],
    );
}

#[test]
fn renderers_follow_each_other_and_metadata_comes_last() {
    let tag = |tag: &str| KustomizeRenderer {
        images: vec![image("busybox", "", tag, "")],
        ..KustomizeRenderer::default()
    };
    let mut renderer = renderer(vec![tag("1"), tag("2")]);
    renderer.common_metadata = Some(CommonMetadata {
        labels: vec![
            ("team".into(), "shop".into()),
            ("helm.toolkit.fluxcd.io/name".into(), "overwritten".into()),
        ],
        annotations: vec![("note".into(), "yes".into())],
    });
    check(
        &renderer,
        &[
            "image: busybox:2\n",
            "    team: shop\n",
            "    note: \"yes\"\n",
            "    helm.toolkit.fluxcd.io/name: shop\n",
        ],
        &["overwritten", "busybox:1"],
    );
}

#[test]
fn what_cannot_be_patched_is_an_error() {
    let patches = vec![PatchEntry {
        patch: "apiVersion: v1\nkind: Service\nmetadata: {name: other}\n".into(),
        target: None,
        ..PatchEntry::default()
    }];
    let kustomize = KustomizeRenderer {
        patches,
        ..KustomizeRenderer::default()
    };
    let error = renderer(vec![kustomize]).run(MANIFESTS).unwrap_err();
    assert!(
        error.contains("no matches for Id") || error.contains("no resource matches"),
        "{error}"
    );
}
