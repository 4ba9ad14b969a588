//! Errors of builds, with kustomize's messages and a place.

use source_tree::{Exhausted, FileTable, Mark, Place, TreeError};
use thiserror::Error;

use crate::node_edit::WrongKind;

/// A message in kustomize's words, and its place.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub struct Fault {
    /// The message without the leading `Error: ` of the command line. It never holds a secret value.
    pub message: String,
    /// The entry or object at fault; [`Mark::NONE`] if no line states it.
    pub mark: Mark,
}

/// Why a directory cannot be built. The variants name the stage, the message is kustomize's.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BuildError {
    /// The kustomization file is missing, ambiguous, malformed, or holds an unknown field or value.
    #[error(transparent)]
    Kustomization(Fault),
    /// The kustomization file states a `kind` or `apiVersion` that is not kustomize's.
    #[error(transparent)]
    KustomizationType(Fault),
    /// A path does not exist, leaves the root, or is part of a cycle.
    #[error(transparent)]
    Load(Fault),
    /// A file is not YAML.
    #[error(transparent)]
    MalformedYaml(Fault),
    /// An object lacks `kind` or `metadata.name`, or two objects have one id.
    #[error(transparent)]
    Resource(Fault),
    /// A `configMapGenerator`, `secretGenerator` or `generators` entry fails.
    #[error(transparent)]
    Generator(Fault),
    /// A patch is malformed, has no target, or does not apply.
    #[error(transparent)]
    Patch(Fault),
    /// A patch, replacement or var names an object that does not exist.
    #[error(transparent)]
    ObjectMissing(Fault),
    /// A `replacements` or `vars` entry finds no source or no field.
    #[error(transparent)]
    Replacement(Fault),
    /// Another transformer or its configuration (field specs, `crds`, `openapi`, `images`, `replicas`, …) fails.
    #[error(transparent)]
    Transformer(Fault),
    /// A validator fails, or changes a resource.
    #[error(transparent)]
    Validator(Fault),
    /// The result cannot be written as YAML.
    #[error(transparent)]
    Output(Fault),
    /// A limit against hostile input is reached.
    #[error(transparent)]
    Limit(Fault),
    /// The tree knows the path but not its content.
    #[error(transparent)]
    Elsewhere(Fault),
    /// A resource or file of another repository or server, which cannot be known offline.
    #[error(transparent)]
    RemoteResource(Fault),
    /// `helmCharts` or a HelmChartInflationGenerator: it needs Helm and a chart.
    #[error(transparent)]
    HelmCharts(Fault),
    /// A generator, transformer or validator that is a program or a container.
    #[error(transparent)]
    ExternalPlugin(Fault),
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $variant:ident,)*) => {
        impl BuildError {
            $($(#[$doc])*
            pub(crate) fn $name(message: impl Into<String>) -> Self {
                BuildError::$variant(Fault { message: message.into(), mark: Mark::NONE })
            })*

            /// The message and mark of any variant.
            pub fn fault(&self) -> &Fault {
                match self {
                    $(BuildError::$variant(fault) => fault,)*
                }
            }

            fn fault_mut(&mut self) -> &mut Fault {
                match self {
                    $(BuildError::$variant(fault) => fault,)*
                }
            }
        }
    };
}

constructors! {
    kustomization => Kustomization,
    kustomization_type => KustomizationType,
    load => Load,
    malformed_yaml => MalformedYaml,
    resource => Resource,
    generator => Generator,
    patch => Patch,
    object_missing => ObjectMissing,
    replacement => Replacement,
    transformer => Transformer,
    validator => Validator,
    output => Output,
    limit => Limit,
    elsewhere => Elsewhere,
    remote_resource => RemoteResource,
    helm_charts => HelmCharts,
    external_plugin => ExternalPlugin,
}

impl From<Exhausted> for BuildError {
    fn from(error: Exhausted) -> Self {
        BuildError::limit(error.to_string())
    }
}

/// For transformers. Strategic merge patches have an error type of their own.
impl From<WrongKind> for BuildError {
    fn from(error: WrongKind) -> Self {
        BuildError::transformer(error.to_string()).at(error.mark)
    }
}

impl BuildError {
    /// Whether the build may succeed in the cluster but cannot be known offline: remote resources, unavailable content,
    /// Helm charts, programs and containers.
    pub fn is_unresolved(&self) -> bool {
        matches!(
            self,
            BuildError::RemoteResource(_)
                | BuildError::Elsewhere(_)
                | BuildError::HelmCharts(_)
                | BuildError::ExternalPlugin(_)
        )
    }

    /// The message without kustomize's chain of directories and files in front of it and without its line, for output
    /// that shows [`BuildError::place`].
    pub fn cause(&self) -> String {
        cause(&self.fault().message)
    }

