//! `decryption-missing`: a Kustomization without `decryption` applies what SOPS encrypted, and Flux or the API server refuses it, or
//! it reaches the cluster as ciphertext
//! (<https://github.com/fluxcd/kustomize-controller/blob/main/internal/controller/kustomization_controller.go>).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flux_evaluate::Applied;
use infra_model::codes;
use source_tree::{Diagnostic, Severity};
use yaml_node::Node;

use super::first_and_more;
use crate::inventory::{Owner, is_identity_encrypted};
use crate::linker::Linker;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let owners = linker.inventory.owners.iter();
    let found = owners.flat_map(|owner| {
        [
            of_owner(linker, owner),
            of_generators(linker, owner),
            as_a_whole(linker, owner),
        ]
    });
    found.flatten().collect()
}

/// One finding for all that a Kustomization applies: the first place says enough.
fn of_owner(linker: &Linker<'_>, owner: &Owner<'_>) -> Option<Diagnostic> {
    let evaluated = owner.evaluated;
    let id = evaluated.id.as_ref()?;
    let decrypts = |view: &flux_evaluate::flux::Kustomization| view.decryption.is_some();
    if evaluated.kustomization.as_deref().is_none_or(decrypts) {
        return None;
    }
    let encrypted = evaluated.objects.iter().filter(|object| is_encrypted(object));
    let (object, others) = first_and_more(encrypted)?;
    let (name, too) = match is_identity_encrypted(object) {
        true => ("an object".to_owned(), ", its kind and name too"),
        false => (flux_evaluate::flux::object_ref(&object.node).to_string(), ""),
    };
    let message = format!(
        "Kustomization {id} has no `decryption`, and {name}{others} is encrypted by SOPS{too}: nothing of the Kustomization is applied"
    );
    Some(
        Diagnostic::error(codes::DECRYPTION_MISSING, message)
            .at(linker.inventory.place(object.mark))
            .on(format!("Kustomization/{id}"))
            .hint("add `spec.decryption: {provider: sops, secretRef: {name: …}}` to the Kustomization"),
    )
}

/// Objects of which more than values is encrypted
/// (<https://fluxcd.io/flux/components/kustomize/kustomizations/#controller-global-decryption>).
fn as_a_whole(linker: &Linker<'_>, owner: &Owner<'_>) -> Option<Diagnostic> {
    let evaluated = owner.evaluated;
    let id = evaluated.id.as_ref()?;
    evaluated.kustomization.as_deref()?.decryption.as_ref()?;
    let objects = evaluated.objects.iter();
    let (object, others) =
        first_and_more(objects.filter(|object| is_encrypted(object) && is_identity_encrypted(object)))?;
    let message = format!(
        "Kustomization {id} applies an object{others} whose kind and name SOPS has encrypted, too: Flux wants `apiVersion`, `kind` and `metadata` in plain text"
    );
    Some(
        Diagnostic::new(Severity::Info, codes::DECRYPTION_MISSING, message)
            .at(linker.inventory.place(object.mark))
            .on(format!("Kustomization/{id}"))
            .hint("encrypt values alone: `sops --encrypt --encrypted-regex '^(data|stringData)$'`"),
    )
}

/// What a generator takes out of an encrypted file. Flux decrypts the files of a `secretGenerator` where `decryption` is stated, and
/// none of a `configMapGenerator`, and refuses neither
/// (<https://github.com/fluxcd/kustomize-controller/blob/main/internal/decryptor/decryptor.go>).
fn of_generators(linker: &Linker<'_>, owner: &Owner<'_>) -> Option<Diagnostic> {
    let evaluated = owner.evaluated;
    let id = evaluated.id.as_ref()?;
    let decrypts = evaluated.kustomization.as_deref()?.decryption.is_some();
    let kind = |object: &Applied| object.node.text_at(&["kind"]).unwrap_or_default().to_owned();
    let generated = evaluated.objects.iter().filter(|object| {
        let is_left = !decrypts || kind(object) == "ConfigMap";
        object.generated && object.generated_by.is_none() && is_left && holds_ciphertext(&object.node)
    });
    let (object, others) = first_and_more(generated)?;
    let name = flux_evaluate::flux::object_ref(&object.node);
    let (message, hint) = match kind(object).as_str() {
        "ConfigMap" => (
            format!(
                "{name}{others} is generated of a file that SOPS encrypts, which Flux does not decrypt: who reads it gets the ciphertext"
            ),
            "use a `secretGenerator`, whose files Flux decrypts",
        ),
        _ => (
            format!(
                "Kustomization {id} has no `decryption`, and {name}{others} is generated of a file that SOPS encrypts: who reads it gets the ciphertext"
            ),
            "add `spec.decryption: {provider: sops, secretRef: {name: …}}` to the Kustomization",
        ),
    };
    Some(
        Diagnostic::warning(codes::DECRYPTION_MISSING, message)
            .at(linker.inventory.place(object.mark))
            .on(format!("Kustomization/{id}"))
            .hint(hint),
    )
}

/// Whether any value of a generated object is what SOPS leaves of a file, with the block or line that says how to decrypt it.
fn holds_ciphertext(object: &Node) -> bool {
    let values = ["data", "binaryData"]
        .iter()
        .filter_map(|field| object.get(field));
    let mut entries = values.flat_map(Node::iter);
    let is_secret = object.text_at(&["kind"]) == Some("Secret");
    entries.any(|(key, value)| {
        let text = value.text().unwrap_or_default();
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let decoded = (is_secret.then(|| STANDARD.decode(compact).ok()).flatten())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let text = decoded.as_deref().unwrap_or(text);
        let marks = ["\"sops\"", "\nsops:", "[sops]", "\nsops_mac="];
        text.contains("ENC[AES256_GCM,")
            && (key == "sops_mac" || marks.iter().any(|mark| text.contains(mark)))
    })
}

/// Whether SOPS has encrypted an object for Flux: operators that decrypt in the cluster have a field `sops` of their own
/// (<https://github.com/isindir/sops-secrets-operator>).
fn is_encrypted(object: &Applied) -> bool {
    let is_of_operator = object.node.text_at(&["kind"]) == Some("SopsSecret");
    object.generated_by.is_none() && !is_of_operator && object.node.at(&["sops", "mac"]).is_some()
}
