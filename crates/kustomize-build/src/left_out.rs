//! Parts of a build that are left out because they cannot be known offline.

use std::sync::{Arc, Mutex, PoisonError};

use crate::BuildError;

/// A part of a build that is left out because it is remote, needs Helm or a program, or only affects such parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The part as named in the kustomization file: a URL, a chart, a plugin; empty for a part that only depends on
    /// others.
    pub what: String,
    /// The reason, with the place of the entry.
    pub error: BuildError,
}

/// The parts that one build leaves out, shared by all of its directories.
#[derive(Clone, Debug, Default)]
pub(crate) struct LeftOuts {
    /// `None` if nothing may be left out.
    parts: Option<Arc<Mutex<Vec<LeftOut>>>>,
}

impl LeftOuts {
    /// For a build that may leave out parts if `partial`.
    pub(crate) fn new(partial: bool) -> Self {
        LeftOuts {
            parts: partial.then(Arc::default),
        }
    }

    /// The result, or `None` for a part that is left out because it cannot be known offline.
    ///
    /// # Errors
    /// Every other error, and all errors if nothing may be left out.
    pub(crate) fn allow_unresolved<T>(
        &self,
        what: &str,
        result: Result<T, BuildError>,
    ) -> Result<Option<T>, BuildError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.is_unresolved() => self.note(what, error).map(|()| None),
            Err(error) => Err(error),
        }
    }

    /// Ignores an error about a missing object once something is left out: the object may be part of that.
    ///
    /// # Errors
    /// Every other error, and all errors if nothing is left out.
    pub(crate) fn allow_absent(&self, result: Result<(), BuildError>) -> Result<(), BuildError> {
        match result {
            Err(error) if matches!(error, BuildError::ObjectMissing(_)) && self.has_any() => {
                self.note("", error)
            }
            other => other,
        }
    }

    /// Whether anything is left out.
    pub(crate) fn has_any(&self) -> bool {
        let parts = self.parts.as_ref();
        parts.is_some_and(|parts| !parts.lock().unwrap_or_else(PoisonError::into_inner).is_empty())
    }

    /// The parts that are left out, in order of the build, without duplicates.
    pub(crate) fn parts(&self) -> Vec<LeftOut> {
        let mut parts: Vec<LeftOut> = Vec::new();
        if let Some(found) = &self.parts {
            for part in found.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                if !parts.contains(part) {
                    parts.push(part.clone());
                }
            }
        }
        parts
    }

    fn note(&self, what: &str, error: BuildError) -> Result<(), BuildError> {
        let Some(parts) = &self.parts else {
            return Err(error);
        };
        let what = what.to_owned();
        parts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(LeftOut { what, error });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use source_tree::{FileTable, Limits, MemoryTree, RepoPath};

    use crate::{Build, BuildError, BuildOptions, Sources, build};

    fn partial(files: &[(&str, &str)]) -> Result<Build, BuildError> {
        let tree: MemoryTree = files.iter().copied().collect();
        let sources = Sources::new(Arc::new(tree), FileTable::new(), Limits::default());
        let options = BuildOptions {
            partial: true,
            ..BuildOptions::flux()
        };
        build(&sources, &RepoPath::root(), &options)
    }

    fn check(files: &[(&str, &str)], names: &[&str], left_out: &[(&str, u32)]) {
        let build = partial(files).unwrap();
        let found: Vec<&str> = build.resources.iter().map(|resource| resource.name()).collect();
        assert_eq!(found, names);
        let parts: Vec<(&str, u32)> = build
            .left_out
            .iter()
            .map(|part| (part.what.as_str(), part.error.mark().line))
            .collect();
        assert_eq!(parts, left_out);
    }

    const LOCAL: (&str, &str) = ("a.yaml", "kind: A\nmetadata: {name: a}\nspec: {x: 1}\n");

    #[test]
    fn one_remote_line_costs_one_line() {
        let url = "https://example.org/x.yaml";
        for field in [
            "resources",
            "components",
            "crds",
            "configurations",
            "transformers",
            "generators",
            "validators",
        ] {
            let text = match field {
                "resources" => format!("resources:\n- a.yaml\n- {url}\n"),
                _ => format!("resources: [a.yaml]\n{field}:\n- {url}\n"),
            };
            check(&[("kustomization.yaml", &text), LOCAL], &["a"], &[(url, 3)]);
        }
        for (text, line) in [
            (format!("resources: [a.yaml]\nopenapi:\n  path: {url}\n"), 3),
            (
                format!("resources: [a.yaml]\npatches:\n- path: {url}\n  target: {{kind: A}}\n"),
                3,
            ),
            (
                format!("resources: [a.yaml]\npatchesStrategicMerge:\n- {url}\n"),
                3,
            ),
            (
                format!(
                    "resources: [a.yaml]\npatchesJson6902:\n- path: {url}\n  target: {{kind: A, name: a}}\n"
                ),
                3,
            ),
            (format!("resources: [a.yaml]\nreplacements:\n- path: {url}\n"), 3),
        ] {
            check(&[("kustomization.yaml", &text), LOCAL], &["a"], &[(url, line)]);
        }
        let chart = "resources: [a.yaml]\nhelmCharts:\n- name: web\n  repo: https://example.org\n";
        check(&[("kustomization.yaml", chart), LOCAL], &["a"], &[("web", 3)]);
    }

    #[test]
    fn a_generator_keeps_its_other_keys() {
        let text = "generatorOptions: {disableNameSuffixHash: true}\nconfigMapGenerator:\n- name: c\n  literals: [a=1]\n  \
                    files:\n  - b=https://example.org/b\n";
        let build = partial(&[("kustomization.yaml", text)]).unwrap();
        let yaml = build.to_yaml().unwrap();
        assert_eq!(
            yaml,
            "apiVersion: v1\ndata:\n  a: \"1\"\nkind: ConfigMap\nmetadata:\n  name: c\n"
        );
        assert_eq!(build.left_out[0].what, "https://example.org/b");
        assert_eq!(build.left_out[0].error.mark().line, 6);
    }

    #[test]
    fn patches_of_remote_objects_are_skipped() {
        let text = "resources:\n- a.yaml\n- github.com/acme/base?ref=v1\npatches:\n- patch: |\n    kind: B\n    \
                    metadata: {name: b}\n- patch: |\n    kind: A\n    metadata: {name: a}\n    spec: {x: 2}\n\
                    replacements:\n- source: {kind: B}\n  targets:\n  - select: {kind: A}\n    fieldPaths: [spec.x]\n\
                    configMapGenerator:\n- name: b\n  behavior: merge\n  literals: [a=1]\n";
        let build = partial(&[("kustomization.yaml", text), LOCAL]).unwrap();
        assert_eq!(
            build.to_yaml().unwrap(),
            "kind: A\nmetadata:\n  name: a\nspec:\n  x: 2\n"
        );
        assert_eq!(build.left_out.len(), 4);
        // Without a part that is left out, a patch without an object is an error.
        let whole = text.replace("- github.com/acme/base?ref=v1\n", "");
        assert!(partial(&[("kustomization.yaml", &whole), LOCAL]).is_err());
    }

    #[test]
    fn the_default_options_leave_nothing_out() {
        let tree: MemoryTree = [(
            "kustomization.yaml",
            "resources: ['https://example.org/x.yaml']\n",
        )]
        .into_iter()
        .collect();
        let sources = Sources::new(Arc::new(tree), FileTable::new(), Limits::default());
        assert!(build(&sources, &RepoPath::root(), &BuildOptions::default()).is_err());
    }
}
