//! Values of configuration as written and as applied, and who uses them.

use std::collections::{BTreeMap, BTreeSet};

use regex::{Captures, Regex};
use serde_json::Value;

use super::is_credential;
use super::material::Material;
use crate::eval::question::{Catalog, Class, Draft, Fact, Question};
use crate::eval::rendering::{Object, Rendering};
use crate::facts::{pod, unhashed};
use crate::json::{entries, list, text_at};

static VALUE: Class = Class {
    name: "value",
    asks: "What is the value of X (ConfigMap and key)?",
    catalog: Catalog::ConfigMaps,
};
static RAW: Class = Class {
    name: "value raw and resolved",
    asks: "How is X (ConfigMap and key) written, and what does Flux make of it?",
    catalog: Catalog::ConfigMaps,
};
static KEYS: Class = Class {
    name: "keys",
    asks: "Which keys does ConfigMap X hold?",
    catalog: Catalog::ConfigMaps,
};
static USERS: Class = Class {
    name: "users of a ConfigMap",
    asks: "Which services use ConfigMap X?",
    catalog: Catalog::ConfigMaps,
};
static OF_SERVICE: Class = Class {
    name: "ConfigMaps of a service",
    asks: "Which ConfigMaps does X use?",
    catalog: Catalog::Services,
};
static MOUNT: Class = Class {
    name: "mount of a ConfigMap",
    asks: "Which ConfigMaps does X mount, and where?",
    catalog: Catalog::ConfigMaps,
};
static VARIABLE: Class = Class {
    name: "variable",
    asks: "What is the value of the variable X, and where is it defined?",
    catalog: Catalog::ConfigMaps,
};

pub(super) fn questions<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let mut questions = values(material);
    questions.extend(maps(material));
    questions.extend(of_services(material));
    questions.extend(variables(material));
    questions
}

/// Questions about single values.
fn values<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let maps = material.rendering.of_kind("", "ConfigMap");
    let values: Vec<(&'r Object, &'r str, &'r str)> = maps
        .iter()
        .filter(|map| !material.rendering.owner(map).incomplete)
        .flat_map(|map| entries(&map.value["data"]).map(|(key, value)| (*map, key, value.as_str())))
        .filter_map(|(map, key, value)| Some((map, key, value?.trim())))
        .filter(|(_, key, value)| {
            (3..120).contains(&value.len()) && !value.contains('\n') && !is_credential(key)
        })
        .collect();
    let ask = |map: &'r Object, key: &str, answer: Vec<Fact>| {
        Draft::of_key(&map_name(map, &maps), key, answer, vec![map]).in_entry(
            map.namespace(),
            "ConfigMap",
            unhashed(map.name()),
        )
    };
    let mut questions = material.ask(&VALUE, values.iter(), |(map, key, value)| {
        ask(map, key, vec![Fact::new([*value])])
    });
    let raw = values.iter().filter_map(|(map, key, value)| {
        let (raw, sources) = raw(material, map, key, value)?;
        Some((*map, *key, *value, raw, sources))
    });
    questions.extend(material.ask(&RAW, raw, |(map, key, value, raw, sources)| {
        ask(map, key, vec![Fact::new([raw]), Fact::new([value])]).resting_on(sources)
    }));
    questions
}

/// A value as the repository writes it, before substitution: the only text with a variable that follows the key on a line
/// of a file and that substitution turns into the value. Also the objects that define the variables.
fn raw<'r>(
    material: &Material<'r>,
    map: &Object,
    key: &str,
    value: &str,
) -> Option<(String, Vec<&'r Object>)> {
    let owner = material.rendering.owner(map);
    let variables = variables_of(material.rendering, &owner.name);
    let line = Regex::new(&format!(
        r"(?m)^[ -]*{}\s*[:=]\s*(.*\$\{{.*)$",
        regex::escape(key)
    ))
    .ok()?;
    let mut found = BTreeSet::new();
    let mut sources = Vec::new();
    for text in material.files.values() {
        for captures in line.captures_iter(text) {
            let raw = captures[1].trim().trim_matches(['"', '\'']).to_owned();
            let (result, used) = substituted(&raw, &variables);
            if result == value {
                found.insert(raw);
                sources.extend(used);
            }
        }
    }
    match (found.pop_first(), found.is_empty()) {
        (Some(raw), true) => Some((raw, sources)),
        _ => None,
    }
}

/// Variables with their values, and the object that defines each.
type Variables<'r> = BTreeMap<&'r str, (&'r str, &'r Object)>;

/// The variables that ConfigMaps give to a Kustomization.
fn variables_of<'r>(rendering: &'r Rendering, kustomization: &str) -> Variables<'r> {
    let Some(object) = rendering.kustomization(kustomization) else {
        return Variables::new();
    };
    let from = list(&object.value["spec"]["postBuild"]["substituteFrom"]);
    from.filter(|from| from["kind"] == "ConfigMap")
        .filter_map(|from| config_map(rendering, object.namespace(), text_at(from, "/name")))
        .flat_map(|(holder, data)| entries(data).map(move |(key, value)| (key, value, holder)))
        .filter_map(|(key, value, holder)| Some((key, (value.as_str()?, holder))))
        .collect()
}

