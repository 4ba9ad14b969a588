//! YAML frontmatter of a skill: name, description and trigger phrases.
//!
//! Rules: <https://agentskills.io/specification>. Malformed frontmatter loads with empty metadata and no error, so every
//! generated scalar is quoted and the description keeps to the permitted characters and length.

use plain_text::markdown;

/// Longest description, in characters, by the specification.
const LONGEST_DESCRIPTION: usize = 1024;

/// Form of the trigger phrases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Frontmatter {
    /// `metadata.triggers`, one string with a phrase a line: the specification allows no other place.
    #[default]
    Spec,
    /// A top-level list `triggers`, which the rwenv plugin reads and validators of the specification refuse.
    Rwenv,
}

/// Fields of the frontmatter of a skill.
pub(crate) struct Header<'a> {
    pub(crate) name: &'a str,
    pub(crate) description: String,
    pub(crate) triggers: &'a [&'a str],
    /// Tools that the skill may use without asking, separated by spaces.
    pub(crate) allowed_tools: &'a str,
}

/// Requirements of both skills.
const COMPATIBILITY: &str = "Uses the command flux-infra-guide where it is on PATH; without it, grep reads the data files. \
                             kubectl and flux look at the cluster.";

impl Header<'_> {
    /// The frontmatter with both `---` lines.
    pub(crate) fn render(&self, form: Frontmatter) -> String {
        let mut out = format!(
            "---\nname: {}\ndescription: {}\nlicense: {}\ncompatibility: {}\nallowed-tools: {}\n",
            quoted(self.name),
            quoted(&plain_description(&self.description)),
            quoted(env!("CARGO_PKG_LICENSE")),
            quoted(COMPATIBILITY),
            quoted(self.allowed_tools),
        );
        match form {
            Frontmatter::Spec => {
                out.push_str("metadata:\n  triggers: |\n");
                for phrase in self.triggers {
                    out.push_str(&format!("    {phrase}\n"));
                }
            }
            Frontmatter::Rwenv => {
                out.push_str("triggers:\n");
                for phrase in self.triggers {
                    out.push_str(&format!("  - {}\n", quoted(phrase)));
                }
            }
        }
        out.push_str("---\n");
        out
    }
}

/// The header of the guide.
pub(crate) fn guide(repository: &str) -> Header<'static> {
    Header {
        name: "flux-infra-guide",
        description: format!(
            "Infrastructure reference for debugging and operations in the Flux-managed environment{}: services, \
             namespaces, Flux resources, secrets, ConfigMaps, observability, dependencies. Use when asked for the \
             infrastructure guide, where does X run, what namespace X is in, how to debug X or check logs of X, which \
             flux resources (Kustomization, HelmRelease) manage it and why they fail, where a secret or config value \
             comes from, which image tag is deployed, or what breaks when X is down. Not for editing manifests; \
             to update the data use flux-infra-guide-regenerate.",
            of_repository(repository)
        ),
        triggers: &[
            "infrastructure guide",
            "where does X run",
            "what namespace",
            "how to debug",
            "check logs",
            "flux resources",
        ],
        allowed_tools: "Bash(flux-infra-guide:*) Bash(grep:*) Read",
    }
}

/// The header of the skill that regenerates. It names no repository, because its folder is not replaced together with the guide and
/// must fit any generation of it.
pub(crate) fn regenerate() -> Header<'static> {
    Header {
        name: "flux-infra-guide-regenerate",
        description: "Regenerate infrastructure data files from Flux repo. Use when asked to run \
             /flux-infra-guide-regenerate, to regenerate infra guide, to update infra catalog, or when \
             flux-infra-guide check reports stale data. Not for questions about the infrastructure: those are for \
             flux-infra-guide."
            .to_owned(),
        triggers: &[
            "/flux-infra-guide-regenerate",
            "regenerate infra guide",
            "update infra catalog",
        ],
        allowed_tools: "Bash(flux-infra-guide:*) Read",
    }
}

/// The repository's name as part of a sentence; empty if it has no usable letters.
fn of_repository(repository: &str) -> String {
    let name: String = repository
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'))
        .take(64)
        .collect();
    match name.as_str() {
        "" => name,
        _ => format!(" of {name}"),
    }
}

fn plain_description(text: &str) -> String {
    markdown::shortened(text, LONGEST_DESCRIPTION)
        .into_owned()
        .chars()
        .filter(|c| !matches!(c, '<' | '>'))
        .take(LONGEST_DESCRIPTION)
        .collect()
}

/// A YAML double-quoted scalar.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use serde_yaml::Value;

    use super::*;

    #[track_caller]
    fn parsed(header: &Header<'_>, form: Frontmatter) -> Value {
        let text = header.render(form);
        let yaml = text
            .strip_prefix("---\n")
            .and_then(|rest| rest.strip_suffix("---\n"))
            .expect("two rules");
        serde_yaml::from_str(yaml).expect("valid YAML")
    }

    #[test]
    fn both_forms_are_valid_whatever_the_repository_is_called() {
        for repository in ["infra", "\"\n---\ntriggers: x", "<b>$1", &"x".repeat(5000), ""] {
            for header in [guide(repository), regenerate()] {
                let spec = parsed(&header, Frontmatter::Spec);
                assert_eq!(spec["name"].as_str(), Some(header.name));
                let description = spec["description"].as_str().expect("a string");
                assert!(
                    (1..=1024).contains(&description.chars().count()),
                    "{}",
                    description.len()
                );
                assert!(!description.contains(['<', '>']));
                let keys: Vec<_> = spec
                    .as_mapping()
                    .expect("a mapping")
                    .keys()
                    .filter_map(Value::as_str)
                    .collect();
                let expected = [
                    "name",
                    "description",
                    "license",
                    "compatibility",
                    "allowed-tools",
                    "metadata",
                ];
                assert_eq!(keys, expected);
                let phrases: Vec<_> = spec["metadata"]["triggers"]
                    .as_str()
                    .expect("one string")
                    .lines()
                    .collect();
                assert_eq!(phrases, header.triggers);

                let rwenv = parsed(&header, Frontmatter::Rwenv);
                let phrases: Vec<_> = rwenv["triggers"]
                    .as_sequence()
                    .expect("a list")
                    .iter()
                    .filter_map(Value::as_str)
                    .collect();
                assert_eq!(phrases, header.triggers);
            }
        }
    }

    #[test]
    fn each_phrase_is_part_of_the_description() {
        for header in [guide("infra"), regenerate()] {
            for phrase in header.triggers {
                assert!(
                    header.description.to_lowercase().contains(&phrase.to_lowercase()),
                    "{phrase}"
                );
            }
        }
    }
}
