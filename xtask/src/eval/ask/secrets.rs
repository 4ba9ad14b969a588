//! Where secrets come from, and which services read them.

use std::collections::{BTreeMap, BTreeSet};

use yaml_rust2::{Yaml, YamlLoader};

use super::material::{Material, label};
use super::only;
use crate::eval::question::{Catalog, Class, Draft, Fact, Question, words};
use crate::eval::rendering::{Object, or_own_name};
use crate::facts::{pod, unhashed};
use crate::json::{list, text_at};

static MOUNTED: Class = Class {
    name: "secrets of a service",
    asks: "Which Vault paths does X read, and as which files?",
    catalog: Catalog::SecretsMap,
};
static OBJECTS: Class = Class {
    name: "secrets of a class",
    asks: "Which Vault paths does SecretProviderClass X read, and where are they mounted?",
    catalog: Catalog::SecretsMap,
};
static ROLE: Class = Class {
    name: "role and mount",
    asks: "With which role and auth mount does SecretProviderClass X log in to Vault?",
    catalog: Catalog::SecretsMap,
};
static USERS: Class = Class {
    name: "users of a class",
    asks: "Which services mount SecretProviderClass X?",
    catalog: Catalog::SecretsMap,
};
static EXTERNAL: Class = Class {
    name: "external secret",
    asks: "From which store and keys does ExternalSecret X fetch?",
    catalog: Catalog::SecretsMap,
};
static MADE_BY: Class = Class {
    name: "maker of a Secret",
    asks: "What makes Secret X?",
    catalog: Catalog::SecretsMap,
};
static READERS: Class = Class {
    name: "readers of a Secret",
    asks: "Which services read Secret X?",
    catalog: Catalog::SecretsMap,
};

pub(super) fn questions<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let mut questions = classes(material);
    questions.extend(external_secrets(material));
    questions.extend(secrets(material));
    questions
}

/// Questions about SecretProviderClasses.
fn classes<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let classes = material
        .rendering
        .of_kind("secrets-store.csi.x-k8s.io", "SecretProviderClass");
    let mounts: Vec<(&'r Object, &'r Object, Vec<String>)> = material
        .workloads
        .iter()
        .flat_map(|&workload| {
            let of_class = |class: &&'r Object| Some((workload, *class, folders(workload, class)?));
            classes.iter().filter_map(of_class).collect::<Vec<_>>()
        })
        .collect();
    let files = |class: &Object, folders: &[String]| -> Vec<Fact> {
        let file = |folder: &String, vault: &VaultObject| {
            let file = format!("{}/{}", folder.trim_end_matches('/'), vault.name);
            Fact::new(
                [&vault.path, &vault.key, &file]
                    .into_iter()
                    .filter(|text| !text.is_empty()),
            )
        };
        let all = vault_objects(class);
        folders
            .iter()
            .flat_map(|folder| all.iter().map(|vault| file(folder, vault)))
            .collect()
    };
    let mut questions = material.ask(&MOUNTED, mounts.iter(), |(workload, class, folders)| {
        material
            .about_service("secret", workload, files(class, folders))
            .without_entry()
            .resting_on([*class])
    });
    let ask = |command: &str, class: &'r Object, answer: Vec<Fact>| {
        Draft::new(command, &label(class, &classes), answer, vec![class]).in_entry(
            class.namespace(),
            class.kind(),
            class.name(),
        )
    };
    questions.extend(
        material.ask(&OBJECTS, mounts.iter(), |(workload, class, folders)| {
            ask("secret", class, files(class, folders)).resting_on([*workload])
        }),
    );
    questions.extend(material.ask(&ROLE, classes.iter().copied(), |class| {
        let parameter = |name: &str| class.value["spec"]["parameters"][name].as_str();
        let mount = parameter("vaultKubernetesMountPath").or(parameter("vaultAuthMountPath"));
        let answer = match (parameter("roleName"), mount) {
            (Some(role), Some(mount)) => vec![Fact::new([role, mount])],
            _ => Vec::new(),
        };
        ask("secret", class, answer)
    }));
    questions.extend(material.ask(&USERS, classes.iter().copied(), |class| {
        let users: Vec<&'r Object> = mounts
            .iter()
            .filter(|(_, other, _)| other.identity() == class.identity())
            .map(|(workload, ..)| *workload)
            .collect();
        ask("where", class, material.exactly(&users)).resting_on(users)
    }));
    questions
}

/// An object that a SecretProviderClass fetches from Vault.
struct VaultObject {
    name: String,
    path: String,
    key: String,
}

fn vault_objects(class: &Object) -> Vec<VaultObject> {
    if class.text("/spec/provider") != "vault" {
        return Vec::new();
    }
    let documents = YamlLoader::load_from_str(class.text("/spec/parameters/objects")).unwrap_or_default();
    let objects = documents.first().and_then(Yaml::as_vec).into_iter().flatten();
    let field = |object: &Yaml, name: &str| object[name].as_str().unwrap_or_default().to_owned();
    objects
        .map(|object| VaultObject {
            name: field(object, "objectName"),
            path: field(object, "secretPath"),
            key: field(object, "secretKey"),
        })
        .collect()
}