/// A ConfigMap, or the Crossplane `Object` around it, and its data.
fn config_map<'r>(rendering: &'r Rendering, namespace: &str, name: &str) -> Option<(&'r Object, &'r Value)> {
    if let Some(map) = rendering.find("", "ConfigMap", namespace, name) {
        return Some((map, &map.value["data"]));
    }
    rendering
        .of_kind("kubernetes.crossplane.io", "Object")
        .into_iter()
        .find_map(|object| {
            let map = object.value.pointer("/spec/forProvider/manifest")?;
            let is_it =
                text_at(map, "/metadata/namespace") == namespace && text_at(map, "/metadata/name") == name;
            is_it.then(|| (object, &map["data"]))
        })
}

/// A text with its plain `${NAME}` replaced, and the objects that define the variables.
fn substituted<'r>(raw: &str, variables: &Variables<'r>) -> (String, Vec<&'r Object>) {
    let Ok(name) = Regex::new(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}") else {
        return (raw.to_owned(), Vec::new());
    };
    let used = name
        .captures_iter(raw)
        .filter_map(|captures| Some(variables.get(&captures[1])?.1));
    let result = name.replace_all(raw, |captures: &Captures<'_>| match variables.get(&captures[1]) {
        Some((value, _)) => (*value).to_owned(),
        None => captures[0].to_owned(),
    });
    (result.into_owned(), used.collect())
}

/// Questions about whole ConfigMaps.
fn maps<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let maps = material.rendering.of_kind("", "ConfigMap");
    let ask = |map: &'r Object, answer: Vec<Fact>| {
        Draft::new("config", &map_name(map, &maps), answer, vec![map]).in_entry(
            map.namespace(),
            "ConfigMap",
            unhashed(map.name()),
        )
    };
    let several = maps.iter().filter(|map| entries(&map.value["data"]).count() > 1);
    let mut questions = material.ask(&KEYS, several, |map| {
        let keys = entries(&map.value["data"]).map(|(key, _)| key);
        ask(map, vec![Fact::new(keys)])
    });
    questions.extend(material.ask(&USERS, maps.iter(), |map| {
        let users: Vec<&'r Object> = material
            .workloads
            .iter()
            .filter(|workload| workload.namespace() == map.namespace() && used(workload).contains(map.name()))
            .copied()
            .collect();
        ask(map, material.exactly(&users)).resting_on(users)
    }));
    questions
}

/// The name of a ConfigMap without its hash, with the namespace if another one has the same name.
pub(super) fn map_name(map: &Object, maps: &[&Object]) -> String {
    let name = unhashed(map.name());
    match maps.iter().filter(|other| unhashed(other.name()) == name).count() {
        1 => name.to_owned(),
        _ => format!("{}/{name}", map.namespace()),
    }
}

/// The names of the ConfigMaps that a workload uses.
fn used(workload: &Object) -> BTreeSet<&str> {
    pod::config_maps(workload.pod()).into_iter().collect()
}

/// Questions about the ConfigMaps of a workload.
fn of_services<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let maps = material.rendering.of_kind("", "ConfigMap");
    let find = |workload: &Object, name: &str| {
        let mut maps = maps.iter().copied();
        maps.find(|map| map.namespace() == workload.namespace() && map.name() == name)
    };
    let mut questions = material.ask(&OF_SERVICE, material.workloads.iter().copied(), |workload| {
        let used: Vec<&'r Object> = used(workload)
            .into_iter()
            .filter_map(|name| find(workload, name))
            .collect();
        let answer = used.iter().map(|map| Fact::new([map_name(map, &maps)])).collect();
        material
            .about_service("config", workload, answer)
            .resting_on(used)
    });
    questions.extend(
        material.ask(&MOUNT, material.workloads.iter().copied(), |workload| {
            let pod = workload.pod();
            let mut answer = Vec::new();
            let mut mounted = Vec::new();
            for volume in list(&pod["volumes"]) {
                let Some(map) = find(workload, text_at(volume, "/configMap/name")) else {
                    continue;
                };
                for mount in pod::containers(pod).flat_map(|container| list(&container["volumeMounts"])) {
                    if mount["name"] == volume["name"] {
                        answer.push(Fact::new([
                            map_name(map, &maps).as_str(),
                            text_at(mount, "/mountPath"),
                        ]));
                        mounted.push(map);
                    }
                }
            }
            material
                .about_service("config", workload, answer)
                .without_entry()
                .resting_on(mounted)
        }),
    );
    questions
}

/// Questions about variables of substitution.
fn variables<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let mut variables: BTreeMap<&str, BTreeSet<(&str, String)>> = BTreeMap::new();
    let mut holders: BTreeMap<&str, &'r Object> = BTreeMap::new();
    for record in &material.rendering.records {
        for (name, (value, holder)) in variables_of(material.rendering, &record.name) {
            let map = match holder.is("kubernetes.crossplane.io", "Object") {
                true => holder.text("/spec/forProvider/manifest/metadata/name"),
                false => unhashed(holder.name()),
            };
            variables.entry(name).or_default().insert((value, map.to_owned()));
            holders.insert(name, holder);
        }
    }
    let known = variables.iter().filter(|(name, values)| {
        values.len() == 1 && !is_credential(name) && values.iter().all(|(value, _)| value.len() > 2)
    });
    material.ask(&VARIABLE, known, |(name, values)| {
        let answer = values
            .iter()
            .flat_map(|(value, map)| [Fact::new([*value]), Fact::new([map.as_str()])])
            .collect();
        let objects = holders.get(name).copied().into_iter().collect();
        Draft::new("config", name, answer, objects).in_entry("", "", name)
    })
}
