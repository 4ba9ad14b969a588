//! Objects in the `objects` and `secrets` texts of SecretProviderClasses, by each provider's format.
//!
//! Formats: [Vault](https://developer.hashicorp.com/vault/docs/platform/k8s/csi/configurations),
//! [Azure](https://azure.github.io/secrets-store-csi-driver-provider-azure/docs/getting-started/usage/),
//! [AWS](https://github.com/aws/secrets-store-csi-driver-provider-aws#secretproviderclass-options),
//! [GCP](https://github.com/GoogleCloudPlatform/secrets-store-csi-driver-provider-gcp/blob/main/docs/usage.md).

use infra_model::secrets::{ProvidedSecret, RemoteRef};
use source_tree::{FileId, Limits};
use yaml_node::{Node, read_documents};

use crate::view::View;

/// Text parameters that list the objects.
pub(crate) const LIST_PARAMETERS: &[&str] = &["objects", "secrets"];

/// An object that a class fetches, and the file that the provider writes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Provided {
    pub(crate) secret: ProvidedSecret,
    /// Name of the file below the mount: the alias, or a form of the object's name.
    pub(crate) file: String,
    /// Whether it is a part of the object, selected by `jmesPath`.
    pub(crate) is_part: bool,
}

/// The objects that a class fetches, by the names that its list states.
pub(crate) fn provided(provider: &str, parameters: View<'_>, limits: &Limits) -> Vec<Provided> {
    let Some(text) = LIST_PARAMETERS.iter().find_map(|name| parameters.get(name)) else {
        return Vec::new();
    };
    let listed = |text: Option<&str>| text.map(|text| entries(text, limits)).unwrap_or_default();
    let (applied, built) = (listed(text.text()), listed(text.built_text()));
    let same_length = built.len() == applied.len();
    applied
        .iter()
        .enumerate()
        .flat_map(|(position, node)| {
            // The list is one text to substitution, so its items get the variables of the whole.
            let item = parameters.sibling(node, built.get(position).filter(|_| same_length));
            let single = match provider {
                "aws" => return aws(item, parameters.text_of("pathTranslation").unwrap_or("_")),
                "azure" => azure(item),
                "gcp" => gcp(item),
                "vault" | "openbao" => vault(item),
                _ if item.get("secretPath").is_some() => vault(item),
                _ => other(item),
            };
            single.into_iter().collect()
        })
        .collect()
}

/// The files below the mount for a list of objects that a volume states in place of its class's.
pub(crate) fn files(provider: &str, objects: &str, limits: &Limits) -> Vec<String> {
    let parameters = Node::mapping([("objects", Node::str(objects))]);
    let found = provided(provider, View::plain(&parameters), limits);
    found.into_iter().map(|provided| provided.file).collect()
}