    /// The entry or object at fault.
    pub fn mark(&self) -> Mark {
        self.fault().mark
    }

    /// File and line of the entry or object at fault.
    pub fn place(&self, files: &FileTable) -> Option<Place> {
        files.place(self.mark())
    }

    /// Puts the context in front of the message, as `context: message`.
    #[must_use]
    pub(crate) fn context(mut self, context: impl AsRef<str>) -> Self {
        let fault = self.fault_mut();
        fault.message = format!("{}: {}", context.as_ref(), fault.message);
        self
    }

    /// The error as a [`BuildError::Transformer`].
    #[must_use]
    pub(crate) fn into_transformer(self) -> Self {
        BuildError::Transformer(self.fault().clone())
    }

    /// Replaces the whole message.
    #[must_use]
    pub(crate) fn with_message(mut self, message: impl Into<String>) -> Self {
        self.fault_mut().message = message.into();
        self
    }

    /// Sets the place, whatever an inner step set.
    #[must_use]
    pub(crate) fn with_mark(mut self, mark: Mark) -> Self {
        self.fault_mut().mark = mark;
        self
    }

    /// Sets the place, unless an inner step has set one.
    #[must_use]
    pub(crate) fn at(mut self, mark: Mark) -> Self {
        let fault = self.fault_mut();
        if !fault.mark.is_some() {
            fault.mark = mark;
        }
        self
    }
}

/// The end of a message, without `recursed accumulation of path '…':`, `accumulating resources from '…':` and similar
/// prefixes.
fn cause(message: &str) -> String {
    const PREFIX: &str = "recursed accumulation of path '";
    let is_quoted = message.contains(&format!("\"{PREFIX}"));
    let mut rest = match message.rfind(PREFIX) {
        Some(at) => message.get(at + PREFIX.len()..).unwrap_or_default(),
        None => message,
    };
    if rest.len() < message.len() {
        rest = rest.split_once("': ").map_or(rest, |(_, rest)| rest);
        if is_quoted {
            rest = rest.trim_end_matches('"');
        }
    }
    loop {
        let before = rest;
        for context in [
            "accumulating resources: ",
            "accumulating components: ",
            "MalformedYAMLError: ",
            "yaml: ",
        ] {
            rest = rest.strip_prefix(context).unwrap_or(rest);
        }
        if rest.starts_with("accumulating resources from '") {
            rest = rest.split_once("': ").map_or(rest, |(_, rest)| rest);
        }
        // go-yaml's own line: `line 12: `.
        if let Some((line, after)) = rest.strip_prefix("line ").and_then(|rest| rest.split_once(": "))
            && line.bytes().all(|byte| byte.is_ascii_digit())
        {
            rest = after;
        }
        if rest == before {
            break;
        }
    }
    match rest.rsplit_once(" in File: ") {
        Some((cause, _)) => cause.to_owned(),
        None => rest.to_owned(),
    }
}

/// Adds the file, as written in the kustomization, to an error about malformed YAML.
pub(crate) fn named(error: BuildError, path: &str) -> BuildError {
    match error {
        BuildError::MalformedYaml(_) => {
            let message = format!("{error} in File: {path}");
            error.with_message(message)
        }
        other => other,
    }
}

/// Context for a [`Result`] whose error becomes a [`BuildError`].
pub(crate) trait Context<T> {
    /// As [`BuildError::context`].
    fn context(self, context: impl FnOnce() -> String) -> Result<T, BuildError>;
    /// As [`BuildError::at`].
    fn at(self, mark: Mark) -> Result<T, BuildError>;
}

impl<T, E: Into<BuildError>> Context<T> for Result<T, E> {
    fn context(self, context: impl FnOnce() -> String) -> Result<T, BuildError> {
        self.map_err(|error| error.into().context(context()))
    }

    fn at(self, mark: Mark) -> Result<T, BuildError> {
        self.map_err(|error| error.into().at(mark))
    }
}

impl From<TreeError> for BuildError {
    fn from(error: TreeError) -> Self {
        match error {
            TreeError::TooLarge { .. } => BuildError::limit(error.to_string()),
            TreeError::Elsewhere { .. } => BuildError::elsewhere(error.to_string()),
            _ => BuildError::load(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::FileId;

    #[test]
    fn context_is_prepended_and_the_innermost_mark_stays() {
        let inner = Mark::new(FileId(1), 7);
        let error = BuildError::helm_charts("b")
            .at(inner)
            .context("a")
            .at(Mark::new(FileId(1), 1));
        assert_eq!(error.to_string(), "a: b");
        assert_eq!(error.mark(), inner);
        assert!(error.is_unresolved());
    }
}
