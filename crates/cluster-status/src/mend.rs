//! The place in the repository that mends a cause.

use std::rc::Rc;

use infra_model::{ObjectRef, Place, codes};
use infra_query::Subject;
use schemars::JsonSchema;
use serde::Serialize;

use crate::assess::{Assessment, State};
use crate::message::{objects, quoted_after};
use crate::repository::Repository;
use crate::walk::Chain;

/// A place in the repository, and what it states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Edit {
    /// File and line.
    pub place: Place,
    /// What is there, such as `the tag of ghcr.io/acme/papi`.
    pub what: String,
}

/// The place that mends the cause of a chain.
pub(crate) fn edit(repository: &Repository<'_>, chain: &Chain) -> Option<Edit> {
    let root = chain.root()?;
    // What ends by itself needs no edit.
    if chain.cycle.is_empty() && root.state == State::Waiting && root.reason != "DependencyNotReady" {
        return None;
    }
    // What somebody suspended by hand, no file mends.
    if root.reason == "Suspended" && !repository.is_suspended(&root.object) {
        return None;
    }
    if let Some(first) = chain.cycle.first() {
        const WHAT: &str = "one `dependsOn` of the circle";
        let entry = repository.dependency(codes::DEPENDENCY_CYCLE, &chain.cycle);
        let entry = entry.map(|place| Edit {
            place,
            what: WHAT.to_owned(),
        });
        return entry.or_else(|| place(repository, first, WHAT));
    }
    // What waits for something that nothing applies.
    let above = chain
        .links
        .iter()
        .rev()
        .nth(1)
        .filter(|_| root.state == State::Missing);
    let waits = |link: &&Assessment| link.reason == "DependencyNotReady";
    if let Some(waiting) = Some(root).into_iter().chain(above.map(Rc::as_ref)).find(waits)
        && let Some(place) =
            repository.dependency(codes::DEPENDENCY_MISSING, std::slice::from_ref(&waiting.object))
    {
        let what = "the `dependsOn` that names what nothing applies".to_owned();
        return Some(Edit { place, what });
    }
    let by_kind = match root.object.kind.as_str() {
        "Kustomization" => of_kustomization(repository, root),
        "HelmRelease" => of_release(repository, root),
        // No file mends a node or a network.
        "Pod" if unreachable(root) || root.reason == "NodeNotReady" => return None,
        "Pod" => of_pod(repository, chain, root),
        "Secret" => of_secret(repository, &root.object),
        "SecretStore" | "ClusterSecretStore" => {
            place(repository, &root.object, "the store that ExternalSecrets read")
        }
        _ => root.lacks.as_ref().and_then(|lacks| {
            let how = if lacks.kind == "ResourceQuota" {
                "exceed"
            } else {
                "need"
            };
            let what = format!("{} {}, which its pods {how}", lacks.kind, lacks.name);
            place(repository, lacks, &what)
        }),
    };
    // Else where the cause is stated, or the nearest thing above it that is.
    by_kind.or_else(|| {
        let mut links = chain.links.iter().rev();
        links.find_map(|link| place(repository, &link.object, &named(repository, &link.object)))
    })
}

/// An object, and the HelmRelease whose manifest is meant where a chart makes it.
fn named(repository: &Repository<'_>, object: &ObjectRef) -> String {
    let own = format!("{} {}", object.kind, object.name);
    let makers = repository.makers(object);
    let release = makers.iter().find(|maker| maker.kind == "HelmRelease");
    match release.filter(|release| repository.place(release) == repository.place(object)) {
        Some(release) => format!("{} {}, whose chart makes {own}", release.kind, release.name),
        None => own,
    }
}

fn place(repository: &Repository<'_>, object: &ObjectRef, what: &str) -> Option<Edit> {
    Some(Edit {
        place: repository.place(object)?,
        what: what.to_owned(),
    })
}

fn of_kustomization(repository: &Repository<'_>, root: &Assessment) -> Option<Edit> {
    let text = root.message.as_str();
    if let Some(name) = quoted_after(text, "(strict mode): ")
        && let Some(place) = repository.undefined(name)
    {
        return Some(Edit {
            place,
            what: format!("the use of ${{{name}}}, which nothing defines"),
        });
    }
    match root.reason.as_str() {
        "DependencyNotReady" => place(
            repository,
            &root.object,
            "the Kustomization with this `dependsOn`",
        ),
        "Suspended" => place(repository, &root.object, "the Kustomization, with its `suspend`"),
        "ArtifactFailed" if text.contains("path not found") => {
            place(repository, &root.object, "the Kustomization with this `path`")
        }
        reason => {
            let refused = objects(text).into_iter().find_map(|(object, _)| {
                let what = format!("{} {}, which was refused", object.kind, object.name);
                place(repository, &object, &what)
            });
            let finding = repository.finding(&root.object).and_then(|finding| {
                Some(Edit {
                    place: finding.place.clone()?,
                    what: finding.message.clone(),
                })
            });
            match reason {
                "BuildFailed" => undecrypted(repository, text).or(finding).or(refused),
                _ => refused.or(finding),
            }
        }
    }
}

