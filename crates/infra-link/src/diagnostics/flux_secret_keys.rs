//! `key-missing` of Flux itself: the Secret from which a source, a Receiver, a Provider, an automation or a Kustomization takes its
//! credentials is in the repository, but has none of the keys that the controller reads
//! (<https://github.com/fluxcd/pkg/blob/main/runtime/secrets/secrets.go>).

use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Mark};

use super::image_automation::IMAGE;
use super::key_missing::first_of;
use super::kustomization_ref;
use super::notification_missing::NOTIFICATION;
use crate::inventory::{HELM, Object, SOURCE};
use crate::linker::Linker;
use crate::uses::Used;
use crate::view::View;

const KINDS: &[(&str, &str)] = &[
    (SOURCE, "Bucket"),
    (SOURCE, "GitRepository"),
    (SOURCE, "HelmChart"),
    (SOURCE, "HelmRepository"),
    (SOURCE, "OCIRepository"),
    (HELM, "HelmRelease"),
    (IMAGE, "ImageRepository"),
    (IMAGE, "ImageUpdateAutomation"),
    (NOTIFICATION, "Provider"),
    (NOTIFICATION, "Receiver"),
];

/// Sets of keys of which one is enough. A key that begins with `*` is a suffix.
type Sets = &'static [&'static [&'static str]];

/// The keys that a controller reads of a Secret.
#[derive(Clone, Copy)]
struct Wanted {
    sets: Sets,
    /// Deprecated keys, which are still read but not named in messages.
    former: Sets,
}

const fn wanted(sets: Sets) -> Wanted {
    Wanted { sets, former: &[] }
}

const BASIC: &[&str] = &["username", "password"];
const PAIR: &[&str] = &["tls.crt", "tls.key"];
const FORMER_TLS: Sets = &[&["caFile"], &["certFile", "keyFile"]];
const TLS: Wanted = Wanted {
    sets: &[&["ca.crt"], PAIR],
    former: FORMER_TLS,
};
const ADDRESS: Wanted = wanted(&[&["address"]]);
const REGISTRY: Wanted = Wanted {
    sets: &[&[".dockerconfigjson"]],
    former: &[&[".dockercfg"]],
};
/// <https://github.com/fluxcd/pkg/blob/main/git/options.go>
const SSH: Wanted = wanted(&[&["identity", "known_hosts"]]);
const HTTPS: Wanted = Wanted {
    sets: &[BASIC, &["bearerToken"], &["ca.crt"], PAIR],
    // Some hosts take a token as the user, without a password.
    former: &[&["username"], &["caFile"], &["githubAppID"]],
};
const GITHUB_APP: Wanted = wanted(&[
    &["githubAppID", "githubAppPrivateKey", "githubAppInstallationID"],
    &["githubAppID", "githubAppPrivateKey", "githubAppInstallationOwner"],
]);
/// <https://github.com/fluxcd/kustomize-controller/blob/main/internal/decryptor/decryptor.go>
const DECRYPTION: Wanted = wanted(&[
    &["*.agekey"],
    &["*.asc"],
    &["sops.aws-kms"],
    &["sops.azure-kv"],
    &["sops.gcp-kms"],
    &["sops.vault-token"],
]);
const TOKEN: Wanted = wanted(&[&["token"]]);

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut findings = Vec::new();
    for owner in &inventory.owners {
        let kustomization = owner.evaluated.kustomization.as_ref();
        let decryption = kustomization.and_then(|view| view.decryption.as_ref());
        let secret = decryption.and_then(|decryption| decryption.secret.as_ref());
        if let (Some(object), Some(secret)) = (kustomization_ref(owner), secret.filter(|_| !owner.suspend)) {
            let reference = (object.namespace.as_str(), secret.name.as_str(), secret.mark);
            findings.extend(lacking(linker, &object, reference, DECRYPTION));
        }
    }
    let objects = KINDS.iter().flat_map(|(group, kind)| inventory.of(group, kind));
    for object in objects {
        let spec = inventory.view(object).get("spec");
        let Some(spec) = spec.filter(|spec| !spec.is_true("suspend")) else {
            continue;
        };
        let id = object.object_name();
        for (path, wanted) in read_by(object, spec) {
            let Some(name) = spec.at(path).and_then(|reference| reference.get("name")) else {
                continue;
            };
            // The Secret of a HelmRelease is read by its HelmChart, which is created in the namespace of the source.
            let of_source = spec.text_at(&["chart", "spec", "sourceRef", "namespace"]);
            let namespace = of_source.unwrap_or(object.namespace);
            let reference = (namespace, name.text().unwrap_or_default(), name.mark());
            findings.extend(lacking(linker, &id, reference, wanted));
        }
    }
    findings
}

