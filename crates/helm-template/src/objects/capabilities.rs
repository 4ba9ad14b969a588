//! `.Capabilities`.
//!
//! Types: [pkg/chart/common/capabilities.go](https://github.com/helm/helm/blob/v4.2.4/pkg/chart/common/capabilities.go).

use std::any::Any;

use go_template::{Arguments, Caller, FunctionError, Object, Signature, Text, Type, Value};

use crate::Capabilities;

/// Version of Helm 4.2.4 used as a library, as Flux does.
const HELM_VERSION: &str = "v4.2";
const GO_VERSION: &str = "go1.26.8";
const KUBE_CLIENT_VERSION: &str = "v1.36";

/// A method without parameters.
const NO_PARAMETERS: Signature = Signature {
    fixed: &[],
    rest: None,
};

/// The value of `.Capabilities`.
pub(crate) fn capabilities(capabilities: &Capabilities) -> Value {
    let version = &capabilities.kube_version;
    let kube_version = KubeVersion {
        version: version.version.as_str().into(),
        normalized: version.normalized.as_str().into(),
        major: version.major.as_str().into(),
        minor: version.minor.as_str().into(),
    };
    let api_versions = capabilities
        .api_versions
        .iter()
        .map(|version| Text::from(version.as_str()));
    Value::object(CapabilitiesObject {
        kube_version: Value::object(kube_version),
        api_versions: Value::object(VersionSet(api_versions.collect())),
        helm_version: Value::object(BuildInfo),
    })
}

/// `*common.Capabilities`
#[derive(Debug)]
struct CapabilitiesObject {
    kube_version: Value,
    api_versions: Value,
    helm_version: Value,
}

impl Object for CapabilitiesObject {
    fn type_name(&self) -> &'static str {
        "*common.Capabilities"
    }

    fn kind_name(&self) -> &'static str {
        "ptr"
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("KubeVersion", self.kube_version.clone()),
            ("APIVersions", self.api_versions.clone()),
            ("HelmVersion", self.helm_version.clone()),
        ]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `common.KubeVersion`
#[derive(Debug)]
struct KubeVersion {
    version: Text,
    normalized: Text,
    major: Text,
    minor: Text,
}

impl Object for KubeVersion {
    fn type_name(&self) -> &'static str {
        "common.KubeVersion"
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("Version", Value::text(self.version.clone())),
            ("normalizedVersion", Value::text(self.normalized.clone())),
            ("Major", Value::text(self.major.clone())),
            ("Minor", Value::text(self.minor.clone())),
        ]
    }

    fn method(&self, name: &str) -> Option<Signature> {
        matches!(name, "String" | "GitVersion").then_some(NO_PARAMETERS)
    }

    fn call(&self, name: &str, _: &mut dyn Caller<'_>, _: Arguments<'_>) -> Result<Value, FunctionError> {
        Ok(Value::text(match name {
            "String" => self.normalized.clone(),
            _ => self.version.clone(),
        }))
    }

    fn string(&self) -> Option<Text> {
        Some(self.normalized.clone())
    }

    fn printed_by_pointer(&self) -> bool {
        true
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `common.VersionSet`
#[derive(Debug)]
struct VersionSet(Vec<Text>);

impl Object for VersionSet {
    fn type_name(&self) -> &'static str {
        "common.VersionSet"
    }

    fn kind_name(&self) -> &'static str {
        "slice"
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::texts(self.0.iter().cloned()))
    }

    fn method(&self, name: &str) -> Option<Signature> {
        (name == "Has").then_some(Signature {
            fixed: &[Type::Text],
            rest: None,
        })
    }

    fn call(
        &self,
        _: &str,
        _: &mut dyn Caller<'_>,
        arguments: Arguments<'_>,
    ) -> Result<Value, FunctionError> {
        Ok(Value::bool(self.0.contains(arguments.text(0))))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `version.BuildInfo`
#[derive(Debug)]
struct BuildInfo;

impl Object for BuildInfo {
    fn type_name(&self) -> &'static str {
        "version.BuildInfo"
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("Version", Value::text(HELM_VERSION)),
            ("GitCommit", Value::text("")),
            ("GitTreeState", Value::text("")),
            ("GoVersion", Value::text(GO_VERSION)),
            ("KubeClientVersion", Value::text(KUBE_CLIENT_VERSION)),
        ]
    }

    // Empty fields are omitted.
    fn json_fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("version", Value::text(HELM_VERSION)),
            ("go_version", Value::text(GO_VERSION)),
            ("kube_client_version", Value::text(KUBE_CLIENT_VERSION)),
        ]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
