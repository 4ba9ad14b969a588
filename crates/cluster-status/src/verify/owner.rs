//! The labels by which Flux knows what it applies.

use infra_model::ObjectRef;
use infra_query::Subject;

use super::{Comparison, Fields};

impl Comparison<'_> {
    pub(super) fn owner_field(&self, object: &ObjectRef, subject: &Subject<'_>, fields: &mut Fields) {
        let expected = self.repository.makers(object).into_iter().next();
        let Some(expected) =
            expected.filter(|owner| matches!(owner.kind.as_str(), "Kustomization" | "HelmRelease"))
        else {
            return;
        };
        let Some(metadata) = self.metadata(object) else {
            return;
        };
        // Hooks bear no label of Flux'.
        if metadata.annotations.get("helm.sh/hook").is_some() {
            return;
        }
        let live = metadata.flux_owner();
        let others = also_applied_by(subject);
        let is_other = |owner: &ObjectRef| {
            owner.kind == "Kustomization"
                && others
                    .iter()
                    .any(|key| *key == owner.name || key.ends_with(&format!("/{}", owner.name)))
        };
        // Several may apply the same source, and no catalog names all of them.
        let is_one_of_several = |owner: &ObjectRef| {
            matches!(subject, Subject::Source(..)) && !self.repository.subjects(owner).is_empty()
        };
        // What a HelmRelease or ResourceSet makes bears its labels; of some of it the catalogs say who applies the maker.
        let is_maker = |owner: &ObjectRef| {
            owner.kind != "Kustomization" && self.repository.makers(owner).contains(&expected)
        };
        match live {
            Some(live) if is_maker(&live) => {}
            Some(live) if live == expected || is_other(&live) || is_one_of_several(&live) => {}
            Some(live) => fields.differs("owner", Some(&expected.to_string()), Some(&live.to_string())),
            None => fields.differs("owner", Some(&expected.to_string()), None),
        }
    }
}

fn also_applied_by<'s>(subject: &'s Subject<'_>) -> &'s [String] {
    match subject {
        Subject::Service(_, it) => &it.also_applied_by,
        Subject::Kustomization(_, it) => &it.also_applied_by,
        Subject::HelmRelease(_, it) => &it.also_applied_by,
        Subject::ConfigMap(_, it) => &it.also_applied_by,
        Subject::Secret(_, it) => &it.also_applied_by,
        Subject::ExternalSecret(_, it) => &it.also_applied_by,
        Subject::SecretStore(_, it) => &it.also_applied_by,
        Subject::SecretProviderClass(_, it) => &it.also_applied_by,
        Subject::VaultSecret(_, it) => &it.also_applied_by,
        Subject::SealedSecret(_, it) => &it.also_applied_by,
        Subject::Object(_, it) => &it.also_applied_by,
        _ => &[],
    }
}
