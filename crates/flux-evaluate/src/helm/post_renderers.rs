//! Post renderers of a release: `spec.postRenderers`, `spec.commonMetadata`, and helm-controller's labels.

use helm_release::{CommonMetadata, ImageOverride, KustomizeRenderer, PatchEntry, ReleasePostRenderer};
use helm_template::PostRenderStrategy;
use yaml_node::Node;

use crate::flux::HelmRelease;

/// The post renderer of a release, and the strategy by which it gets manifests.
pub(super) fn of_release(release: &HelmRelease) -> (ReleasePostRenderer, PostRenderStrategy) {
    let metadata = &release.common_metadata;
    let is_given = !metadata.labels.is_empty() || !metadata.annotations.is_empty();
    let stated = release.post_renderers.iter();
    let stated = stated.filter_map(|renderer| renderer.get("kustomize"));
    let renderer = ReleasePostRenderer::new(
        release.id.name.to_string(),
        release.id.namespace.to_string(),
        stated.map(kustomize).collect(),
        is_given.then(|| CommonMetadata {
            labels: texts(&metadata.labels),
            annotations: texts(&metadata.annotations),
        }),
    );
    let strategy = match release.post_render_strategy.as_deref() {
        Some("separate") => PostRenderStrategy::Separate,
        Some("nohooks") => PostRenderStrategy::NoHooks,
        _ => PostRenderStrategy::Combined,
    };
    (renderer, strategy)
}

fn kustomize(renderer: &Node) -> KustomizeRenderer {
    let items = |field: &str| renderer.get(field).map_or(&[][..], Node::items).iter();
    let patches = items("patches").filter_map(|entry| {
        Some(PatchEntry {
            patch: entry.text_at(&["patch"])?.to_owned(),
            mark: entry.get("target").map_or(entry.mark, |target| target.mark),
            target: entry.get("target").filter(|target| !target.is_null()).cloned(),
        })
    });
    let images = items("images").map(|entry| {
        let text = |field: &str| entry.text_at(&[field]).unwrap_or_default().to_owned();
        ImageOverride {
            name: text("name"),
            new_name: text("newName"),
            new_tag: text("newTag"),
            digest: text("digest"),
        }
    });
    KustomizeRenderer {
        patches: patches.collect(),
        images: images.collect(),
    }
}

fn texts(entries: &[(String, Node)]) -> Vec<(String, String)> {
    entries
        .iter()
        .map(|(key, value)| (key.clone(), value.text().unwrap_or_default().to_owned()))
        .collect()
}
