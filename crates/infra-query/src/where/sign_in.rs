//! What asks for a sign-in before a request gets to a host: annotations of its Ingress, middlewares and policies of its route, and
//! what an ingress controller asks for everywhere.

use std::collections::BTreeMap;

use infra_model::config::ConfigValue;
use infra_model::flux::HelmRelease;
use infra_model::object::{ObjectField, OtherObject};
use infra_model::service::Service;
use infra_model::{Key, Place};

use crate::Facts;
use crate::facts::entries;
use crate::graph::links::object_named;

use super::told::{Told, told};

/// <https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#authentication>
const NGINX: &str = "nginx.ingress.kubernetes.io";

/// An Ingress with a host, as an object or among the values of a release.
struct Ingress<'a> {
    fields: &'a BTreeMap<Key, ObjectField>,
    source: Option<&'a Place>,
    /// The path above `annotations`, with a final dot.
    root: String,
    namespace: &'a str,
    class: Option<&'a str>,
}

impl<'a> Ingress<'a> {
    fn annotation(&self, key: &str) -> Option<&'a ObjectField> {
        let path = format!("{}annotations.[{key}]", self.root);
        self.fields.get(&path).filter(|field| !field.value.is_empty())
    }

    fn place(&self, field: &ObjectField) -> Option<Place> {
        field.place(self.source)
    }
}

/// A way to ask, in words, with its line.
type Asked = (String, Option<Place>);

/// What is told of the hosts of a service; of one alone where that is asked for. Hosts of which the same is true are told once.
pub(super) fn of_service(
    facts: &dyn Facts,
    service: &Service,
    release: Option<&HelmRelease>,
    asked: Option<&str>,
) -> Vec<Told> {
    const MOST: usize = 4;
    let mut found: Vec<(Asked, Vec<&str>)> = Vec::new();
    let hosts = service.hosts.iter().map(String::as_str);
    for host in hosts.filter(|host| asked.is_none_or(|asked| host.eq_ignore_ascii_case(asked))) {
        let Some(way) = of_host(facts, service, release, host) else {
            continue;
        };
        match found.iter_mut().find(|(known, _)| *known == way) {
            Some((_, hosts)) => hosts.push(host),
            None => found.push((way, vec![host])),
        }
    }
    let is_one =
        found.len() == 1 && service.hosts.len() == found.iter().map(|(_, hosts)| hosts.len()).sum::<usize>();
    let lines = found.into_iter().take(MOST).map(|((text, place), hosts)| {
        let text = match is_one || asked.is_some() {
            true => text,
            false => format!("{}: {text}", hosts.join(", ")),
        };
        told("sign-in", text, place)
    });
    lines.collect()
}

fn of_host(facts: &dyn Facts, service: &Service, release: Option<&HelmRelease>, host: &str) -> Option<Asked> {
    let route = service.routes.iter().find(|route| route.host == host);
    if let Some(route) = route.filter(|route| route.kind != "Ingress") {
        return of_route(facts, &route.kind, &route.name, &service.namespace);
    }
    let ingress = match route {
        Some(route) => {
            let ingress = object_named(facts, "Ingress", &service.namespace, &route.name);
            ingress.map(|(_, it)| Ingress {
                fields: &it.fields,
                source: it.source.as_ref(),
                root: "metadata.".to_owned(),
                namespace: &it.namespace,
                class: it
                    .fields
                    .get("spec.ingressClassName")
                    .map(|field| field.value.as_str()),
            })
        }
        None => release.and_then(|release| among_values(release, host)),
    }?;
    of_ingress(facts, &ingress)
}

