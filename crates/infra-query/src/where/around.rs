//! Objects that affect a subject: rules that label the nodes of its pods, policies of its routes, Gateways of its
//! route.

use infra_model::ObjectRef;
use infra_model::flux::HelmRelease;
use infra_model::object::{ObjectField, OtherObject};
use infra_model::service::Service;

use crate::Facts;
use crate::facts::{entries, mentioning};
use crate::graph::links::object_named;
use crate::object::value;

use super::fact::{Told, fact, last};

/// Maximum number of each.
const MOST: usize = 4;

/// The NodeFeatureRules that set the node labels which a service requires.
pub(super) fn labelling(facts: &dyn Facts, service: &Service) -> Vec<Told> {
    // https://nfd.sigs.k8s.io/usage/customization-guide#node-labels
    const PREFIX: &str = "feature.node.kubernetes.io/";
    let required = service.nodes.iter().filter(|rule| rule.how == "node");
    let texts = required.flat_map(|rule| rule.text.split([' ', ',']));
    let labels = texts.filter_map(|text| text.split_once('='));
    let mut found: Vec<Told> = Vec::new();
    for (label, value) in labels {
        let short = label.strip_prefix(PREFIX).unwrap_or(label);
        let rules = mentioning(facts.objects(), short).filter(|(_, object)| object.kind == "NodeFeatureRule");
        for (key, object) in rules {
            let is_set = |(path, field): &(&String, &ObjectField)| {
                let own = path.rsplit_once(".labels.");
                let own = own.map(|(_, own)| own.trim_matches(['[', ']']));
                own.is_some_and(|own| own == label || own == short) && field.value == value
            };
            let place = object.fields.iter().find(is_set);
            let place = place.map(|(_, field)| field.place(object.source.as_ref()));
            let is_known = found.iter().any(|known| known.text == key);
            if let Some(place) = place.filter(|_| !is_known && found.len() < MOST) {
                found.push(fact("labelled by", key.to_owned(), place));
            }
        }
    }
    found
}

/// The policies that target the routes of a service (<https://gateway-api.sigs.k8s.io/geps/gep-713/>).
pub(super) fn policies(facts: &dyn Facts, service: &Service, release: Option<&HelmRelease>) -> Vec<Told> {
    let mut found = Vec::new();
    let name = release.map_or(service.name.as_str(), |release| release.name.as_str());
    let is_own = |route: &str| {
        let rest = release.and_then(|release| route.strip_prefix(release.release_name.as_str()));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            || service.routes.iter().any(|own| own.name == route)
    };
    for (key, object) in entries(facts.objects(), &["Policy"]) {
        if !object.kind.ends_with("Policy") || object.namespace != service.namespace || found.len() >= MOST {
            continue;
        }
        let targets = object.fields.iter().filter(|(path, _)| {
            (path.starts_with("spec.targetRef.") || path.starts_with("spec.targetRefs["))
                && last(path) == "name"
        });
        let is_route = |path: &str| {
            let kind = path.strip_suffix("name").map(|target| format!("{target}kind"));
            let kind = kind.and_then(|kind| object.fields.get(&kind));
            kind.is_some_and(|kind| kind.value.ends_with("Route"))
        };
        // A service of exactly the name of the route owns it.
        let is_of_other = |route: &str| {
            let others = mentioning(facts.services(), route);
            route != name && others.into_iter().any(|(_, other)| other.name == route)
        };
        let mut targets = targets
            .filter(|(path, field)| is_route(path) && is_own(&field.value) && !is_of_other(&field.value));
        if targets.next().is_some() {
            found.push(fact("policy", key.to_owned(), object.source.clone()));
        }
    }
    found
}

/// The Gateways of a route that nothing here makes.
pub(super) fn missing_parents(facts: &dyn Facts, route: &OtherObject) -> Vec<Told> {
    if !route.api_version.starts_with("gateway.networking.k8s.io/") || !route.kind.ends_with("Route") {
        return Vec::new();
    }
    let parents = route.fields.iter().filter_map(|(path, field)| {
        let parent = path.strip_suffix(".name")?;
        let is_gateway = value(route, &format!("{parent}.kind")).is_none_or(|kind| kind == "Gateway");
        (parent.starts_with("spec.parentRefs[") && is_gateway).then_some((parent, field))
    });
    let is_missing = |(parent, field): &(&str, &ObjectField)| {
        let namespace = value(route, &format!("{parent}.namespace")).unwrap_or(&route.namespace);
        let gateway = ObjectRef::new("Gateway", namespace, &field.value);
        let mut releases = mentioning(facts.helm_releases(), &field.value);
        let is_stated = object_named(facts, "Gateway", namespace, &field.value).is_some();
        !is_stated && !releases.any(|(_, release)| release.provides.contains(&gateway))
    };
    let is_chart_unknown = || {
        let mut releases = facts.helm_releases().iter();
        releases.any(|(_, release)| release.is_chart_unknown())
    };
    let missing = parents.filter(is_missing).take(MOST);
    let missing = missing.map(|(_, field)| {
        let unless = match is_chart_unknown() {
            true => ", unless a chart that is not available makes it",
            false => "",
        };
        let text = format!("Gateway {} is not applied here{unless}", field.value);
        fact("no such parent", text, field.place(route.source.as_ref()))
    });
    missing.collect()
}
