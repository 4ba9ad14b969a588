//! Built-in plugins that `generators`, `transformers` and `validators` configure.
//!
//! Kinds:
//! <https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.2/api/internal/plugins/builtinhelpers/builtins.go>.

mod affix_transformer;
mod config;
mod iam_policy_generator;
mod image_tag_transformer;
mod label_transformer;
mod namespace_transformer;
mod patch_json6902_transformer;
mod patch_strategic_merge_transformer;
mod patch_transformer;
mod replacement_transformer;
mod replica_count_transformer;
mod validators;
mod value_add_transformer;

use crate::accumulation::{Accumulation, Accumulator};
use crate::build_metadata::{self, OriginPath};
use crate::error::Context;
use crate::kustomization::Text;
use crate::load::{Loader, documents};
use crate::resource::{OriginKind, Resource};
use crate::syntax::without_places;
use crate::target::Target;
use crate::transformers::Transformer;
use crate::{BuildError, ResMap, generators};

pub(crate) use validators::validate;

use config::{fails, generator_config};

/// A plugin with its configuration.
pub(crate) struct Plugin<T> {
    /// The generator or transformer.
    pub(crate) work: T,
    /// The id of its configuration, for error messages.
    pub(crate) id: String,
    /// The place of its configuration, if origins are tracked.
    pub(crate) origin: Option<OriginPath>,
}

/// Runs the plugins of `generators` entries and returns a list of objects for each.
///
/// # Errors
/// [`BuildError::ExternalPlugin`] for a plugin that is not built in, [`BuildError::Generator`] for a bad configuration.
pub(crate) fn configured_generators(
    accumulation: &mut Accumulation,
    target: &mut Target<'_>,
) -> Result<Vec<Plugin<Vec<Resource>>>, BuildError> {
    let kustomization = target.kustomization.clone();
    let configs = configs(accumulation, target, &kustomization.generators, "generator")
        .context(|| "loading generator plugins".into())?;
    plugins(&configs, target, |config| {
        generate(config, &target.loader)
            .at(config.origin.mark)
            .context(|| "loading generator plugins: failed to load generator".into())
    })
}

/// The transformers of `transformers` and `validators` entries.
///
/// # Errors
/// As [`configured_generators`], with [`BuildError::Transformer`].
pub(crate) fn configured_transformers(
    accumulation: &mut Accumulation,
    target: &mut Target<'_>,
    entries: &[Text],
) -> Result<Vec<Plugin<Vec<Transformer>>>, BuildError> {
    let configs = configs(accumulation, target, entries, "transformer")?;
    plugins(&configs, target, |config| {
        transformer(config, &target.loader).at(config.origin.mark)
    })
}

/// Makes the plugins of all configurations, without those that do not work offline and may be left out.
fn plugins<T>(
    configs: &ResMap,
    target: &Target<'_>,
    configure: impl Fn(&Resource) -> Result<T, BuildError>,
) -> Result<Vec<Plugin<T>>, BuildError> {
    let mut plugins = Vec::new();
    for config in configs.resources() {
        let name = format!("{} {}", config.kind(), config.name());
        let work = target
            .loader
            .left_out()
            .allow_unresolved(&name, configure(config))?;
        plugins.extend(work.map(|work| Plugin {
            work,
            id: config.original_id().to_string(),
            origin: OriginPath::plugin(config),
        }));
    }
    Ok(plugins)
}