/// The Ingress of a host among the values of a chart that is not at hand.
fn among_values<'a>(release: &'a HelmRelease, host: &str) -> Option<Ingress<'a>> {
    let values = &release.values;
    let is_host =
        |path: &str| path.contains("ngress") && (path.contains(".host") || path.ends_with("].name"));
    let (path, _) = values
        .iter()
        .find(|(path, field)| is_host(path) && field.value.eq_ignore_ascii_case(host))?;
    let (root, _) = path.split_once(".host")?;
    let class = ["className", "ingressClassName", "ingressClass"]
        .iter()
        .find_map(|key| values.get(&format!("{root}.{key}")));
    Some(Ingress {
        fields: values,
        source: release.source.as_ref(),
        root: format!("{root}."),
        namespace: &release.release_namespace,
        class: class.map(|field| field.value.as_str()),
    })
}

fn of_ingress(facts: &dyn Facts, ingress: &Ingress<'_>) -> Option<Asked> {
    let nginx = |key: &str| ingress.annotation(&format!("{NGINX}/{key}"));
    let value = |field: &ObjectField| field.value.clone();
    let snippet = ["configuration-snippet", "auth-snippet"]
        .iter()
        .find_map(|key| nginx(key))
        .filter(|field| field.value.contains("auth_request"));
    let with_snippet = |text: String| match snippet {
        Some(snippet) => format!("{text}; {}", snippet.value.trim_end_matches(';')),
        None => text,
    };
    if let Some(url) = nginx("auth-url") {
        let shown = nginx("auth-signin").unwrap_or(url);
        return Some((with_snippet(value(shown)), ingress.place(url)));
    }
    if let Some(kind) = nginx("auth-type") {
        let secret = nginx("auth-secret").map(|secret| format!(", Secret {}", secret.value));
        let text = format!("{} auth{}", kind.value, secret.unwrap_or_default());
        return Some((text, ingress.place(kind)));
    }
    if let Some(names) = ingress.annotation("traefik.ingress.kubernetes.io/router.middlewares") {
        let middlewares = names.value.split(',').map(str::trim);
        let mut asking = middlewares.filter_map(|name| of_middleware(facts, name, ingress.namespace));
        return asking.next().map(|text| (text, ingress.place(names)));
    }
    let (global, place) = global(facts, ingress)?;
    match nginx("enable-global-auth") {
        Some(off) if off.value == "false" => {
            Some(("none, enable-global-auth is false".to_owned(), ingress.place(off)))
        }
        _ => {
            // The line of what differs from all others says more than the one for all.
            let place = snippet.and_then(|snippet| ingress.place(snippet)).or(place);
            Some((with_snippet(global), place))
        }
    }
}

/// What the ingress-nginx of an Ingress asks for where nothing else is stated
/// (<https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#global-auth-url>).
fn global(facts: &dyn Facts, ingress: &Ingress<'_>) -> Option<Asked> {
    const KEY: &str = "global-auth-url";
    const SIGN_IN: &str = "global-auth-signin";
    let stated_class = ingress.class.or_else(|| {
        let class = ingress.annotation("kubernetes.io/ingress.class")?;
        Some(class.value.as_str())
    });
    let mut found: Vec<(Option<String>, Asked)> = Vec::new();
    for (key, release) in entries(facts.helm_releases(), &[KEY]) {
        let Some((path, url)) = release.values.iter().find(|(path, _)| path.ends_with(KEY)) else {
            continue;
        };
        let Some(config) = path.strip_suffix(KEY) else {
            continue;
        };
        let shown = release.values.get(&format!("{config}{SIGN_IN}")).unwrap_or(url);
        let text_of = |path: &str| release.values.get(path).map(|field| field.value.clone());
        let class = text_of("controller.ingressClassResource.name")
            .or_else(|| text_of("controller.ingressClass"))
            .unwrap_or_else(|| "nginx".to_owned());
        let text = format!("{} (for all, by {key})", shown.value);
        found.push((Some(class), (text, url.place(release.source.as_ref()))));
    }
    for (key, map) in entries(facts.config_maps(), &[KEY]) {
        let text_of = |key: &str| match map.keys.get(key) {
            Some(ConfigValue::Text(text)) => Some(text.value().to_owned()),
            _ => None,
        };
        if let Some(url) = text_of(KEY) {
            let shown = text_of(SIGN_IN).unwrap_or(url);
            let text = format!("{shown} (for all, by ConfigMap {key})");
            let place = map.places.get(KEY).cloned().or_else(|| map.source.clone());
            found.push((None, (text, place)));
        }
    }
    let is_own = |class: &Option<String>| match (class, stated_class) {
        (Some(class), Some(stated)) => class == stated,
        (None, Some(stated)) => stated.contains("nginx"),
        (_, None) => true,
    };
    found.retain(|(class, _)| is_own(class));
    match found.len() {
        1 => found.pop().map(|(_, asked)| asked),
        _ => None,
    }
}

