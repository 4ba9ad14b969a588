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

/// What a repository tells of the controller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Evidence {
    gate: Option<bool>,
    /// What the first version that is stated says.
    by_version: Option<Stated>,
    /// The first Flux that does not serve what is applied, and the API version that tells.
    before: Option<((u32, u32), String)>,
}

/// A version that is stated.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stated {
    is_strict: bool,
    /// Such as `Flux v2.8.1`.
    text: String,
    /// Major and minor version of Flux; `None` where the minor version is open.
    version: Option<(u32, u32)>,
}

/// Whether undefined variables are errors, and which Flux says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Strictness {
    pub(super) is_strict: bool,
    /// Such as `Flux v2.8.1`.
    pub(super) flux: String,
    /// Major and minor version of Flux, where one is stated.
    pub(super) version: Option<(u32, u32)>,
}

impl Strictness {
    /// That of `--strict`.
    pub(super) fn asked_for(self) -> Self {
        Strictness {
            is_strict: true,
            flux: "a strict Flux".to_owned(),
            ..self
        }
    }
}

/// What the repository says. Where nothing tells, the newest version is assumed, which is strict.
pub(super) fn strictness<'a>(
    objects: impl Iterator<Item = &'a Applied>,
    instances: impl Iterator<Item = &'a FluxInstance>,
) -> Strictness {
    let mut evidence = Evidence::default();
    for object in objects {
        evidence.see(&object.node);
    }
    for instance in instances {
        evidence.version("Flux", instance.version.as_deref(), FLUX);
        evidence.gate(&instance.node);
        for patch in &instance.patches {
            evidence.gate(patch);
        }
    }
    let before = evidence.before.map(|((major, minor), api_version)| Stated {
        is_strict: (major, minor) > FLUX,
        text: format!("a Flux older than {major}.{minor}, which {api_version} needs,"),
        version: None,
    });
    let stated = evidence.by_version.or(before).unwrap_or_else(|| Stated {
        is_strict: true,
        text: "the newest Flux, which is assumed here,".to_owned(),
        version: None,
    });
    match evidence.gate {
        Some(is_strict) => Strictness {
            is_strict,
            flux: format!("Flux with the feature gate {GATE}{is_strict}"),
            version: stated.version,
        },
        None => Strictness {
            is_strict: stated.is_strict,
            flux: stated.text,
            version: stated.version,
        },
    }
}

impl Evidence {
    fn see(&mut self, object: &Node) {
        let text = |path: &[&str]| object.text_at(path);
        let (api_version, kind) = (text(&["apiVersion"]), text(&["kind"]));
        if let Some(removed) = removed_version(api_version.unwrap_or_default(), kind.unwrap_or_default())
            && self
                .before
                .as_ref()
                .is_none_or(|(known, _)| removed.release < *known)
        {
            self.before = Some((removed.release, api_version.unwrap_or_default().to_owned()));
        }
        let label = |name: &str| text(&["metadata", "labels", name]);
        let is_controller = text(&["metadata", "name"]) == Some("kustomize-controller");
        match text(&["kind"]) {
            Some("Deployment") if is_controller => {
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
            Some("OCIRepository")
                if text(&["spec", "url"]).is_some_and(|url| url.ends_with("/flux-manifests")) =>
            {
                self.version("Flux", text(&["spec", "ref", "tag"]), FLUX);
            }
            // Flux's own repository, from which a Kustomization takes the manifests of the controllers.
            Some("GitRepository")
                if text(&["spec", "url"]).is_some_and(|url| {
                    url.trim_end_matches('/')
                        .trim_end_matches(".git")
                        .ends_with("fluxcd/flux2")
                }) =>
            {
                let tag = text(&["spec", "ref", "tag"]).or_else(|| text(&["spec", "ref", "semver"]));
                self.version("Flux", tag, FLUX);
            }
            Some("Kustomization") if self.gate.is_none() => {
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

    /// The first version that is stated counts.
    fn version(&mut self, of: &str, version: Option<&str>, first: (u32, u32)) {
        if self.by_version.is_none()
            && let Some(text) = version
            && let Some(version) = parse(text)
        {
            // The controller's major version is one behind that of Flux, its minor version is the same.
            let (major, minor) = (version.0.saturating_add(FLUX.0 - first.0), version.1);
            self.by_version = Some(Stated {
                is_strict: version >= first,
                text: format!("{of} {text}"),
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

/// Major and minor version of `v2.8.1`, `2.8.x` or `2.x`, where an open minor version stands for the newest.
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
            evidence.see(&object);
        }
        let by_version = evidence.by_version.map(|stated| stated.is_strict);
        let before = evidence.before.map(|(release, _)| release > FLUX);
        let found = evidence.gate.or(by_version).or(before).unwrap_or(true);
        assert_eq!(found, strict, "{text}");
    }

    #[test]
    fn versions_and_the_feature_gate_tell() {
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
