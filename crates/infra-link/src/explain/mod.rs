//! Where the fields of a service come from.
//!
//! For what a chart makes, values are changed and the chart is rendered again; elsewhere the origins that the build keeps tell.

mod fields;
mod manifest;
mod release;
mod statement;
mod value_from;

use std::collections::BTreeMap;

use flux_evaluate::Evaluation;
use infra_model::ObjectRef;
use infra_model::explain::{ExplainedField, ExplainedValue, ServiceField, StatementKind};

use crate::crossplane::EmbeddedObjects;
use crate::deciding_values::chart_workload;
use crate::hosts::{self, Hosts};
use crate::inventory::Inventory;
use crate::keys::{self, GeneratedNames};
use crate::kinds::helm_release::Release;
use crate::kube_services::KubeServices;
use crate::locate::Locator;
use crate::{secret_values, service_candidates};
use fields::AskedField;

/// What explaining needs to know of a cluster.
struct Context<'a> {
    inventory: &'a Inventory<'a>,
    embedded: &'a EmbeddedObjects<'a>,
    generated: &'a GeneratedNames<'a>,
    locator: Locator<'a>,
}

/// Explains the fields of a service, by its key: one of them, or all. Nothing for a service whose chart was not rendered.
pub fn explain(evaluation: &Evaluation, service: &str, wanted: Option<ServiceField>) -> Vec<ExplainedField> {
    let evaluation = &*secret_values::withhold(evaluation);
    let kustomization_keys = keys::kustomizations(evaluation);
    let inventory = Inventory::new(evaluation, &kustomization_keys);
    let generated = GeneratedNames::new(&inventory);
    let embedded = EmbeddedObjects::new(&inventory);
    let releases = Release::all(&inventory, &embedded);
    let (candidates, _) = service_candidates::candidates(&inventory, &releases);
    let found = candidates
        .iter()
        .enumerate()
        .find(|(_, candidate)| candidate.key == service);
    let Some((position, candidate)) = found else {
        return Vec::new();
    };
    let workload = match chart_workload(candidate) {
        Some((_, workload)) => workload,
        None if candidate.release.is_some() => return Vec::new(),
        None => candidate.object,
    };
    let kube_services = KubeServices::new(&inventory, &candidates, &releases);
    let hosts = Hosts::new(&inventory, &kube_services, &candidates, &releases);
    let selecting = kube_services.selecting(position);
    let asked = AskedField::all(
        &inventory,
        workload,
        selecting.filter_map(|service| inventory.find("", "Service", service.namespace, service.name)),
        &hosts::hosts_of(&hosts, position),
        wanted,
    );
    let mut context = Context {
        inventory: &inventory,
        embedded: &embedded,
        generated: &generated,
        locator: Locator::new(&evaluation.sources, &evaluation.files),
    };
    let by_id: BTreeMap<ObjectRef, &Release<'_>> = releases
        .iter()
        .map(|release| (flux_evaluate::flux::object_ref(release.object.node()), release))
        .collect();
    explained(&mut context, asked, &by_id)
}

/// Most values that are explained at a time.
const MOST_VALUES: usize = 200;

/// Explains the values of a HelmRelease, by its name and namespace, at a path such as `ingress.hosts` or below it.
pub fn explain_values(evaluation: &Evaluation, release: &ObjectRef, path: &str) -> Vec<ExplainedValue> {
    let evaluation = &*secret_values::withhold(evaluation);
    let kustomization_keys = keys::kustomizations(evaluation);
    let inventory = Inventory::new(evaluation, &kustomization_keys);
    let generated = GeneratedNames::new(&inventory);
    let embedded = EmbeddedObjects::new(&inventory);
    let releases = Release::all(&inventory, &embedded);
    let is_meant = |one: &&Release<'_>| one.object.object_name() == *release;
    let path = path.trim_start_matches('.');
    let path = path.strip_prefix("values.").unwrap_or(path);
    let (Some(release), Some(path)) = (
        releases.iter().find(is_meant),
        crate::helm_target_path::value_path(path),
    ) else {
        return Vec::new();
    };
    let mut context = Context {
        inventory: &inventory,
        embedded: &embedded,
        generated: &generated,
        locator: Locator::new(&evaluation.sources, &evaluation.files),
    };
    release::values(&mut context, release, &path, MOST_VALUES)
}

fn explained(
    context: &mut Context<'_>,
    asked: Vec<AskedField<'_>>,
    releases: &BTreeMap<ObjectRef, &Release<'_>>,
) -> Vec<ExplainedField> {
    let mut of_releases: BTreeMap<&ObjectRef, Vec<usize>> = BTreeMap::new();
    let mut explained: Vec<Option<ExplainedField>> = Vec::new();
    for (position, asked) in asked.iter().enumerate() {
        let by = asked.object.applied.generated_by.as_ref();
        let release = by.filter(|by| releases.contains_key(by));
        explained.push(match release {
            Some(release) => {
                of_releases.entry(release).or_default().push(position);
                None
            }
            None => Some(manifest::explain(context, asked)),
        });
    }
    for (id, positions) in of_releases {
        let Some(release) = releases.get(id) else { continue };
        let fields: Vec<&AskedField<'_>> = positions.iter().filter_map(|at| asked.get(*at)).collect();
        let found = release::explain(context, release, &fields);
        for (position, field) in positions.into_iter().zip(found) {
            if let Some(place) = explained.get_mut(position) {
                *place = Some(field);
            }
        }
    }
    for (asked, field) in asked.iter().zip(&mut explained) {
        if let Some(field) = field {
            value_from::resolve(context, asked, field);
        }
    }
    let mut explained: Vec<ExplainedField> = explained.into_iter().flatten().collect();
    for field in &mut explained {
        // One has the last word, and where nothing else is known it is the last.
        if !field.chain.iter().any(|statement| statement.decides)
            && let Some(last) = field.chain.last_mut()
        {
            last.decides = true;
        }
        debug_assert!(
            field
                .chain
                .iter()
                .all(|s| s.kind != StatementKind::Template || s.decides),
            "a template that does not decide is no statement"
        );
    }
    explained
}