/// The object that cannot be decrypted: `decryption failed for 'Secret.v1.[noGrp]/name'`, which states no namespace.
fn undecrypted(repository: &Repository<'_>, text: &str) -> Option<Edit> {
    let (kind, name) = quoted_after(text, "decryption failed for ")?.split_once('/')?;
    let kind = kind.split('.').next().unwrap_or_default();
    let mut found = repository
        .objects()
        .map(|(object, _)| object)
        .filter(|object| object.kind == kind && object.name == name);
    let object = found.next()?;
    let is_only = found.next().is_none();
    let what = format!("{kind} {name}, which cannot be decrypted with the keys of the cluster");
    is_only.then(|| place(repository, object, &what)).flatten()
}

fn of_release(repository: &Repository<'_>, root: &Assessment) -> Option<Edit> {
    let what = match root.reason.as_str() {
        "DependencyNotReady" => "the HelmRelease with this `dependsOn`",
        "Suspended" => "the HelmRelease, with its `suspend`",
        _ => "the HelmRelease: its chart's version and values",
    };
    place(repository, &root.object, what)
}

/// What a pod lacks, or the tag of an image that is not pulled.
fn of_pod(repository: &Repository<'_>, chain: &Chain, root: &Assessment) -> Option<Edit> {
    if let Some(lacks) = &root.lacks {
        return match lacks.kind.as_str() {
            "Secret" => of_secret(repository, lacks),
            kind => place(
                repository,
                lacks,
                &format!("the {kind} that the pod mounts or reads"),
            ),
        };
    }
    let image = root.wanted.as_deref().filter(|_| root.reason.contains("Image"))?;
    let workload = chain.links.iter().rev().nth(1)?;
    if is_refused(root) {
        let what = format!(
            "{}, whose pods may not pull the image",
            named(repository, &workload.object)
        );
        return place(repository, &workload.object, &what);
    }
    let groups = repository
        .subjects(&workload.object)
        .iter()
        .flat_map(|subject| match subject {
            Subject::Service(_, service) => service.image_groups.as_slice(),
            _ => &[],
        });
    let mut groups = groups.filter_map(|key| repository.facts.image_groups().get(key));
    let name = image.rsplit_once(':').map_or(image, |(name, _)| name);
    let group = groups.find(|group| {
        group.tag.as_deref().is_some_and(|tag| image.ends_with(tag))
            || name.ends_with(group.image_name.as_str())
    })?;
    Some(Edit {
        place: group.source.clone(),
        what: format!("the tag of {}", group.image_name),
    })
}

/// Whether a registry does not let the image be pulled, whatever its tag.
fn is_refused(pod: &Assessment) -> bool {
    const WORDS: [&str; 7] = [
        "401",
        "403",
        "access denied",
        "authentication required",
        "authorization failed",
        "denied",
        "unauthorized",
    ];
    // Of a repository that is not there Docker Hub says the same.
    says(pod, &WORDS) && !says(pod, &["does not exist"])
}

/// Whether a registry is not reached, or has enough of the cluster: no file of the repository mends that.
fn unreachable(pod: &Assessment) -> bool {
    const WORDS: [&str; 8] = [
        "connection refused",
        "i/o timeout",
        "no route to host",
        "no such host",
        "rate limit",
        "tls handshake",
        "toomanyrequests",
        "x509:",
    ];
    pod.reason.contains("Image") && says(pod, &WORDS)
}

/// Whether the message of a pod holds one of some words, in whatever case.
fn says(pod: &Assessment, words: &[&str]) -> bool {
    let text = pod.message.to_ascii_lowercase();
    words.iter().any(|word| text.contains(word))
}

/// What makes a Secret.
fn of_secret(repository: &Repository<'_>, secret: &ObjectRef) -> Option<Edit> {
    let makers = repository.makers(secret);
    let maker = makers.iter().find(|maker| maker.kind != "Kustomization");
    match maker {
        Some(maker) => {
            let what = format!("the {} that makes the Secret", maker.kind);
            place(repository, maker, &what)
        }
        None => place(repository, secret, "the Secret"),
    }
}
