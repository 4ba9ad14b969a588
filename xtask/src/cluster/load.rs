//! Objects of a scenario turn into objects of the server: created, changed until they have their generation, and with their
//! status written to the status subresource.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::Result;
use camino::Utf8PathBuf;
use serde_json::{Value, json};

use super::planted;
use super::scenario::{Scenario, identity};
use super::server::Server;

/// The objects of scenarios that the server has.
#[derive(Default)]
pub(super) struct Loaded {
    objects: BTreeMap<String, Value>,
    /// Objects that may be incomplete.
    partial: BTreeSet<String>,
    namespaces: BTreeSet<String>,
    /// CustomResourceDefinitions of the last scenario.
    definitions: Option<Utf8PathBuf>,
}

impl Loaded {
    /// Replaces the server's objects by those of a scenario; equal ones stay.
    pub(super) fn load(&mut self, server: &Server, scenario: &Scenario) -> Result<()> {
        let objects = scenario.objects.iter();
        let wanted: BTreeMap<String, Value> =
            objects.map(|object| (identity(object), object.clone())).collect();
        if self.definitions != scenario.definitions {
            // Objects belong to their definition, which is replaced.
            self.delete(server, &|_, _| true)?;
            // A definition cannot lose a version that objects were stored in, so it is deleted.
            for file in self.definitions.iter().chain(&scenario.definitions) {
                server.run(&["delete", "--filename", file.as_str(), "--ignore-not-found"])?;
            }
            self.definitions.clone_from(&scenario.definitions);
            server.define(scenario.definitions.as_slice())?;
        }
        let partial = std::mem::take(&mut self.partial);
        self.delete(server, &|name, object| {
            wanted.get(name) != Some(object) || partial.contains(name)
        })?;
        let new: Vec<&Value> = wanted
            .iter()
            .filter(|(name, _)| !self.objects.contains_key(*name))
            .map(|(_, object)| object)
            .collect();
        self.create_namespaces(server, &new)?;
        // Before the objects are created, so that incomplete ones are deleted the next time.
        for object in &new {
            self.objects.insert(identity(object), (*object).clone());
            self.partial.insert(identity(object));
        }
        create(server, &new)?;
        self.partial.clear();
        Ok(())
    }

    fn delete(&mut self, server: &Server, is_gone: &dyn Fn(&str, &Value) -> bool) -> Result<()> {
        let gone: Vec<(String, Value)> = self
            .objects
            .iter()
            .filter(|(name, object)| is_gone(name, object))
            .map(|(name, object)| (name.clone(), object.clone()))
            .collect();
        if gone.is_empty() {
            return Ok(());
        }
        let file = write(server, gone.iter().map(|(_, object)| spec_alone(object)))?;
        server.run(&[
            "delete",
            "--filename",
            file.as_str(),
            "--ignore-not-found",
            "--force",
            "--grace-period=0",
        ])?;
        for (name, _) in gone {
            self.objects.remove(&name);
        }
        Ok(())
    }

    fn create_namespaces(&mut self, server: &Server, objects: &[&Value]) -> Result<()> {
        let namespaces: BTreeSet<String> = objects
            .iter()
            .filter_map(|object| object.pointer("/metadata/namespace")?.as_str())
            .map(str::to_owned)
            .collect();
        let new: Vec<&String> = namespaces.difference(&self.namespaces).collect();
        if new.is_empty() {
            return Ok(());
        }
        let of_namespace =
            |name: &&String| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        let file = write(server, new.iter().map(of_namespace))?;
        // Applied, because the server already has some.
        server.run(&["apply", "--server-side", "--filename", file.as_str()])?;
        for namespace in &new {
            planted::plant(server, namespace)?;
        }
        self.namespaces.extend(namespaces);
        Ok(())
    }
}

/// Creates objects, and writes their statuses.
fn create(server: &Server, objects: &[&Value]) -> Result<()> {
    if objects.is_empty() {
        return Ok(());
    }
    let generation = |object: &Value| object.pointer("/metadata/generation").and_then(Value::as_u64);
    let most = objects.iter().filter_map(|object| generation(object)).max();
    // Each change of the spec adds one generation; the last spec is that of the scenario.
    for step in 1..=most.unwrap_or(1) {
        let in_step = objects
            .iter()
            .filter(|object| generation(object).unwrap_or(1) >= step);
        let specs = in_step.map(|object| {
            let mut spec = spec_alone(object);
            let later = generation(object).unwrap_or(1) - step;
            if let Some(members) = spec.get_mut("spec").filter(|_| later > 0) {
                members["timeout"] = json!(format!("{later}m"));
            }
            spec
        });
        let file = write(server, specs)?;
        let verb = if step == 1 { "create" } else { "replace" };
        server.run(&[verb, "--filename", file.as_str()])?;
    }
    let with_status = objects.iter().filter(|object| {
        let status = object.get("status").and_then(Value::as_object);
        status.is_some_and(|status| !status.is_empty())
    });
    let statuses: Vec<Value> = with_status.map(|object| of_server(object)).collect();
    if !statuses.is_empty() {
        let file = write(server, statuses)?;
        server.run(&["replace", "--subresource=status", "--filename", file.as_str()])?;
    }
    Ok(())
}

/// An object without its status.
fn spec_alone(object: &Value) -> Value {
    let mut object = of_server(object);
    if let Some(members) = object.as_object_mut() {
        members.remove("status");
    }
    object
}

/// An object without the fields that only the server writes, and without finalizers, which no controller would remove.
fn of_server(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        for name in ["generation", "creationTimestamp", "finalizers"] {
            metadata.remove(name);
        }
    }
    object
}

/// A file with a list of objects.
fn write(server: &Server, objects: impl IntoIterator<Item = Value>) -> Result<Utf8PathBuf> {
    let items: Vec<Value> = objects.into_iter().collect();
    let file = server.folder().join("objects.json");
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    fs::write(&file, list.to_string())?;
    Ok(file)
}
