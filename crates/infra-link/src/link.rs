//! The objects that Flux applies turn into the model, stage by stage.

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::{Detail, Evaluation};
use infra_model::knowledge::Knowledge;
use infra_model::secrets::Secrets;
use infra_model::{Ambiguous, Diagnostic, Infrastructure, KeyTable, Metadata, ObjectRef};

use crate::collect_uses::all_uses;
use crate::crossplane::EmbeddedObjects;
use crate::hosts::Hosts;
use crate::inventory::{HELM, Inventory};
use crate::keys::{GeneratedNames, ObjectKeys};
use crate::kinds::helm_release::Release;
use crate::kinds::{sealed_secret, secret_provider_class};
use crate::kube_services::KubeServices;
use crate::link_bounds::bound_uses;
use crate::linker::Linker;
use crate::made_keys::MadeKeys;
use crate::producers::{ProducerKeys, Producers};
use crate::unknown_makers::UnknownMakers;
use crate::uses::{Use, Used};
use crate::{
    comments, config_maps, curated, dependencies, diagnostics, external_secrets, helm_releases, keys,
    kustomizations, not_applied, other_objects, sealed_secrets, secret_provider_classes, secret_references,
    secret_stores, secret_values, secrets, service_candidates, services, sources, variable_substitution,
    vault_agent, vault_secrets,
};

/// Links the objects that one cluster entry applies.
pub fn link(
    evaluation: &Evaluation,
    knowledge: &Knowledge,
    metadata: &Metadata,
    detail: Detail,
) -> Infrastructure {
    let evaluation = &*secret_values::withhold(evaluation);
    let kustomization_keys = keys::kustomizations(evaluation);
    let inventory = Inventory::new(evaluation, &kustomization_keys);
    let generated = GeneratedNames::new(&inventory);
    let embedded = EmbeddedObjects::new(&inventory);
    let (releases, (object_keys, made_keys)) = rayon::join(
        || Release::all(&inventory, &embedded),
        || (ObjectKeys::new(&inventory), MadeKeys::new(&inventory)),
    );
    let (candidates, ambiguous_services) = service_candidates::candidates(&inventory, &releases);
    let injected = vault_agent::injected(&candidates, &releases);
    let secret_keys = secrets::keys(&inventory);
    let external_secret_keys = external_secrets::keys(&inventory);
    let vault_secret_keys = vault_secrets::keys(&inventory, &injected);
    let producer_keys = ProducerKeys {
        objects: &object_keys,
        secrets: &secret_keys,
        external_secrets: &external_secret_keys,
        vault_secrets: &vault_secret_keys,
    };
    let ((kube_services, hosts), (producers, uses, too_many)) = rayon::join(
        || {
            let kube_services = KubeServices::new(&inventory, &candidates, &releases);
            let hosts = Hosts::new(&inventory, &kube_services, &candidates, &releases);
            (kube_services, hosts)
        },
        || {
            let producers = Producers::new(&inventory, &embedded, &releases, &candidates, &producer_keys);
            let mut uses = all_uses(
                &inventory,
                &object_keys,
                &candidates,
                &releases,
                &producers,
                &generated,
            );
            let too_many = bound_uses(&mut uses, &inventory);
            (producers, uses, too_many)
        },
    );
    let bounds: Vec<Diagnostic> = too_many
        .into_iter()
        .chain(kube_services.finding(&inventory))
        .collect();
    let linker = Linker {
        inventory: &inventory,
        knowledge,
        kustomization_keys: &kustomization_keys,
        object_keys: &object_keys,
        config_map_keys: &config_maps::keys(&inventory, &embedded, &uses, &generated),
        reference_keys: &secret_references::keys(&uses, &generated),
        secret_keys: &secret_keys,
        external_secret_keys: &external_secret_keys,
        secret_store_keys: &secret_stores::keys(&inventory),
        vault_secret_keys: &vault_secret_keys,
        generated: &generated,
        embedded: &embedded,
        releases: &releases,
        candidates: &candidates,
        ambiguous_services: &ambiguous_services,
        kube_services: &kube_services,
        hosts: &hosts,
        uses: &uses,
        secret_users: secret_users(&uses, &generated),
        workload_keys: candidates
            .iter()
            .flat_map(|candidate| {
                let workload = candidate.workload.into_iter();
                let objects = workload.chain(std::iter::once(candidate.object));
                objects.map(move |object| (object.object_name(), &candidate.key))
            })
            .collect(),
        made_keys,
        injected: &injected,
        producers: &producers,
        unknown_makers: &UnknownMakers::new(&inventory, &producers),
        has_fields: detail == Detail::Fields,
    };
    run(
        &linker,
        Infrastructure {
            metadata: metadata.clone(),
            ..Infrastructure::default()
        },
        bounds,
    )
}

