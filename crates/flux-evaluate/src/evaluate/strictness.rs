//! Whether the kustomize-controller of a cluster fails a Kustomization for a variable that nothing defines.
//!
//! It does since 1.9, which comes with Flux 2.9, unless the feature gate `StrictPostBuildSubstitutions` says otherwise
//! (<https://github.com/fluxcd/kustomize-controller/blob/main/internal/features/features.go>).

use yaml_node::Node;

use crate::Applied;
use crate::flux::{FluxInstance, removed_version};

/// The first versions that are strict by default: of Flux and of its kustomize-controller.
const FLUX: (u32, u32) = (2, 9);
const CONTROLLER: (u32, u32) = (1, 9);

/// The feature gate.
const GATE: &str = "StrictPostBuildSubstitutions=";

/// Evidence in the repository about the controller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Evidence {
    gate: Option<bool>,
    /// By the first stated version.
    by_version: Option<Strictness>,
    /// The first release of Flux that does not serve an applied object, and the API version of that object.
    before: Option<((u32, u32), String)>,
}

/// Whether undefined variables are errors, and which Flux says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Strictness {
    pub(super) is_strict: bool,
    /// For example `Flux v2.8.1`.
    pub(super) flux: String,
    /// Major and minor version of Flux; `None` if none is stated, or its minor version is open.
    pub(super) version: Option<(u32, u32)>,
}

impl Strictness {
    /// The strictness of `--strict`.
    pub(super) fn asked_for(self) -> Self {
        Strictness {
            is_strict: true,
            flux: "a strict Flux".to_owned(),
            ..self
        }
    }
}

/// The strictness according to the repository. Without evidence, the newest version is assumed, which is strict.
pub(super) fn strictness<'a>(
    objects: impl Iterator<Item = &'a Applied>,
    instances: impl Iterator<Item = &'a FluxInstance>,
) -> Strictness {
    let mut evidence = Evidence::default();
    for object in objects {
        evidence.add(&object.node);
    }
    for instance in instances {
        evidence.version("Flux", instance.version.as_deref(), FLUX);
        evidence.gate(&instance.node);
        for patch in &instance.patches {
            evidence.gate(patch);
        }
    }
    let before = evidence.before.map(|((major, minor), api_version)| Strictness {
        is_strict: (major, minor) > FLUX,
        flux: format!("a Flux older than {major}.{minor}, which {api_version} needs,"),
        version: None,
    });
    let stated = evidence.by_version.or(before).unwrap_or_else(|| Strictness {
        is_strict: true,
        flux: "the newest Flux, which is assumed here,".to_owned(),
        version: None,
    });
    match evidence.gate {
        Some(is_strict) => Strictness {
            is_strict,
            flux: format!("Flux with the feature gate {GATE}{is_strict}"),
            ..stated
        },
        None => stated,
    }
}

impl Evidence {
    fn add(&mut self, object: &Node) {
        let text = |path: &[&str]| object.text_at(path);
        let api_version = text(&["apiVersion"]).unwrap_or_default();
        let kind = text(&["kind"]).unwrap_or_default();
        if let Some(removed) = removed_version(api_version, kind)
            && self
                .before
                .as_ref()
                .is_none_or(|(known, _)| removed.release < *known)
        {
            self.before = Some((removed.release, api_version.to_owned()));
        }
        let label = |name: &str| text(&["metadata", "labels", name]);
        let is_controller = || text(&["metadata", "name"]) == Some("kustomize-controller");
        let url = || text(&["spec", "url"]).unwrap_or_default();
        match kind {
            "Deployment" if is_controller() => {
                let containers = object.at(&["spec", "template", "spec", "containers"]);
                for container in containers.map_or(&[][..], Node::items) {
                    let image = container.text_at(&["image"]).unwrap_or_default();
                    let name = image.rsplit('/').next().unwrap_or_default();
                    if let Some((_, tag)) = name.split_once("kustomize-controller:") {
                        self.version("kustomize-controller", Some(tag), CONTROLLER);
                    }
                }
                self.gate(object);
            }
            "OCIRepository" if url().ends_with("/flux-manifests") => {
                self.version("Flux", text(&["spec", "ref", "tag"]), FLUX);
            }
            // Flux's own repository, with the manifests of the controllers.
            "GitRepository"
                if url()
                    .trim_end_matches('/')
                    .trim_end_matches(".git")
                    .ends_with("fluxcd/flux2") =>
            {
                let tag = text(&["spec", "ref", "tag"]).or_else(|| text(&["spec", "ref", "semver"]));
                self.version("Flux", tag, FLUX);
            }
            "Kustomization" if self.gate.is_none() => {
                // The controllers are often patched in the Kustomization that applies them.
                for patch in object.at(&["spec", "patches"]).map_or(&[][..], Node::items) {
                    self.gate(patch);
                }
            }
            _ if label("app.kubernetes.io/part-of") == Some("flux") => {
                self.version("Flux", label("app.kubernetes.io/version"), FLUX);
            }
            _ => {}
        }
    }