/// The references of an object to Secrets, below `spec`, with the keys that are read.
fn read_by(object: &Object<'_>, spec: View<'_>) -> Vec<(&'static [&'static str], Wanted)> {
    let mut read: Vec<(&[&str], Wanted)> = Vec::new();
    if object.group == SOURCE || matches!(object.kind, "ImageRepository" | "Provider") {
        read.push((&["proxySecretRef"], ADDRESS));
        if object.kind != "GitRepository" {
            read.push((&["certSecretRef"], TLS));
        }
    }
    let credentials: Option<Wanted> = match object.kind {
        "GitRepository" => git(spec),
        "HelmRepository" if spec.text_of("type") == Some("oci") => Some(Wanted {
            sets: &[BASIC, &[".dockerconfigjson"]],
            former: FORMER_TLS,
        }),
        "HelmRepository" => Some(Wanted {
            sets: &[BASIC, &["ca.crt"], PAIR],
            former: FORMER_TLS,
        }),
        "OCIRepository" | "ImageRepository" => Some(REGISTRY),
        "Bucket" => bucket(spec.text_of("provider").unwrap_or("generic")),
        "Receiver" => Some(TOKEN),
        "Provider" => provider(spec),
        _ => None,
    };
    read.extend(credentials.map(|wanted| (&["secretRef"][..], wanted)));
    match object.kind {
        "OCIRepository" | "HelmChart" => {
            read.extend(signatures(spec.get("verify")).map(|wanted| (&["verify", "secretRef"][..], wanted)));
            read.push((
                &["verify", "trustedRootSecretRef"],
                wanted(&[&["trusted_root.json"]]),
            ));
        }
        "HelmRelease" => {
            let verify = spec.at(&["chart", "spec", "verify"]);
            let path: &[&str] = &["chart", "spec", "verify", "secretRef"];
            read.extend(signatures(verify).map(|wanted| (path, wanted)));
        }
        "ImageUpdateAutomation" => {
            // https://github.com/fluxcd/image-automation-controller/blob/main/internal/source/signing.go
            let signed = spec.at(&["git", "commit", "signingKey"]);
            let wanted = match signed.and_then(|key| key.text_of("type")) {
                None | Some("gpg") => wanted(&[&["git.asc"]]),
                Some(_) => wanted(&[&["identity"]]),
            };
            read.push((&["git", "commit", "signingKey", "secretRef"], wanted));
        }
        _ => {}
    }
    read
}

/// The keys of a GitRepository's Secret, by the scheme of its URL and its provider.
fn git(spec: View<'_>) -> Option<Wanted> {
    let (scheme, rest) = spec.text_of("url")?.split_once("://")?;
    match scheme {
        "ssh" => Some(SSH),
        "http" | "https" => match spec.text_of("provider").unwrap_or("generic") {
            "github" => Some(GITHUB_APP),
            // With a user in the URL, the password is enough.
            "generic" => (!rest.split('/').next()?.contains('@')).then_some(HTTPS),
            _ => None,
        },
        _ => None,
    }
}

/// `ValidateSecret` of <https://github.com/fluxcd/source-controller/tree/main/internal/bucket>.
fn bucket(provider: &str) -> Option<Wanted> {
    match provider {
        "generic" | "aws" => Some(wanted(&[&["accesskey", "secretkey"]])),
        "gcp" => Some(wanted(&[&["serviceaccount"]])),
        "azure" => Some(Wanted {
            sets: &[&["clientId"], &["accountKey"], &["sasKey"]],
            former: &[&["authorityHost"]],
        }),
        _ => None,
    }
}