/// The items of the list: mappings, texts that are YAML themselves (azure), or of the old form with `array`.
fn entries(text: &str, limits: &Limits) -> Vec<Node> {
    let parse = |text: &str| {
        let documents = read_documents(text, FileId::NONE, limits).ok()?;
        documents.into_iter().next()
    };
    let Some(list) = parse(text) else {
        return Vec::new();
    };
    let items = list.get("array").unwrap_or(&list).items().to_vec();
    items
        .into_iter()
        .filter_map(|item| match item.as_str() {
            Some(text) => parse(text),
            None => Some(item),
        })
        .filter(|item| item.as_mapping().is_some())
        .collect()
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

/// The first text of an item under any of some keys.
fn first_of(item: View<'_>, keys: &[&str]) -> Option<String> {
    owned(keys.iter().find_map(|key| item.text_of(key)))
}

/// `{objectName, secretPath, secretKey}`; the oldest form has `objectPath`.
fn vault(item: View<'_>) -> Option<Provided> {
    let name = item.text_of("objectName")?;
    let secret = ProvidedSecret {
        object_name: name.to_owned(),
        vault_path: item
            .written_at(&["secretPath"])
            .or_else(|| item.written_at(&["objectPath"])),
        vault_key: item.written_at(&["secretKey"]),
        ..ProvidedSecret::default()
    };
    Some(Provided {
        secret,
        file: name.to_owned(),
        is_part: false,
    })
}

/// An object that a provider other than Vault fetches.
fn remote(remote: RemoteRef, file: String) -> Provided {
    let secret = ProvidedSecret {
        object_name: remote.name.value().to_owned(),
        remote_ref: Some(remote),
        ..ProvidedSecret::default()
    };
    Provided {
        secret,
        file,
        is_part: false,
    }
}

fn azure(item: View<'_>) -> Option<Provided> {
    let name = item.written_at(&["objectName"])?;
    let file = item.text_of("objectAlias").unwrap_or(name.value()).to_owned();
    let fetched = RemoteRef {
        kind: owned(item.text_of("objectType")),
        version: owned(item.text_of("objectVersion")),
        property: None,
        name,
    };
    Some(remote(fetched, file))
}

/// The whole secret, and each part that `jmesPath` selects.
fn aws(item: View<'_>, translation: &str) -> Vec<Provided> {
    let Some(name) = item.written_at(&["objectName"]) else {
        return Vec::new();
    };
    let fetched = |property: Option<&str>| RemoteRef {
        name: name.clone(),
        kind: owned(item.text_of("objectType")).or_else(|| arn_service(name.value())),
        version: first_of(item, &["objectVersion", "objectVersionLabel"]),
        property: owned(property),
    };
    let file = |name: &str| file_name(name, translation);
    let whole_file = file(item.text_of("objectAlias").unwrap_or(name.value()));
    let whole = remote(fetched(None), whole_file);
    let parts = item.items_of("jmesPath").filter_map(|part| {
        let part_file = file(part.text_of("objectAlias")?);
        Some(Provided {
            is_part: true,
            ..remote(fetched(part.text_of("path")), part_file)
        })
    });
    std::iter::once(whole).chain(parts).collect()
}

/// The file of an object: the provider replaces slashes unless `pathTranslation` is `false`.
fn file_name(name: &str, translation: &str) -> String {
    match translation.eq_ignore_ascii_case("false") {
        true => name.trim_start_matches('/').to_owned(),
        false => name.replace('/', translation),
    }
}

/// `secretsmanager` or `ssmparameter`, from an ARN.
fn arn_service(name: &str) -> Option<String> {
    match name.strip_prefix("arn:")?.split(':').nth(1)? {
        "secretsmanager" => Some("secretsmanager".to_owned()),
        "ssm" => Some("ssmparameter".to_owned()),
        _ => None,
    }
}

/// The object of a provider of unknown format, by the names that most formats share.
fn other(item: View<'_>) -> Option<Provided> {
    let mut names = ["objectName", "name", "secretName"].iter();
    let name = names.find_map(|field| item.written_at(&[field]))?;
    let file = first_of(item, &["objectAlias", "fileName"]);
    let file = file.unwrap_or_else(|| name.value().to_owned());
    let fetched = RemoteRef {
        kind: first_of(item, &["objectType", "type"]),
        version: first_of(item, &["objectVersion", "version"]),
        property: first_of(item, &["property", "key"]),
        name,
    };
    Some(remote(fetched, file))
}

/// `{resourceName: projects/*/secrets/*/versions/*, path or fileName}`
fn gcp(item: View<'_>) -> Option<Provided> {
    let name = item.written_at(&["resourceName"])?;
    let version = name.value().rsplit_once("/versions/");
    let version = version.map(|(_, version)| version.to_owned());
    let mut parts = name.value().split('/').skip_while(|part| *part != "secrets");
    let short = parts.nth(1).unwrap_or(name.value());
    let file = first_of(item, &["path", "fileName"]).unwrap_or_else(|| short.to_owned());
    let fetched = RemoteRef {
        kind: Some("secret".to_owned()),
        version,
        property: first_of(item, &["extractJSONKey", "extractYAMLKey"]),
        name,
    };
    Some(remote(fetched, file))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each object with its name, its file, its kind in the provider, and the selected part.
    #[track_caller]
    fn check(provider: &str, objects: &str, expected: &[(&str, &str, Option<&str>, Option<&str>)]) {
        let parameters = Node::mapping([("objects", Node::str(objects))]);
        let found = provided(provider, View::new(&parameters, None, None), &Limits::default());
        let found: Vec<_> = found
            .iter()
            .map(|Provided { secret, file, .. }| {
                let remote = secret.remote_ref.as_ref();
                (
                    secret.object_name.as_str(),
                    file.as_str(),
                    secret
                        .vault_path
                        .as_ref()
                        .or(remote.map(|remote| &remote.name))
                        .map(|text| text.written.as_str()),
                    secret
                        .vault_key
                        .as_ref()
                        .map(|key| key.written.as_str())
                        .or(remote.and_then(|remote| remote.property.as_deref())),
                )
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn each_provider_has_its_format() {
        check(
            "vault",
            "- objectName: a\n  secretPath: kv/data/a\n  secretKey: k\n- objectName: whole\n  secretPath: kv/data/b\n",
            &[
                ("a", "a", Some("kv/data/a"), Some("k")),
                ("whole", "whole", Some("kv/data/b"), None),
            ],
        );
        check(
            "vault",
            "array:\n  - |\n    objectPath: \"/foo\"\n    objectName: \"bar\"\n",
            &[("bar", "bar", Some("/foo"), None)],
        );
        check(
            "azure",
            "array:\n  - |\n    objectName: a\n    objectType: secret\n    objectAlias: b\n  - |\n    objectName: c\n",
            &[("a", "b", Some("a"), None), ("c", "c", Some("c"), None)],
        );
        check(
            "aws",
            "- objectName: x/y\n  objectType: secretsmanager\n  jmesPath:\n    - {path: user, objectAlias: u}\n",
            &[
                ("x/y", "x_y", Some("x/y"), None),
                ("x/y", "u", Some("x/y"), Some("user")),
            ],
        );
        let name = "projects/p/secrets/s/versions/2";
        check(
            "gcp",
            &format!("- resourceName: {name}\n  path: f.txt\n- resourceName: {name}\n"),
            &[(name, "f.txt", Some(name), None), (name, "s", Some(name), None)],
        );
        check(
            "akeyless",
            "- {objectName: a, objectAlias: b.txt, key: k}\n",
            &[("a", "b.txt", Some("a"), Some("k"))],
        );
        check("vault", "not: a list", &[]);
        check("vault", "{", &[]);
    }
}
