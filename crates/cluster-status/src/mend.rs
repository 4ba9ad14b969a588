//! The place in the repository that fixes a cause.

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

/// The place that fixes the cause of a chain.
pub(crate) fn edit(repository: &Repository<'_>, chain: &Chain) -> Option<Edit> {
    let root = chain.root()?;
    // A state that ends by itself needs no edit.
    if chain.cycle.is_empty() && root.state == State::Waiting && root.reason != "DependencyNotReady" {
        return None;
    }
    // No file fixes what somebody suspended by hand.
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
    // An object that waits for something that nothing applies.
    let above = chain.above_root().filter(|_| root.state == State::Missing);
    let waits = |link: &&Assessment| link.reason == "DependencyNotReady";
    if let Some(waiting) = Some(root).into_iter().chain(above).find(waits)
        && let Some(place) =
            repository.dependency(codes::DEPENDENCY_MISSING, std::slice::from_ref(&waiting.object))
    {
        let what = "the `dependsOn` that names what nothing applies".to_owned();
        return Some(Edit { place, what });
    }
    let by_kind = match root.object.kind.as_str() {
        "Kustomization" => of_kustomization(repository, root),
        "HelmRelease" => of_release(repository, root),
        // No file fixes a node or a network.
        "Pod" if is_unreachable(root) || root.reason == "NodeNotReady" => return None,
        "Pod" => of_pod(repository, chain, root),
        "Secret" => of_secret(repository, &root.object),
        "SecretStore" | "ClusterSecretStore" => {
            place(repository, &root.object, "the store that ExternalSecrets read")
        }
        _ => root.lacks.as_ref().and_then(|lacks| {
            let verb = match lacks.kind.as_str() {
                "ResourceQuota" => "exceed",
                _ => "need",
            };
            let what = format!("{} {}, which its pods {verb}", lacks.kind, lacks.name);
            place(repository, lacks, &what)
        }),
    };
    // Otherwise the manifest of the cause, or of the nearest object above it that has one.
    by_kind.or_else(|| {
        let mut links = chain.links.iter().rev();
        links.find_map(|link| place(repository, &link.object, &named(repository, &link.object)))
    })
}

/// An object in words. If a chart makes it, its HelmRelease comes first.
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
    let own = |what| place(repository, &root.object, what);
    match root.reason.as_str() {
        "DependencyNotReady" => own("the Kustomization with this `dependsOn`"),
        "Suspended" => own("the Kustomization, with its `suspend`"),
        "ArtifactFailed" if text.contains("path not found") => own("the Kustomization with this `path`"),
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
    let objects = repository.objects().map(|(object, _)| object);
    let mut found = objects.filter(|object| object.kind == kind && object.name == name);
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
            kind => {
                let what = format!("the {kind} that the pod mounts or reads");
                place(repository, lacks, &what)
            }
        };
    }
    let image = root.wanted.as_deref().filter(|_| root.reason.contains("Image"))?;
    let workload = &chain.above_root()?.object;
    if is_refused(root) {
        let workload_name = named(repository, workload);
        let what = format!("{workload_name}, whose pods may not pull the image");
        return place(repository, workload, &what);
    }
    let subjects = repository.subjects(workload).iter();
    let groups = subjects.flat_map(|subject| match subject {
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

/// Whether a registry denies access to the image, whatever its tag.
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
    // Docker Hub also says so of a repository that does not exist.
    has_words(pod, &WORDS) && !has_words(pod, &["does not exist"])
}

/// Whether a registry cannot be reached or limits the cluster, which no file of the repository fixes.
fn is_unreachable(pod: &Assessment) -> bool {
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
    pod.reason.contains("Image") && has_words(pod, &WORDS)
}

/// Whether the message of a pod contains one of these words in any case.
fn has_words(pod: &Assessment, words: &[&str]) -> bool {
    let text = pod.message.to_ascii_lowercase();
    words.iter().any(|word| text.contains(word))
}

/// The object that makes a Secret, or else the Secret.
fn of_secret(repository: &Repository<'_>, secret: &ObjectRef) -> Option<Edit> {
    let makers = repository.makers(secret);
    match makers.iter().find(|maker| maker.kind != "Kustomization") {
        Some(maker) => {
            let what = format!("the {} that makes the Secret", maker.kind);
            place(repository, maker, &what)
        }
        None => place(repository, secret, "the Secret"),
    }
}
