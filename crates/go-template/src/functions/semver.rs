//! `semver`, `semverCompare` and `*semver.Version`.

use std::any::Any;
use std::cmp::Ordering;

use go_std::quote::quote;
use masterminds_semver::{ConstraintError, Constraints, Version};

use super::result::Result;
use crate::Type::{Object as Named, Text as Str};
use crate::{Arguments, Caller, Function, FunctionError, Kind, Object, Signature, Text, Type, Value};

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("semver", Function::new(&[Str], semver)),
    ("semverCompare", Function::new(&[Str, Str], compare)),
];

fn parse(text: &Text) -> Result<Version> {
    Version::parse(&text.to_str()).map_err(|error| FunctionError::new(error.to_string()))
}

fn semver(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let version = parse(arguments.text(0))?;
    Ok(Value::object(VersionObject {
        version,
        pointer: true,
    }))
}

fn compare(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let constraints = Constraints::parse(&arguments.text(0).to_str()).map_err(|error| {
        FunctionError::new(match error {
            ConstraintError::Improper(group) => format!("improper constraint: {}", quote(&group)),
            error => error.to_string(),
        })
    })?;
    Ok(Value::bool(constraints.check(&parse(arguments.text(1))?)))
}

/// A version, or a pointer to one. `semver` returns a pointer, `IncMajor` and the like do not.
#[derive(Debug)]
struct VersionObject {
    version: Version,
    pointer: bool,
}

const POINTER: &str = "*semver.Version";

fn version_of(value: &Value) -> Option<&Version> {
    value.downcast().map(|object: &VersionObject| &object.version)
}

impl Object for VersionObject {
    fn type_name(&self) -> &'static str {
        if self.pointer { POINTER } else { "semver.Version" }
    }

    fn kind_name(&self) -> &'static str {
        if self.pointer { "ptr" } else { "struct" }
    }

    fn method(&self, name: &str) -> Option<Signature> {
        let fixed: &'static [Type] = match name {
            "Major" | "Minor" | "Patch" | "Prerelease" | "Metadata" | "String" | "IncMajor" | "IncMinor"
            | "IncPatch" => &[],
            "SetPrerelease" | "SetMetadata" => &[Str],
            // Methods of the pointer.
            "Original" if self.pointer => &[],
            "Compare" | "Equal" | "GreaterThan" | "GreaterThanEqual" | "LessThan" | "LessThanEqual"
                if self.pointer =>
            {
                &[Named(POINTER)]
            }
            _ => return None,
        };
        Some(Signature { fixed, rest: None })
    }

    fn call(&self, name: &str, _: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
        let version = &self.version;
        let uint = |number: u64| Value::new(Kind::Uint64(number));
        let order = || version_of(arguments.any(0)).map_or(Ordering::Equal, |other| version.cmp(other));
        let text = arguments.text(0).to_str();
        let plain = |version: Version| {
            Value::object(VersionObject {
                version,
                pointer: false,
            })
        };
        let incremented = |version: Option<Version>, part: &str| {
            let overflow = || format!("{part} version increment would overflow uint64");
            version.map(plain).ok_or_else(overflow)
        };
        Ok(match name {
            "Major" => uint(version.major()),
            "Minor" => uint(version.minor()),
            "Patch" => uint(version.patch()),
            "Prerelease" => Value::text(version.prerelease()),
            "Metadata" => Value::text(version.metadata()),
            "Original" => Value::text(version.original()),
            "IncMajor" => incremented(version.inc_major(), "major")?,
            "IncMinor" => incremented(version.inc_minor(), "minor")?,
            "IncPatch" => incremented(version.inc_patch(), "patch")?,
            "SetPrerelease" => plain(
                version
                    .with_prerelease(&text)
                    .map_err(|error| error.to_string())?,
            ),
            "SetMetadata" => plain(version.with_metadata(&text).map_err(|error| error.to_string())?),
            "Compare" => Value::int(order() as i64),
            "Equal" => Value::bool(order().is_eq()),
            "GreaterThan" => Value::bool(order().is_gt()),
            "GreaterThanEqual" => Value::bool(order().is_ge()),
            "LessThan" => Value::bool(order().is_lt()),
            "LessThanEqual" => Value::bool(order().is_le()),
            _ => Value::text(version.to_string()),
        })
    }

    fn string(&self) -> Option<Text> {
        Some(self.version.to_string().into())
    }

    fn json(&self) -> Option<Value> {
        Some(Value::text(self.version.to_string()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