/// Runs the stages, each of which fills its own part of the model. The longest begin first.
fn run(linker: &Linker<'_>, mut model: Infrastructure, bounds: Vec<Diagnostic>) -> Infrastructure {
    let (mut depends_on, mut ambiguous_sources) = (BTreeMap::new(), Ambiguous::new());
    let (mut in_plain_text, mut redacted, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    let Secrets {
        secret_provider_classes,
        external_secrets,
        secret_stores,
        vault_secrets,
        sealed_secrets,
        secrets,
        references,
    } = &mut model.secrets;
    rayon::scope(|scope| {
        scope.spawn(|_| (model.services, model.image_groups) = services::link(linker));
        scope.spawn(|_| depends_on = dependencies::link(linker));
        scope.spawn(|_| wrong = diagnostics::find(linker));
        scope.spawn(|_| (model.sources, ambiguous_sources) = sources::link(linker));
        scope.spawn(|_| model.helm_releases = helm_releases::link(linker));
        scope.spawn(|_| (model.config_maps, redacted) = config_maps::link(linker));
        scope.spawn(|_| model.not_applied = not_applied::of_cluster(linker));
        scope.spawn(|_| model.kustomizations = kustomizations::link(linker));
        scope.spawn(|_| model.objects = other_objects::link(linker));
        scope.spawn(|_| *external_secrets = external_secrets::link(linker));
        scope.spawn(|_| *secret_provider_classes = secret_provider_classes::link(linker));
        scope.spawn(|_| *secret_stores = secret_stores::link(linker));
        scope.spawn(|_| *vault_secrets = vault_secrets::link(linker));
        scope.spawn(|_| *sealed_secrets = sealed_secrets::link(linker));
        scope.spawn(|_| (*secrets, in_plain_text) = secrets::link(linker));
        scope.spawn(|_| *references = secret_references::link(linker));
        scope.spawn(|_| model.variable_substitution = variable_substitution::link(linker));
    });
    for (key, depends_on) in depends_on {
        if let Some(service) = model.services.get_mut(&key) {
            service.depends_on = depends_on;
        }
    }
    let (objects, services, releases) = (&mut model.objects, &model.services, &model.helm_releases);
    other_objects::add_users(linker, objects, services, releases);
    if linker.has_fields {
        comments::add(&linker.inventory.evaluation.sources, &mut model);
    }
    model.ambiguous = ambiguous(linker, ambiguous_sources);
    let stale = curated::merge(linker, &mut model);
    model.diagnostics = [
        bounds,
        linker.inventory.evaluation.diagnostics.clone(),
        in_plain_text,
        redacted,
        stale,
        wrong,
    ]
    .concat();
    Diagnostic::sort(&mut model.diagnostics);
    model
}

/// Names of several entries, by map.
fn ambiguous(linker: &Linker<'_>, sources: Ambiguous) -> BTreeMap<String, Ambiguous> {
    let of_kind = |group, kind| linker.object_keys.table(group, kind).map(KeyTable::ambiguous);
    let tables = [
        ("services", Some(linker.ambiguous_services)),
        ("kustomizations", Some(linker.kustomization_keys.ambiguous())),
        ("helmReleases", of_kind(HELM, "HelmRelease")),
        ("sources", Some(&sources)),
        ("configMaps", Some(linker.config_map_keys.ambiguous())),
        (
            "secretProviderClasses",
            of_kind(secret_provider_class::GROUP, "SecretProviderClass"),
        ),
        ("externalSecrets", Some(linker.external_secret_keys.ambiguous())),
        ("secretStores", Some(linker.secret_store_keys.ambiguous())),
        ("vaultSecrets", Some(linker.vault_secret_keys.ambiguous())),
        ("sealedSecrets", of_kind(sealed_secret::GROUP, "SealedSecret")),
        ("secrets", Some(linker.secret_keys.ambiguous())),
        ("references", Some(linker.reference_keys.ambiguous())),
    ];
    tables
        .into_iter()
        .filter_map(|(map, names)| Some((map.to_owned(), names.filter(|names| !names.is_empty())?.clone())))
        .collect()
}

fn secret_users(uses: &[Use], generated: &GeneratedNames<'_>) -> BTreeMap<ObjectRef, BTreeSet<String>> {
    let mut users: BTreeMap<ObjectRef, BTreeSet<String>> = BTreeMap::new();
    for found in uses.iter().filter(|found| found.used == Used::Secret) {
        let of_secret = users.entry(generated.object_name(found)).or_default();
        of_secret.insert(found.user_text().to_owned());
    }
    users
}
