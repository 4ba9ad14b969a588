//! Sign-ins for hosts: annotations of an Ingress, middlewares and policies of a route, and the global authentication of
//! an ingress controller.

use infra_model::Place;
use infra_model::config::ConfigValue;
use infra_model::fields::Fields;
use infra_model::flux::HelmRelease;
use infra_model::object::{ObjectField, OtherObject};
use infra_model::service::Service;

use crate::Facts;
use crate::facts::entries;
use crate::graph::links::object_named;
use crate::object::value;

use super::fact::{Told, fact};

/// <https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#authentication>
const NGINX: &str = "nginx.ingress.kubernetes.io";

/// An Ingress with a host, as an object or among the values of a release.
struct Ingress<'a> {
    fields: &'a Fields,
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

/// The text of a sign-in, and its line.
type SignIn = (String, Option<Place>);

/// The sign-ins of the hosts of a service, or of the host that was asked for. Hosts with the same sign-in share a line.
pub(super) fn of_service(
    facts: &dyn Facts,
    service: &Service,
    release: Option<&HelmRelease>,
    asked: Option<&str>,
) -> Vec<Told> {
    const MOST: usize = 4;
    let mut found: Vec<(SignIn, Vec<&str>)> = Vec::new();
    let hosts = service.hosts.iter().map(String::as_str);
    for host in hosts.filter(|host| asked.is_none_or(|asked| host.eq_ignore_ascii_case(asked))) {
        let Some(sign_in) = of_host(facts, service, release, host) else {
            continue;
        };
        match found.iter_mut().find(|(known, _)| *known == sign_in) {
            Some((_, hosts)) => hosts.push(host),
            None => found.push((sign_in, vec![host])),
        }
    }
    let facts = found.into_iter().take(MOST).map(|((text, place), hosts)| {
        // The only one of all hosts needs no names.
        let text = match hosts.len() == service.hosts.len() || asked.is_some() {
            true => text,
            false => format!("{}: {text}", hosts.join(", ")),
        };
        fact("sign-in", text, place)
    });
    facts.collect()
}

fn of_host(
    facts: &dyn Facts,
    service: &Service,
    release: Option<&HelmRelease>,
    host: &str,
) -> Option<SignIn> {
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
                class: value(it, "spec.ingressClassName"),
            })
        }
        None => release.and_then(|release| among_values(release, host)),
    }?;
    of_ingress(facts, &ingress)
}

/// The Ingress of a host among the values of a chart that is not available.
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

fn of_ingress(facts: &dyn Facts, ingress: &Ingress<'_>) -> Option<SignIn> {
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
            // The line of the Ingress's own annotation says more than the global one.
            let place = snippet.and_then(|snippet| ingress.place(snippet)).or(place);
            Some((with_snippet(global), place))
        }
    }
}

/// The global authentication of the ingress-nginx that serves an Ingress
/// (<https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#global-auth-url>).
fn global(facts: &dyn Facts, ingress: &Ingress<'_>) -> Option<SignIn> {
    const KEY: &str = "global-auth-url";
    const SIGN_IN: &str = "global-auth-signin";
    let stated_class = ingress.class.or_else(|| {
        let class = ingress.annotation("kubernetes.io/ingress.class")?;
        Some(class.value.as_str())
    });
    let mut found: Vec<(Option<String>, SignIn)> = Vec::new();
    for (key, release) in entries(facts.helm_releases(), &[KEY]) {
        let mut values = release.values.iter();
        let url = values.find_map(|(path, field)| Some((path.strip_suffix(KEY)?, field)));
        let Some((config, url)) = url else { continue };
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

/// The sign-in of a middleware of Traefik, by `namespace-name@kubernetescrd` or by its name.
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

/// The sign-in of a route: by a middleware of an IngressRoute, or a SecurityPolicy of Envoy Gateway on an HTTPRoute
/// (<https://gateway.envoyproxy.io/docs/api/extension_types/#securitypolicy>).
fn of_route(facts: &dyn Facts, kind: &str, name: &str, namespace: &str) -> Option<SignIn> {
    if kind == "IngressRoute" {
        let (_, route) = object_named(facts, kind, namespace, name)?;
        let middlewares = route
            .fields
            .iter()
            .filter(|(path, _)| path.contains(".middlewares[") && path.ends_with("].name"));
        let mut asking = middlewares.filter_map(|(path, field)| {
            let above = path.strip_suffix("name")?;
            let namespace = value(route, &format!("{above}namespace")).unwrap_or(namespace);
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
