//! IAMPolicyGenerator: a ServiceAccount that is bound to a cloud service account.

use yaml_node::Node;

use super::config::decode;
use crate::BuildError;
use crate::kustomization::{Decoder, Field, Text};
use crate::resource::Resource;

#[derive(Default)]
struct Args {
    cloud: Text,
    name: Text,
    namespace: Text,
    account: Text,
    project: Text,
}

pub(super) fn generate(config: &Resource) -> Result<Resource, BuildError> {
    let mut args = Args::default();
    decode(config, "IAMPolicyGeneratorPlugin", |decoder, field| {
        match field.key {
            "cloud" => {
                args.cloud = decoder.text_of(
                    field.node,
                    &field.at("IAMPolicyGeneratorArgs.cloud"),
                    "types.Cloud",
                );
            }
            "kubernetesservice" => {
                for (key, text) in texts(decoder, &field, "KubernetesService") {
                    match key.as_str() {
                        "name" => args.name = text,
                        "namespace" => args.namespace = text,
                        _ => {}
                    }
                }
            }
            "serviceaccount" => {
                for (key, text) in texts(decoder, &field, "ServiceAccount") {
                    match key.as_str() {
                        "name" => args.account = text,
                        "projectid" => args.project = text,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    })?;
    if &*args.cloud != "gke" {
        return Err(BuildError::generator(format!(
            "cloud provider {} not supported yet",
            &*args.cloud
        )));
    }
    let text = |text: &Text| Node::str(text.value.clone()).with_mark(text.mark);
    let account = format!("{}@{}.iam.gserviceaccount.com", &*args.account, &*args.project);
    let mut metadata = vec![
        (
            "annotations",
            Node::mapping([(
                "iam.gke.io/gcp-service-account",
                Node::str(account).with_mark(args.account.mark),
            )]),
        ),
        ("name", text(&args.name)),
    ];
    if !args.namespace.is_empty() {
        metadata.push(("namespace", text(&args.namespace)));
    }
    Ok(Resource::new(Node::mapping([
        ("apiVersion", Node::str("v1")),
        ("kind", Node::str("ServiceAccount")),
        ("metadata", Node::mapping(metadata)),
    ])))
}

fn texts(decoder: &mut Decoder, field: &Field<'_>, strukt: &'static str) -> Vec<(String, Text)> {
    let mut texts = Vec::new();
    let at = field.at(&format!("IAMPolicyGeneratorArgs.{strukt}"));
    decoder.object(field.node, &at, strukt, |decoder, field| {
        if matches!(field.key, "name" | "namespace" | "projectid") {
            texts.push((field.key.to_owned(), field.text(decoder, field.key)));
        }
        true
    });
    texts
}