/// What a middleware of Traefik asks for, by `namespace-name@kubernetescrd` or by its name.
fn of_middleware(facts: &dyn Facts, name: &str, namespace: &str) -> Option<String> {
    let full = name.strip_suffix("@kubernetescrd");
    let is_it = |it: &OtherObject| match full {
        Some(full) => full == format!("{}-{}", it.namespace, it.name),
        None => it.name == name && it.namespace == namespace,
    };
    let (_, middleware) =
        entries(facts.objects(), &["Middleware"]).find(|(_, it)| it.kind == "Middleware" && is_it(it))?;
    let found = middleware.fields.iter().find_map(|(path, field)| {
        let what = match path.as_str() {
            "spec.forwardAuth.address" => "",
            "spec.basicAuth.secret" => "basic auth, Secret ",
            "spec.digestAuth.secret" => "digest auth, Secret ",
            path if path.starts_with("spec.plugin.")
                && path.to_ascii_lowercase().ends_with("providerurl") =>
            {
                ""
            }
            _ => return None,
        };
        Some(format!("{what}{}", field.value))
    })?;
    Some(format!("{found} (Middleware {})", middleware.name))
}

/// What a route asks for: the middlewares of an IngressRoute, a SecurityPolicy of Envoy Gateway on an HTTPRoute
/// (<https://gateway.envoyproxy.io/docs/api/extension_types/#securitypolicy>).
fn of_route(facts: &dyn Facts, kind: &str, name: &str, namespace: &str) -> Option<Asked> {
    if kind == "IngressRoute" {
        let (_, route) = object_named(facts, kind, namespace, name)?;
        let middlewares = route
            .fields
            .iter()
            .filter(|(path, _)| path.contains(".middlewares[") && path.ends_with("].name"));
        let mut asking = middlewares.filter_map(|(path, field)| {
            let own = path.strip_suffix("name").map(|above| format!("{above}namespace"));
            let own = own.and_then(|path| route.fields.get(&path));
            let namespace = own.map_or(namespace, |field| field.value.as_str());
            let text = of_middleware(facts, &field.value, namespace)?;
            Some((text, field.place(route.source.as_ref())))
        });
        return asking.next();
    }
    let mut policies = entries(facts.objects(), &["SecurityPolicy"]).filter(|(_, it)| {
        it.kind == "SecurityPolicy"
            && it.namespace == namespace
            && it.fields.iter().any(|(path, field)| {
                path.starts_with("spec.targetRef") && path.ends_with("name") && field.value == name
            })
    });
    policies.find_map(|(key, policy)| {
        let (path, field) = policy.fields.iter().find(|(path, _)| {
            path.as_str() == "spec.oidc.provider.issuer"
                || path.starts_with("spec.extAuth.") && path.ends_with(".name")
                || path.starts_with("spec.basicAuth.") && path.ends_with(".name")
        })?;
        let what = match path.starts_with("spec.basicAuth.") {
            true => "basic auth, Secret ",
            false => "",
        };
        Some((
            format!("{what}{} ({key})", field.value),
            field.place(policy.source.as_ref()),
        ))
    })
}
