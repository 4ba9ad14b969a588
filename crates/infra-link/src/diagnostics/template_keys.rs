//! `key-missing` of ExternalSecrets: a template reads a key that nothing fetches, so that no Secret is made.

use infra_model::codes;
use source_tree::Diagnostic;

use crate::kinds::external_secret::{GROUP, KINDS, spec};
use crate::kinds::secret_template::unfetched;
use crate::linker::Linker;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut findings = Vec::new();
    for object in KINDS.iter().flat_map(|kind| inventory.of(GROUP, kind)) {
        let view = inventory.view(object);
        if object.api_version.ends_with("/v1alpha1") {
            continue;
        }
        let id = object.object_name();
        let data = spec(object, view)
            .into_iter()
            .flat_map(|spec| spec.items_at(&["data"]));
        let fetched: Vec<&str> = data.filter_map(|data| data.text_of("secretKey")).collect();
        for (key, text) in unfetched(inventory, object, view) {
            let hint = match fetched.as_slice() {
                [] => "add it to `data`".to_owned(),
                fetched => format!(
                    "it fetches {}: correct the name, or add it to `data`",
                    fetched.join(", ")
                ),
            };
            findings.push(
                Diagnostic::warning(
                    codes::KEY_MISSING,
                    format!(
                        "the template of {id} reads `{key}`, which it does not fetch: External Secrets fails, and the Secret is not made"
                    ),
                )
                .at(inventory.place(text.mark()).or_else(|| inventory.source(object)))
                .on(id.to_string())
                .hint(hint),
            );
        }
    }
    findings
}
