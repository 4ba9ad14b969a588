//! Methods of `.Values`.
//!
//! Type: [pkg/chart/common/values.go](https://github.com/helm/helm/blob/v4.2.4/pkg/chart/common/values.go).

use std::any::Any;
use std::rc::Rc;

use go_std::quote::quote;
use go_template::functions::to_yaml;
use go_template::{
    Arguments, Caller, FunctionError, Kind, Map, MapMethods, MapType, Object, Signature, Type, Value,
};

use crate::values::{table, value_at};

/// Go's name of the type.
pub(crate) const TYPE_NAME: &str = "common.Values";

/// `AsMap`, `PathValue`, `Table` and `YAML`.
pub(crate) const METHODS: MapMethods = MapMethods {
    names: &["AsMap", "PathValue", "Table", "YAML"],
    object: |map| Rc::new(Values(map.converted(MapType::Any))),
};

/// `common.Values`
#[derive(Debug)]
struct Values(Map);

impl Values {
    fn as_value(&self, map_type: MapType) -> Value {
        Value::new(Kind::Map(Rc::new(self.0.converted(map_type))))
    }
}

impl Object for Values {
    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn kind_name(&self) -> &'static str {
        "map"
    }

    fn underlying(&self) -> Option<Value> {
        Some(self.as_value(MapType::Any))
    }

    fn method(&self, name: &str) -> Option<Signature> {
        let fixed: &'static [Type] = match name {
            "AsMap" | "YAML" => &[],
            "PathValue" | "Table" => &[Type::Text],
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
        let path = arguments.text(0).to_str();
        let last = quote(path.rsplit('.').next().unwrap_or_default());
        match name {
            "AsMap" => Ok(self.as_value(MapType::Any)),
            "YAML" => {
                let yaml = to_yaml(caller, &self.as_value(MapType::Any))?;
                Ok(Value::text([yaml.as_bytes(), b"\n"].concat()))
            }
            "Table" => match table(&self.0, &path) {
                Some(map) => Ok(Value::new(Kind::Map(Rc::new(
                    map.converted(MapType::Named(TYPE_NAME)),
                )))),
                None => Err(FunctionError::new(format!("{last} is not a table"))),
            },
            _ if path.is_empty() => Err(FunctionError::new("YAML path cannot be empty")),
            _ => value_at(&self.0, &path).ok_or_else(|| FunctionError::new(format!("{last} is not a value"))),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