/// Loads the configurations of entries. Each entry is YAML, a file or a directory, tried in this order.
fn configs(
    accumulation: &mut Accumulation,
    target: &mut Target<'_>,
    entries: &[Text],
    what: &str,
) -> Result<ResMap, BuildError> {
    let mut acc = Accumulator::default();
    let mut paths = Vec::new();
    for entry in entries {
        let (limits, syntax) = (target.loader.sources().limits(), target.loader.sources().syntax());
        let Ok(nodes) = documents::inline_resources(entry, entry.mark, limits, syntax) else {
            paths.push(entry.clone());
            continue;
        };
        for node in nodes {
            let mut resource = Resource::new(node);
            if let Some(origin) = &target.origin {
                build_metadata::set_origin(&mut resource, &origin.append(target.file_name));
            }
            accumulation.look_up_scope(&resource)?;
            acc.map
                .append(resource)
                .context(|| format!("configuring external {what}"))?;
        }
    }
    let mut map = accumulation.resources(target, acc, &paths)?.map;
    if target.loader.sources().syntax().is_enabled() {
        for config in map.resources_mut() {
            without_places(&mut config.node);
        }
    }
    Ok(map)
}

fn is_builtin(config: &Resource) -> Result<(), BuildError> {
    let gvk = config.gvk();
    if gvk.group.is_empty() && gvk.version == "builtin" {
        return Ok(());
    }
    let kind = config.original_id().gvk.kind;
    Err(BuildError::external_plugin(format!(
        "external plugins disabled; unable to load external plugin '{kind}'"
    )))
}

fn helm_disabled(config: &Resource) -> BuildError {
    fails(config)(BuildError::helm_charts("must specify --enable-helm"))
}

fn generate(config: &Resource, loader: &Loader<'_>) -> Result<Vec<Resource>, BuildError> {
    is_builtin(config)?;
    let mut made = match config.kind() {
        "ConfigMapGenerator" => vec![generators::config_map(&generator_config(config, false)?, loader)?],
        "SecretGenerator" => vec![generators::secret(&generator_config(config, true)?, loader)?],
        "IAMPolicyGenerator" => vec![iam_policy_generator::generate(config)?],
        "HelmChartInflationGenerator" => {
            return Err(helm_disabled(config));
        }
        _ => {
            transformer(config, loader)?;
            return Err(BuildError::generator(format!(
                "plugin {} not a generator",
                config.original_id()
            )));
        }
    };
    for resource in &mut made {
        resource.origin.kind = OriginKind::Plugin;
        resource.origin.mark = config.origin.mark;
    }
    Ok(made)
}

