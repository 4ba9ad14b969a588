//! Values of variables from env files and manifests outside of the repository.

use std::collections::BTreeMap;
use std::sync::Arc;

use source_tree::{FileId, Limits, ObjectRef};
use yaml_node::{Node, read_documents};

use crate::flux::{self, ConfigMap, Kind, Secret, object_ref};
use crate::substitute::VariableValue;
use crate::{DefinedIn, ScanError, Vars};

/// Values by name.
type Values = Vec<(String, VariableValue)>;

/// Values of variables that the caller gives.
#[derive(Clone, Debug, Default)]
pub(super) struct Outside {
    /// Values in place of those of an object.
    objects: BTreeMap<ObjectRef, Values>,
    /// Values of env files without an object: defaults for every Kustomization that substitutes.
    defaults: Values,
}

impl Outside {
    pub(super) fn read(vars: &[Vars], limits: &Limits) -> Result<Self, ScanError> {
        let mut outside = Outside::default();
        for vars in vars {
            outside.add(vars, limits)?;
        }
        Ok(outside)
    }

    /// The values in place of those of an object.
    pub(super) fn object(&self, id: &ObjectRef) -> Option<&[(String, VariableValue)]> {
        self.objects.get(id).map(Vec::as_slice)
    }

    /// Values for every Kustomization that substitutes.
    pub(super) fn defaults(&self) -> &[(String, VariableValue)] {
        &self.defaults
    }

    fn add(&mut self, vars: &Vars, limits: &Limits) -> Result<(), ScanError> {
        if let Some(manifests) = manifests(&vars.text, limits) {
            for (id, values) in manifests {
                let id = vars.object.clone().unwrap_or(id);
                self.objects.entry(id).or_default().extend(values);
            }
            return Ok(());
        }
        let defined_in = match &vars.object {
            Some(id) => DefinedIn::Object(id.clone()),
            None => DefinedIn::File(vars.file.clone()),
        };
        let is_secret = vars.object.as_ref().is_some_and(|id| id.kind == "Secret");
        let values =
            env_file(&vars.text, &Arc::new(defined_in), is_secret).map_err(|line| ScanError::Vars {
                file: vars.file.clone(),
                message: format!("line {line} is no `NAME=value`, and the file holds no ConfigMap or Secret"),
            })?;
        match vars.object.clone() {
            Some(id) => self.objects.entry(id).or_default().extend(values),
            None => self.defaults.extend(values),
        }
        Ok(())
    }
}

/// The values of ConfigMap and Secret manifests; `None` if the text contains none.
fn manifests(text: &str, limits: &Limits) -> Option<Vec<(ObjectRef, Values)>> {
    let documents = read_documents(text, FileId::NONE, limits).ok()?;
    let mut found = Vec::new();
    for object in &documents {
        let id = object_ref(object);
        let defined_in = Arc::new(DefinedIn::Object(id.clone()));
        let values = match flux::kind(object) {
            Some(Kind::ConfigMap) => {
                let data = ConfigMap::read(object).data.into_iter();
                let plain = |value| VariableValue::plain(value, Arc::clone(&defined_in));
                data.map(|(key, value)| (key.to_owned(), plain(value))).collect()
            }
            Some(Kind::Secret) => secret_variables(object, &defined_in),
            _ => continue,
        };
        found.push((id, values));
    }
    (!found.is_empty()).then_some(found)
}

/// Lines of `NAME=value`, with comments and `export`, and values perhaps in quotes. The error is the line's number.
fn env_file(text: &str, defined_in: &Arc<DefinedIn>, is_secret: bool) -> Result<Values, usize> {
    let mut values = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, value) = line.split_once('=').ok_or(index + 1)?;
        let unquoted = ['"', '\''].iter().find_map(|quote| {
            let inner = value.trim().strip_prefix(*quote)?;
            inner.strip_suffix(*quote)
        });
        let value = unquoted.unwrap_or(value);
        let defined_in = Arc::clone(defined_in);
        let value = match is_secret {
            true => VariableValue::secret(Some(value), defined_in),
            false => VariableValue::plain(value, defined_in),
        };
        values.push((name.trim().to_owned(), value));
    }
    Ok(values)
}

/// The values of a Secret.
pub(super) fn secret_variables(object: &Node, defined_in: &Arc<DefinedIn>) -> Values {
    let data = Secret::read(object).data.into_iter();
    let secret = |value: Option<String>| VariableValue::secret(value.as_deref(), Arc::clone(defined_in));
    data.map(|(key, value)| (key, secret(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outside(object: Option<&str>, text: &str) -> Result<Outside, ScanError> {
        let object = object.map(|kind| ObjectRef {
            kind: kind.into(),
            namespace: "a".into(),
            name: "b".into(),
        });
        let vars = Vars {
            object,
            file: "v.env".into(),
            text: text.into(),
        };
        Outside::read(&[vars], &Limits::default())
    }

    #[test]
    fn an_env_file_holds_defaults_or_the_values_of_an_object() {
        let text = "# c\nexport A=1\nB=\"x y\"\n";
        let defaults = outside(None, text).unwrap().defaults;
        assert_eq!(defaults.len(), 2);
        assert_eq!(
            defaults[1].1,
            VariableValue::plain("x y", DefinedIn::File("v.env".into()))
        );
        let named = outside(Some("Secret"), text).unwrap();
        let id = ObjectRef::new("Secret", "a", "b");
        assert_eq!(
            named.object(&id).unwrap()[0].1,
            VariableValue::secret(Some("1"), DefinedIn::Object(id.clone()))
        );
    }

    #[test]
    fn a_manifest_replaces_its_object_and_an_error_holds_no_value() {
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: y}\ndata: {k: v}\n";
        let found = outside(None, text).unwrap();
        assert!(found.object(&ObjectRef::new("ConfigMap", "y", "x")).is_some());
        let error = outside(None, "A=1\nhush hush\n").unwrap_err().to_string();
        assert!(error.contains("line 2") && !error.contains("hush"), "{error}");
    }
}
