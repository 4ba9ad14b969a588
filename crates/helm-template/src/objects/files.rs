//! `.Files`.
//!
//! Type: [pkg/engine/files.go](https://github.com/helm/helm/blob/v4.2.4/pkg/engine/files.go).

use std::any::Any;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use go_template::{Arguments, Budget, Caller, FunctionError, MapType, Object, Signature, Text, Type, Value};
use yaml_node::{Node, write_marshalled};

use super::glob::Glob;
use crate::ChartFile;

/// `engine.files`: the files of a chart other than templates, by path.
#[derive(Clone, Debug)]
pub(crate) struct Files(Rc<BTreeMap<Text, Text>>, OnceCell<Value>);

const TYPE_NAME: &str = "engine.files";

impl Files {
    pub(crate) fn new(files: &[ChartFile]) -> Self {
        let files = files
            .iter()
            .map(|file| (Text::from(&*file.name), Text::from(&*file.data)));
        Files(Rc::new(files.collect()), OnceCell::new())
    }

    fn matching(&self, pattern: &str) -> Files {
        let glob = Glob::new(pattern);
        let files = self.0.iter().filter(|(name, _)| glob.is_match(&name.to_str()));
        let files = files.map(|(name, data)| (name.clone(), data.clone()));
        Files(Rc::new(files.collect()), OnceCell::new())
    }

    /// Contents by base name, as YAML. Of two files with the same base name, the last one wins.
    fn by_base_name(&self, contents: impl Fn(&Text) -> String) -> Value {
        let by_name: BTreeMap<Text, String> = self
            .0
            .iter()
            .map(|(name, data)| (base_name(name), contents(data)))
            .collect();
        let entries = by_name
            .into_iter()
            .map(|(name, text)| (name.to_string(), Node::str(text)));
        let yaml = write_marshalled(&Node::mapping(entries)).unwrap_or_default();
        Value::text(yaml.strip_suffix('\n').unwrap_or(&yaml))
    }

    /// Charges the work of a method.
    fn spend(&self, method: &str, budget: &Budget, arguments: Arguments<'_>) -> Result<(), FunctionError> {
        let count = self.0.len() as u64;
        match method {
            "Get" | "GetBytes" => Ok(()),
            // The pattern is compiled and matched against each name.
            "Glob" => {
                budget.spend(64 * arguments.text(0).len() as u64 + 4 * count)?;
                budget.allocate(self.0.len().saturating_mul(64))
            }
            "Lines" => {
                let bytes = self.0.get(arguments.text(0)).map_or(0, Text::len);
                budget.spend(bytes as u64 / 8)?;
                budget.allocate(bytes)
            }
            _ => {
                let bytes: usize = self.0.values().map(Text::len).sum();
                budget.spend(bytes as u64 / 2 + 8 * count)?;
                budget.allocate(bytes.saturating_mul(4))
            }
        }
    }

    fn lines(&self, name: &Text) -> Result<Value, FunctionError> {
        let Some(data) = self.0.get(name) else {
            return Ok(Value::texts(Vec::<Text>::new()));
        };
        let Some((last, rest)) = data.as_bytes().split_last() else {
            return Err("runtime error: index out of range [-1]".into());
        };
        let text = if *last == b'\n' { rest } else { data.as_bytes() };
        Ok(Value::texts(text.split(|byte| *byte == b'\n').map(Text::from)))
    }
}

/// The part of a path after its last slash.
fn base_name(path: &Text) -> Text {
    let bytes = path.as_bytes();
    let start = bytes
        .iter()
        .rposition(|byte| *byte == b'/')
        .map_or(0, |slash| slash + 1);
    Text::from(bytes.get(start..).unwrap_or_default())
}

impl Object for Files {
    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn kind_name(&self) -> &'static str {
        "map"
    }

    fn underlying(&self) -> Option<Value> {
        let map = self.1.get_or_init(|| {
            let entries = self.0.iter();
            let entries = entries.map(|(name, data)| (name.clone(), Value::bytes(data.clone())));
            Value::map_of(MapType::Bytes(TYPE_NAME), entries.collect())
        });
        Some(map.clone())
    }

    fn method(&self, name: &str) -> Option<Signature> {
        let fixed: &'static [Type] = match name {
            "Get" | "GetBytes" | "Glob" | "Lines" => &[Type::Text],
            "AsConfig" | "AsSecrets" => &[],
            _ => return None,
        };
        Some(Signature { fixed, rest: None })
    }

    fn call(
        &self,
        name: &str,
        caller: &mut dyn Caller<'_>,
        arguments: Arguments<'_>,
    ) -> Result<Value, FunctionError> {
        self.spend(name, caller.budget(), arguments)?;
        let file = || {
            self.0
                .get(arguments.text(0))
                .cloned()
                .unwrap_or_else(|| Text::from(""))
        };
        match name {
            "Get" => Ok(Value::text(file())),
            "GetBytes" => Ok(Value::bytes(file())),
            "Glob" => Ok(Value::object(self.matching(&arguments.text(0).to_str()))),
            "Lines" => self.lines(arguments.text(0)),
            "AsConfig" => Ok(self.by_base_name(|data| data.to_str().into_owned())),
            _ => Ok(self.by_base_name(|data| STANDARD.encode(data.as_bytes()))),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