fn transformer(config: &Resource, loader: &Loader<'_>) -> Result<Vec<Transformer>, BuildError> {
    is_builtin(config)?;
    let single = |transformer: Result<Transformer, BuildError>| Ok(vec![transformer.map_err(fails(config))?]);
    match config.kind() {
        "AnnotationsTransformer" => single(label_transformer::annotations(config)),
        "HashTransformer" => Ok(vec![Transformer::Hash]),
        "ImageTagTransformer" => single(image_tag_transformer::configure(config)),
        "LabelTransformer" => single(label_transformer::labels(config)),
        "NamespaceTransformer" => single(namespace_transformer::configure(config)),
        "PatchJson6902Transformer" => single(patch_json6902_transformer::configure(config, loader)),
        "PatchStrategicMergeTransformer" => {
            single(patch_strategic_merge_transformer::configure(config, loader))
        }
        "PatchTransformer" => single(patch_transformer::configure(config, loader)),
        "PrefixTransformer" => single(affix_transformer::prefix(config)),
        "SuffixTransformer" => single(affix_transformer::suffix(config)),
        "PrefixSuffixTransformer" => [affix_transformer::prefix, affix_transformer::suffix]
            .into_iter()
            .map(|configure| configure(config).map_err(fails(config)))
            .collect(),
        "ReplacementTransformer" => single(replacement_transformer::configure(config, loader)),
        "ReplicaCountTransformer" => single(replica_count_transformer::configure(config)),
        "ValueAddTransformer" => single(value_add_transformer::configure(config, loader)),
        "ConfigMapGenerator" | "SecretGenerator" | "IAMPolicyGenerator" => Err(BuildError::transformer(
            format!("plugin {} not a transformer", config.original_id()),
        )),
        "HelmChartInflationGenerator" => Err(helm_disabled(config)),
        _ => Err(BuildError::transformer(format!(
            "unable to load builtin {}",
            config.gvk()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use crate::test_trees::{build_objects, built};

    const OBJECT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: c, image: nginx}]}}}\n";

    fn transformed(config: &str) -> String {
        let text =
            format!("transformers:\n- |\n  apiVersion: builtin\n  metadata: {{name: t}}\n  {config}\n");
        build_objects(&text, OBJECT).unwrap_or_else(|error| error)
    }

    #[test]
    fn each_builtin_transformer_does_its_work() {
        for (config, expected) in [
            (
                "kind: AnnotationsTransformer\n  annotations: {x: 1}\n  fieldSpecs: [{path: metadata/annotations, create: true}]",
                "x: \"1\"",
            ),
            (
                "kind: LabelTransformer\n  labels: {x: z}\n  fieldSpecs: [{path: metadata/labels, create: true}]",
                "x: z",
            ),
            (
                "kind: PrefixTransformer\n  prefix: p-\n  fieldSpecs: [{path: metadata/name}]",
                "name: p-a",
            ),
            (
                "kind: SuffixTransformer\n  suffix: -s\n  fieldSpecs: [{path: metadata/name}]",
                "name: a-s",
            ),
            (
                "kind: PrefixSuffixTransformer\n  prefix: p-\n  suffix: -s\n  fieldSpecs: [{path: metadata/name}]",
                "name: p-a-s",
            ),
            (
                "kind: ImageTagTransformer\n  imageTag: {name: nginx, newTag: '2'}",
                "image: nginx:2",
            ),
            (
                "kind: ReplicaCountTransformer\n  replica: {name: a, count: 2}\n  fieldSpecs: [{path: spec/replicas, create: true}]",
                "replicas: 2",
            ),
            (
                "kind: PatchTransformer\n  target: {kind: Deployment}\n  patch: '[{\"op\": \"add\", \"path\": \"/x\", \"value\": 1}]'",
                "x: 1",
            ),
            (
                "kind: PatchJson6902Transformer\n  target: {name: a}\n  jsonOp: '[{\"op\": \"add\", \"path\": \"/x\", \"value\": 1}]'",
                "x: 1",
            ),
            (
                "kind: PatchStrategicMergeTransformer\n  patches: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, x: 1}'",
                "x: 1",
            ),
            (
                "kind: ReplacementTransformer\n  replacements: [{sourceValue: v, targets: [{select: {name: a}, fieldPaths: [x], options: {create: true}}]}]",
                "x: v",
            ),
            (
                "kind: ValueAddTransformer\n  value: v\n  targets: [{fieldPath: x/y}]",
                "x:\n  \"y\": v",
            ),
            ("kind: HashTransformer", "name: a\n"),
            (
                "kind: PrefixTransformer\n  prefix: p-",
                "fieldSpecs is not expected to be nil",
            ),
            ("kind: ConfigMapGenerator\n  name: x", "not a transformer"),
            ("kind: Unknown", "unable to load builtin Unknown.builtin.[noGrp]"),
        ] {
            let yaml = transformed(config);
            assert!(yaml.contains(expected), "{config}\n{yaml}");
        }
    }

    #[test]
    fn generators_take_their_name_from_metadata() {
        let text = "generators:\n- |\n  apiVersion: builtin\n  kind: ConfigMapGenerator\n  metadata: {name: g}\n  literals: [a=b]\n- g.yaml\n";
        let file = "apiVersion: builtin\nkind: IAMPolicyGenerator\nmetadata: {name: i}\ncloud: gke\n\
            kubernetesService: {name: k, namespace: n1}\nserviceAccount: {name: s, projectId: p}\n";
        let yaml = built(&[("kustomization.yaml", text), ("g.yaml", file)]).unwrap();
        assert!(
            yaml.contains("  a: b\nkind: ConfigMap\nmetadata:\n  name: g-"),
            "{yaml}"
        );
        assert!(yaml.contains(
            "iam.gke.io/gcp-service-account: s@p.iam.gserviceaccount.com\n  name: k\n  namespace: n1\n"
        ));
    }
}