    /// The first stated version counts.
    fn version(&mut self, program: &str, version: Option<&str>, first: (u32, u32)) {
        if self.by_version.is_none()
            && let Some(text) = version
            && let Some(version) = parse(text)
        {
            // The controller has Flux's minor version, and the major version before Flux's.
            let (major, minor) = (version.0.saturating_add(FLUX.0 - first.0), version.1);
            self.by_version = Some(Strictness {
                is_strict: version >= first,
                flux: format!("{program} {text}"),
                version: (minor != u32::MAX).then_some((major, minor)),
            });
        }
    }

    fn gate(&mut self, node: &Node) {
        if self.gate.is_some() {
            return;
        }
        if let Some(text) = node.text() {
            let value = text.split_once(GATE).map(|(_, rest)| rest);
            self.gate = value.map(|rest| !rest.starts_with("false"));
            return;
        }
        node.items().iter().for_each(|item| self.gate(item));
        node.iter().for_each(|(_, value)| self.gate(value));
    }
}

/// Major and minor version of `v2.8.1`, `2.8.x` or `2.x`; an open minor version means the newest.
fn parse(text: &str) -> Option<(u32, u32)> {
    let text = text.trim().trim_start_matches(['v', '=', '~', '^', '>', ' ']);
    let mut parts = text.split(['.', '-', '+', '@', ' ']);
    let major = parts.next()?.parse().ok()?;
    let minor = match parts.next() {
        None | Some("x" | "X" | "*") => u32::MAX,
        Some(minor) => minor.parse().ok()?,
    };
    Some((major, minor))
}

#[cfg(test)]
mod tests {
    use source_tree::{FileId, Limits};
    use yaml_node::read_documents;

    use super::*;

    fn check(text: &str, strict: bool) {
        let mut evidence = Evidence::default();
        for object in read_documents(text, FileId(1), &Limits::default()).unwrap() {
            evidence.add(&object);
        }
        let by_version = evidence.by_version.map(|stated| stated.is_strict);
        let before = evidence.before.map(|(release, _)| release > FLUX);
        let found = evidence.gate.or(by_version).or(before).unwrap_or(true);
        assert_eq!(found, strict, "{text}");
    }

    #[test]
    fn strictness_depends_on_version_and_feature_gate() {
        check("kind: ConfigMap\n", true);
        let namespace = |version: &str| {
            format!(
                "kind: Namespace\nmetadata: {{name: flux-system, labels: {{app.kubernetes.io/part-of: flux, \
                 app.kubernetes.io/version: {version}}}}}\n"
            )
        };
        check(&namespace("v2.8.8"), false);
        check(&namespace("v2.9.0"), true);
        let controller = |image: &str, argument: &str| {
            format!(
                "kind: Deployment\nmetadata: {{name: kustomize-controller}}\nspec: {{template: {{spec: {{containers: \
                 [{{image: '{image}', args: ['{argument}']}}]}}}}}}\n"
            )
        };
        check(
            &controller("ghcr.io/fluxcd/kustomize-controller:v1.8.0", "--x"),
            false,
        );
        check(
            &controller("ghcr.io/fluxcd/kustomize-controller:v1.9.1", "--x"),
            true,
        );
        check(
            &controller(
                "x/kustomize-controller:v1.9.1",
                "--feature-gates=A=true,StrictPostBuildSubstitutions=false",
            ),
            false,
        );
        check(
            &controller(
                "x/kustomize-controller:v1.7.1",
                "--feature-gates=StrictPostBuildSubstitutions=true",
            ),
            true,
        );
        check(
            "kind: OCIRepository\nmetadata: {name: m}\nspec: {url: oci://ghcr.io/fluxcd/flux-manifests, ref: {tag: v2.3.0}}\n",
            false,
        );
        let old = "apiVersion: helm.toolkit.fluxcd.io/v2beta1\nkind: HelmRelease\nmetadata: {name: a}\n";
        check(old, false);
        check(&format!("{old}---\n{}", namespace("v2.9.0")), true);
        assert_eq!(parse("2.x"), Some((2, u32::MAX)));
        assert_eq!(parse("latest"), None);
    }
}
