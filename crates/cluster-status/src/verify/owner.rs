//! The labels by which Flux finds the objects that it applies.

use infra_model::ObjectRef;
use infra_query::Subject;

use super::{Comparison, Fields};

impl Comparison<'_> {
    pub(super) fn owner_field(&self, object: &ObjectRef, subject: &Subject<'_>, fields: &mut Fields) {
        let is_flux = |owner: &ObjectRef| matches!(owner.kind.as_str(), "Kustomization" | "HelmRelease");
        let expected = self.repository.makers(object).into_iter().next().filter(is_flux);
        let (Some(expected), Some(metadata)) = (expected, self.snapshot.metadata(object)) else {
            return;
        };
        // Hooks have no labels of Flux.
        if metadata.annotations.get("helm.sh/hook").is_some() {
            return;
        }
        let live = metadata.flux_owner();
        let others = also_applied_by(subject);
        let is_other = |owner: &ObjectRef| {
            let suffix = format!("/{}", owner.name);
            let has_key = |key: &String| *key == owner.name || key.ends_with(&suffix);
            owner.kind == "Kustomization" && others.iter().any(has_key)
        };
        // Several may apply the same source, and no catalog names all of them.
        let is_one_of_several = |owner: &ObjectRef| {
            matches!(subject, Subject::Source(..)) && !self.repository.subjects(owner).is_empty()
        };
        // An object that a HelmRelease or ResourceSet makes has its labels, but catalogs may name the owner of the maker.
        let is_maker = |owner: &ObjectRef| {
            owner.kind != "Kustomization" && self.repository.makers(owner).contains(&expected)
        };
        match live {
            Some(live)
                if live == expected || is_maker(&live) || is_other(&live) || is_one_of_several(&live) => {}
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