/// The folders at which containers of a workload mount a whole class; `None` if they do not.
fn folders(workload: &Object, class: &Object) -> Option<Vec<String>> {
    let pod = pod::pod_spec(&workload.value).filter(|_| workload.namespace() == class.namespace())?;
    let volume = list(&pod["volumes"])
        .find(|volume| text_at(volume, "/csi/volumeAttributes/secretProviderClass") == class.name())?;
    let mounts = pod::containers(pod).flat_map(|container| list(&container["volumeMounts"]));
    let folders: BTreeSet<String> = mounts
        .filter(|mount| mount["name"] == volume["name"] && mount["subPath"].is_null())
        .filter_map(|mount| mount["mountPath"].as_str().map(str::to_owned))
        .collect();
    (!folders.is_empty()).then(|| folders.into_iter().collect())
}

/// Questions about ExternalSecrets.
fn external_secrets<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let all = material
        .rendering
        .of_kind("external-secrets.io", "ExternalSecret");
    // A key, alone and after the mount of its store.
    let forms = |key: &str, object: &Object| {
        let store = &object.value["spec"]["secretStoreRef"];
        let namespace = match text_at(store, "/kind") {
            "ClusterSecretStore" => "",
            _ => object.namespace(),
        };
        let kind = if namespace.is_empty() {
            "ClusterSecretStore"
        } else {
            "SecretStore"
        };
        let store = material
            .rendering
            .find("external-secrets.io", kind, namespace, text_at(store, "/name"));
        let mut forms = vec![key.to_owned()];
        let mount = store.map_or("", |store| store.text("/spec/provider/vault/path"));
        if !mount.is_empty() {
            forms.push(format!("{mount}/{key}"));
        }
        forms
    };
    material.ask(&EXTERNAL, all.iter().copied(), |object| {
        let spec = &object.value["spec"];
        let mut answer = vec![Fact::new([text_at(spec, "/secretStoreRef/name")])];
        for data in list(&spec["data"]) {
            let property = [text_at(data, "/remoteRef/property")]
                .into_iter()
                .filter(|text| !text.is_empty());
            answer.push(Fact::new(property).or_as(forms(text_at(data, "/remoteRef/key"), object)));
        }
        for from in list(&spec["dataFrom"]) {
            let key = from["extract"]["key"].as_str();
            answer.extend(key.map(|key| Fact::default().or_as(forms(key, object))));
        }
        let subject = label(object, &all);
        Draft {
            command: words(["secret", &format!("ExternalSecret/{subject}")]),
            ..Draft::new("secret", &subject, answer, vec![object]).in_entry(
                object.namespace(),
                object.kind(),
                object.name(),
            )
        }
    })
}

/// Questions about Secrets that workloads read.
fn secrets<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let mut readers: BTreeMap<(&str, &str), Vec<&'r Object>> = BTreeMap::new();
    for &workload in &material.workloads {
        let names: BTreeSet<&str> = pod::secrets(workload.pod()).into_iter().collect();
        for name in names {
            readers
                .entry((workload.namespace(), name))
                .or_default()
                .push(workload);
        }
    }
    let namesakes = |name: &str| readers.keys().filter(|(_, other)| *other == name).count();
    let ask = |(namespace, name): (&str, &str), answer: Vec<Fact>, objects: Vec<&'r Object>| {
        let subject = if namesakes(name) > 1 {
            format!("{namespace}/{name}")
        } else {
            name.to_owned()
        };
        Draft {
            command: words(["secret", &format!("Secret/{subject}")]),
            // Catalogs have the name without its hash; commands are asked with the name that the cluster has.
            ..Draft::new("secret", &subject, answer, objects).in_entry(namespace, "Secret", unhashed(name))
        }
    };
    let with_maker = readers
        .keys()
        .filter_map(|secret| Some((*secret, maker(material, *secret)?)));
    let mut questions = material.ask(&MADE_BY, with_maker, |(secret, maker)| {
        ask(secret, vec![Fact::new([maker.kind(), maker.name()])], vec![maker])
    });
    questions.extend(material.ask(&READERS, readers.iter(), |(secret, readers)| {
        let answer = readers
            .iter()
            .map(|reader| Fact::new([material.service(reader)]))
            .collect();
        ask(*secret, answer, readers.clone())
    }));
    questions
}

/// The object that makes a Secret, if it is of a kind that exists for this purpose.
fn maker<'r>(material: &Material<'r>, (namespace, name): (&str, &str)) -> Option<&'r Object> {
    let makes = |object: &&Object| {
        let target = if object.is("external-secrets.io", "ExternalSecret") {
            object.text("/spec/target/name")
        } else if object.is("bitnami.com", "SealedSecret") {
            object.text("/spec/template/metadata/name")
        } else if object.is("secrets.hashicorp.com", "VaultStaticSecret") {
            object.text("/spec/destination/name")
        } else {
            return false;
        };
        object.namespace() == namespace && or_own_name(target, object) == name
    };
    only(material.rendering.objects.iter().filter(makes))
}
