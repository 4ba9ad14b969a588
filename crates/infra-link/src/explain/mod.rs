//! Explanations of the fields of services and the values of releases: the statements that decide them.
//!
//! For objects of charts, values are changed and the chart is rendered again; for others the build keeps the origins.

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
use crate::helm_target_path::parse_target_path;
use crate::hosts::{self, Hosts};
use crate::inventory::Inventory;
use crate::keys::{self, GeneratedNames};
use crate::kinds::helm_release::Release;
use crate::kube_services::KubeServices;
use crate::locate::Locator;
use crate::{secret_values, service_candidates};
use fields::AskedField;

/// The objects of a cluster, for explanations.
struct Context<'a> {
    inventory: &'a Inventory<'a>,
    embedded: &'a EmbeddedObjects<'a>,
    generated: &'a GeneratedNames<'a>,
    locator: Locator<'a>,
}

impl Context<'_> {
    /// Calls `explain` with the context of an evaluation and its releases.
    fn with<T>(
        evaluation: &Evaluation,
        explain: impl for<'c> FnOnce(Context<'c>, &'c [Release<'c>]) -> T,
    ) -> T {
        let evaluation = &*secret_values::withhold(evaluation);
        let kustomization_keys = keys::kustomizations(evaluation);
        let inventory = Inventory::new(evaluation, &kustomization_keys);
        let embedded = EmbeddedObjects::new(&inventory);
        let releases = Release::all(&inventory, &embedded);
        let context = Context {
            inventory: &inventory,
            embedded: &embedded,
            generated: &GeneratedNames::new(&inventory),
            locator: Locator::new(&evaluation.sources, &evaluation.files),
        };
        explain(context, &releases)
    }
}

/// Explains the fields of a service, by its key: one of them, or all. Nothing for a service whose chart was not rendered.
pub fn explain(evaluation: &Evaluation, service: &str, wanted: Option<ServiceField>) -> Vec<ExplainedField> {
    Context::with(evaluation, |context, releases| {
        explain_service(context, releases, service, wanted)
    })
}

fn explain_service<'c>(
    mut context: Context<'c>,
    releases: &'c [Release<'c>],
    service: &str,
    wanted: Option<ServiceField>,
) -> Vec<ExplainedField> {
    let inventory = context.inventory;
    let (candidates, _) = service_candidates::candidates(inventory, releases);
    let mut positions = candidates.iter().enumerate();
    let Some((position, candidate)) = positions.find(|(_, candidate)| candidate.key == service) else {
        return Vec::new();
    };
    let workload = chart_workload(candidate).map(|(_, workload)| workload);
    let Some(workload) = workload.or(candidate.any_workload()) else {
        return Vec::new();
    };
    let kube_services = KubeServices::new(inventory, &candidates, releases);
    let hosts = Hosts::new(inventory, &kube_services, &candidates, releases);
    let selecting = kube_services.selecting(position);
    let asked = AskedField::all(
        inventory,
        workload,
        selecting.filter_map(|service| inventory.find("", "Service", service.namespace, service.name)),
        &hosts::hosts_of(&hosts, position),
        wanted,
    );
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
    let path = path.trim_start_matches('.');
    let path = path.strip_prefix("values.").unwrap_or(path);
    let Some(path) = parse_target_path(path) else {
        return Vec::new();
    };
    Context::with(evaluation, |mut context, releases| {
        let mut releases = releases.iter();
        let found = releases.find(|found| found.object.object_name() == *release);
        found.map_or(Vec::new(), |release| {
            release::values(&mut context, release, &path, MOST_VALUES)
        })
    })
}

/// Explains fields, those of one release together.
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
        // The last statement decides unless another does.
        if !field.chain.iter().any(|statement| statement.decides) {
            statement::decide_last(&mut field.chain);
        }
        let mut chain = field.chain.iter();
        debug_assert!(
            chain.all(|statement| statement.kind != StatementKind::Template || statement.decides),
            "a template that does not decide is no statement"
        );
    }
    explained
}
