//! `decryption-missing`: a Kustomization without `decryption` applies objects that SOPS encrypted. Flux or the API server refuses
//! them, or they reach the cluster as ciphertext
//! (<https://github.com/fluxcd/kustomize-controller/blob/main/internal/controller/kustomization_controller.go>).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flux_evaluate::{Applied, Evaluated, KustomizationId, flux};
use infra_model::codes;
use source_tree::{Diagnostic, Severity};
use yaml_node::Node;

use super::first_and_more;
use crate::inventory::is_identity_encrypted;
use crate::linker::Linker;

const ADD_DECRYPTION: &str =
    "add `spec.decryption: {provider: sops, secretRef: {name: …}}` to the Kustomization";

/// The first object that a Kustomization applies encrypted: severity, object, message and hint.
type Found<'e> = (Severity, &'e Applied, String, &'static str);

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for owner in &linker.inventory.owners {
        let evaluated = owner.evaluated;
        let (Some(id), Some(view)) = (&evaluated.id, evaluated.kustomization.as_deref()) else {
            continue;
        };
        let found = match view.decryption.is_some() {
            true => [of_generators(evaluated, id, true), identities(evaluated, id)],
            false => [undecrypted(evaluated, id), of_generators(evaluated, id, false)],
        };
        findings.extend(
            found
                .into_iter()
                .flatten()
                .map(|(severity, object, message, hint)| {
                    Diagnostic::new(severity, codes::DECRYPTION_MISSING, message)
                        .at(linker.inventory.place(object.mark))
                        .on(format!("Kustomization/{id}"))
                        .hint(hint)
                }),
        );
    }
    findings
}

/// Encrypted objects of a Kustomization without `decryption`. One finding for all of them: the first place says enough.
fn undecrypted<'e>(evaluated: &'e Evaluated, id: &KustomizationId) -> Option<Found<'e>> {
    let (object, others) = first_and_more(evaluated.objects.iter().filter(|object| is_encrypted(object)))?;
    let (name, too) = match is_identity_encrypted(object) {
        true => ("an object".to_owned(), ", its kind and name too"),
        false => (flux::object_ref(&object.node).to_string(), ""),
    };
    let message = format!(
        "Kustomization {id} has no `decryption`, and {name}{others} is encrypted by SOPS{too}: nothing of the Kustomization is applied"
    );
    Some((Severity::Error, object, message, ADD_DECRYPTION))
}

/// Objects whose kind or name is encrypted, too
/// (<https://fluxcd.io/flux/components/kustomize/kustomizations/#controller-global-decryption>).
fn identities<'e>(evaluated: &'e Evaluated, id: &KustomizationId) -> Option<Found<'e>> {
    let objects = evaluated.objects.iter();
    let (object, others) =
        first_and_more(objects.filter(|object| is_encrypted(object) && is_identity_encrypted(object)))?;
    let message = format!(
        "Kustomization {id} applies an object{others} whose kind and name SOPS has encrypted, too: Flux wants `apiVersion`, `kind` and `metadata` in plain text"
    );
    let hint = "encrypt values alone: `sops --encrypt --encrypted-regex '^(data|stringData)$'`";
    Some((Severity::Info, object, message, hint))
}

/// Objects that a generator makes of an encrypted file. Flux decrypts the files of a `secretGenerator` if `decryption` is stated, but
/// never those of a `configMapGenerator`, and reports neither
/// (<https://github.com/fluxcd/kustomize-controller/blob/main/internal/decryptor/decryptor.go>).
fn of_generators<'e>(evaluated: &'e Evaluated, id: &KustomizationId, decrypts: bool) -> Option<Found<'e>> {
    let is_config_map = |object: &Applied| object.node.text_at(&["kind"]) == Some("ConfigMap");
    let generated = evaluated.objects.iter().filter(|object| {
        let is_left = !decrypts || is_config_map(object);
        object.generated && object.generated_by.is_none() && is_left && has_ciphertext(&object.node)
    });
    let (object, others) = first_and_more(generated)?;
    let name = flux::object_ref(&object.node);
    let (message, hint) = match is_config_map(object) {
        true => (
            format!(
                "{name}{others} is generated of a file that SOPS encrypts, which Flux does not decrypt: who reads it gets the ciphertext"
            ),
            "use a `secretGenerator`, whose files Flux decrypts",
        ),
        false => (
            format!(
                "Kustomization {id} has no `decryption`, and {name}{others} is generated of a file that SOPS encrypts: who reads it gets the ciphertext"
            ),
            ADD_DECRYPTION,
        ),
    };
    Some((Severity::Warning, object, message, hint))
}

/// Whether any value of a generated object is a file that SOPS encrypted, with the block or line that says how to decrypt it.
fn has_ciphertext(object: &Node) -> bool {
    let values = ["data", "binaryData"]
        .iter()
        .filter_map(|field| object.get(field));
    let mut entries = values.flat_map(Node::iter);
    let is_secret = object.text_at(&["kind"]) == Some("Secret");
    entries.any(|(key, value)| {
        let text = value.text().unwrap_or_default();
        let decode = || {
            let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            let bytes = STANDARD.decode(compact).ok()?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        };
        let decoded = is_secret.then(decode).flatten();
        let text = decoded.as_deref().unwrap_or(text);
        let marks = ["\"sops\"", "\nsops:", "[sops]", "\nsops_mac="];
        text.contains("ENC[AES256_GCM,")
            && (key == "sops_mac" || marks.iter().any(|mark| text.contains(mark)))
    })
}

/// Whether SOPS has encrypted an object for Flux. Objects of operators that decrypt in the cluster have a field `sops`, too
/// (<https://github.com/isindir/sops-secrets-operator>).
fn is_encrypted(object: &Applied) -> bool {
    let is_of_operator = object.node.text_at(&["kind"]) == Some("SopsSecret");
    object.generated_by.is_none() && !is_of_operator && object.node.at(&["sops", "mac"]).is_some()
}
