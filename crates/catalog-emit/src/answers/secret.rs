//! `secret`: `{"service", "ways", "stores", "through": [{"kept", "carrier", "store", "secret", "producer", "mounts", "usage"}], "check"}`.

use infra_model::config::Usage;
use infra_query::Subject;
use infra_query::secret::{Filled, SecretAnswer, SecretPath};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, to_value};

use super::ToJson;
use super::next_steps::{StepJson, steps};
use super::subject::{Named, named};

/// Where secrets come from, and who reads them.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SecretJson<'a> {
    /// Key of the service, where the question is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
    /// The variable, where the question is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    variable: Option<Named<'a>>,
    /// The paths of the secrets.
    ways: Vec<PathJson<'a>>,
    /// The paths of other secrets that lead through the service or an object that it makes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    through: Vec<PathJson<'a>>,
    /// Whether the service may read others, since its chart is not available.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    chart_unknown: bool,
    /// The stores that were asked about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stores: Vec<Named<'a>>,
    /// The PushSecrets that were asked about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pushes: Vec<Named<'a>>,
    /// Commands that show what the cluster has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    check: Vec<StepJson<'a>>,
}

/// The path of a secret.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SecretWay")]
pub(super) struct PathJson<'a> {
    /// Where its value is kept, such as `shared/data/secrets#secrets.py`.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<&'a str>,
    /// The object that fetches or holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<Named<'a>>,
    /// Key of the store that an ExternalSecret reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<&'a str>,
    /// The Secret in the cluster; none for a secret that is only mounted.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<SecretName<'a>>,
    /// `namespace/name` of the Secret that is copied into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    copy_of: Option<&'a str>,
    /// What copies it.
    #[serde(skip_serializing_if = "Option::is_none")]
    copied_by: Option<&'a str>,
    /// The keys of the Secret that it is put into, or that the template of the ExternalSecret makes of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fills: Vec<&'a str>,
    /// What the templates of these keys read and state, where that is not what they are called.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filled_from: Vec<FilledJson<'a>>,
    /// `unknown` where a chart that was not rendered may make the Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    producer: Option<&'static str>,
    /// Whether the template of the ExternalSecret does not read it, so that it never gets into the Secret.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    left_out: bool,
    /// Whether the Secret is never made, since no pod mounts the class that syncs it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unmounted: bool,
    /// Files in containers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mounts: Vec<MountJson<'a>>,
    /// Uses of the Secret.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    usage: &'a [&'a Usage],
    /// The file that an injector writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    injected: Option<InjectedJson<'a>>,
}

/// A key that a template makes.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FilledKey")]
struct FilledJson<'a> {
    /// The key.
    key: &'a str,
    /// The fetched keys that its template reads.
    reads: &'a [&'a str],
    /// The hosts that its template states.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    states: &'a [&'a str],
}

/// A Secret.
#[derive(Serialize, JsonSchema)]
struct SecretName<'a> {
    /// Its namespace.
    namespace: &'a str,
    /// Its name.
    name: &'a str,
}

/// A file in a container.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SecretMount")]
struct MountJson<'a> {
    /// Key of the service.
    service: &'a str,
    /// The container.
    container: &'a str,
    /// The path in it.
    path: &'a str,
}

/// A file that an injector writes.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "InjectedFile")]
struct InjectedJson<'a> {
    /// The file.
    file: &'a str,
    /// Keys of the services into whose pods it is written.
    services: &'a [String],
}

impl ToJson for SecretAnswer<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let stores = self.stores.iter();
        let stores = stores.map(|it| named(Subject::SecretStore(it.key, it.store)));
        let pushes = self.pushes.iter();
        let pushes = pushes.map(|it| named(Subject::Object(it.key, it.object)));
        let variable = |(key, it)| named(Subject::Variable(key, it));
        to_value(SecretJson {
            chart_unknown: self.chart_unknown.is_some(),
            service: self.service,
            variable: self.variable.map(variable),
            ways: self.paths.iter().map(PathJson::from).collect(),
            through: self.through.iter().map(PathJson::from).collect(),
            stores: stores.collect(),
            pushes: pushes.collect(),
            check: steps(&self.check),
        })
    }
}

impl<'a> From<&'a SecretPath<'a>> for PathJson<'a> {
    fn from(path: &'a SecretPath<'a>) -> Self {
        let mounts = path.mounts.iter().map(|mount| MountJson {
            service: &mount.service,
            container: &mount.container,
            path: &mount.path,
        });
        let says_more = |filled: &&Filled<'_>| !filled.reads.is_empty() || !filled.states.is_empty();
        let filled_from = path.fills.iter().filter(says_more).map(|filled| FilledJson {
            key: filled.key,
            reads: &filled.reads,
            states: &filled.states,
        });
        let secret_name = |(namespace, name)| SecretName { namespace, name };
        let injected = |(file, services)| InjectedJson { file, services };
        PathJson {
            kept: path.origin.as_deref(),
            carrier: path.carrier.map(named),
            store: path.store.map(|(key, _)| key),
            secret: path.secret.map(secret_name),
            copy_of: path.copy.map(|(origin, _)| origin),
            copied_by: path.copy.and_then(|(_, by)| by),
            fills: path.fills.iter().map(|filled| filled.key).collect(),
            filled_from: filled_from.collect(),
            producer: path.unknown.then_some("unknown"),
            left_out: path.left_out,
            unmounted: path.unmounted,
            mounts: mounts.collect(),
            usage: &path.usage,
            injected: path.injected.map(injected),
        }
    }
}