/// The keys without which notifications of a type cannot be sent
/// (<https://github.com/fluxcd/notification-controller/tree/main/internal/notifier>).
fn provider(spec: View<'_>) -> Option<Wanted> {
    let has_address = spec.text_of("address").is_some();
    match spec.text_of("type")? {
        "alertmanager" | "discord" | "generic" | "googlechat" | "grafana" | "lark" | "matrix" | "msteams"
        | "nats" | "pagerduty" | "rocket" | "sentry" | "slack" | "webex" => (!has_address).then_some(ADDRESS),
        "bitbucket"
        | "datadog"
        | "generic-hmac"
        | "gitea"
        | "giteapullrequestcomment"
        | "incidentio"
        | "opsgenie"
        | "telegram"
        | "zoom" => Some(TOKEN),
        "github" | "githubdispatch" | "githubpullrequestcomment" => {
            Some(wanted(&[&["token"], &["githubAppID", "githubAppPrivateKey"]]))
        }
        "gitlab" | "gitlabmergerequestcomment" => Some(wanted(&[&["token"], BASIC])),
        _ => None,
    }
}

/// The public keys that check a signature.
fn signatures(verify: Option<View<'_>>) -> Option<Wanted> {
    match verify?.text_of("provider").unwrap_or("cosign") {
        "cosign" => Some(wanted(&[&["*.pub"]])),
        "notation" => Some(wanted(&[
            &["trustpolicy.json", "*.crt"],
            &["trustpolicy.json", "*.pem"],
        ])),
        _ => None,
    }
}

/// The finding about a Secret whose keys are known and include none of the sets. The reference is its namespace, its name, and the
/// mark of the name.
fn lacking(
    linker: &Linker<'_>,
    object: &ObjectRef,
    (namespace, name, mark): (&str, &str, Mark),
    wanted: Wanted,
) -> Option<Diagnostic> {
    // A generated Secret does not exist under its name without the hash.
    if name.contains("${") || linker.generated.rendered(Used::Secret, namespace, name).is_some() {
        return None;
    }
    let secret = ObjectRef::new(
        "Secret",
        namespace,
        linker.generated.catalogued(Used::Secret, namespace, name),
    );
    let keys = linker.made_keys.all_of(Used::Secret, &secret)?;
    let has = |key: &&str| match key.strip_prefix('*') {
        Some(end) => keys.iter().any(|known| known.ends_with(end)),
        None => keys.contains(*key),
    };
    let mut sets = wanted.sets.iter().chain(wanted.former);
    if sets.any(|set| set.iter().all(has)) {
        return None;
    }
    let set = |set: &[&str]| {
        let quoted: Vec<String> = set.iter().map(|key| format!("`{key}`")).collect();
        match quoted.as_slice() {
            [one, two, three] => format!("{one}, {two} and {three}"),
            quoted => quoted.join(" and "),
        }
    };
    let sets: Vec<String> = wanted.sets.iter().map(|keys| set(keys)).collect();
    let (read, lacks) = match sets.as_slice() {
        [one] if wanted.sets[0].len() == 1 => (format!("the key {one}"), "has no such key"),
        [one] => (format!("the keys {one}"), "does not have them"),
        [first @ .., last] => (format!("{}, or {last}", first.join(", ")), "has none of these"),
        [] => return None,
    };
    let hint = match first_of(Some(keys)).as_slice() {
        [] => "add the key where the Secret is made".to_owned(),
        named => format!("it has {}: name the keys as they are read", named.join(", ")),
    };
    Some(
        Diagnostic::warning(
            codes::KEY_MISSING,
            format!("{object} reads {read} of {secret}, which {lacks}"),
        )
        .at(linker.inventory.place(mark))
        .on(object.to_string())
        .hint(hint),
    )
}
