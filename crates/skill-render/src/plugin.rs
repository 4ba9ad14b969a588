//! The files of an installable Claude Code plugin.
//!
//! Layout: <https://code.claude.com/docs/en/plugins-reference>. Data files come from `catalog-emit`.

use camino::Utf8PathBuf;
use minijinja::context;

use crate::environment;
use crate::error::RenderError;
use crate::render::RenderedSkill;
use plain_text::markdown::json_string;

/// Metadata of a plugin.
#[derive(Clone, Debug, Default)]
pub struct PluginOptions {
    /// Name of the plugin and of its marketplace; `flux-infra-guide` where it is empty. [`plugin_name`] makes one of a
    /// repository's name.
    pub name: String,
    /// Version, such as `0.1.0`.
    pub version: String,
    /// Name of the Flux repository that the skill is about.
    pub source: String,
    /// URL of the plugin's own repository.
    pub repository: String,
    /// SPDX identifier of the licence.
    pub license: String,
    /// Text of the licence; no file where it is empty.
    pub license_text: String,
    /// Templates in place of embedded ones, as in [`crate::Templates::new`].
    pub overrides: Vec<(String, String)>,
}

const HOOK: &str = include_str!("../templates/check-freshness.sh");

const HOOKS: &str = r#"{
  "description": "Says at the start of a session when the data of flux-infra-guide is stale",
  "hooks": {
    "SessionStart": [
      {
        "matcher": "startup|resume",
        "hooks": [
          {
            "type": "command",
            "command": "sh \"${CLAUDE_PLUGIN_ROOT}/hooks/check-freshness.sh\"",
            "timeout": 10
          }
        ]
      }
    ]
  }
}
"#;

/// The default name of a plugin and of its marketplace.
const NAME: &str = "flux-infra-guide";

/// Longest name of a plugin, in characters.
const LONGEST_NAME: usize = 64;

/// The name of the plugin of a repository, such as `flux-infra-guide-fleet`, so that the guides of two teams can be installed side
/// by side.
pub fn plugin_name(repository: &str) -> String {
    let mut name = NAME.to_owned();
    let words = repository.split(|c: char| !c.is_ascii_alphanumeric());
    for word in words.filter(|word| !word.is_empty()) {
        if name.len() + 1 + word.len() > LONGEST_NAME {
            break;
        }
        name.push('-');
        name.push_str(&word.to_ascii_lowercase());
    }
    name
}

/// A marketplace with only this plugin, for `claude plugin marketplace add`.
fn marketplace(options: &PluginOptions) -> String {
    let name = json_string(options.plugin_name());
    format!(
        r#"{{
  "name": {name},
  "description": "Skills that know a Flux-managed infrastructure",
  "owner": {{
    "name": {name}
  }},
  "plugins": [
    {{
      "name": {name},
      "source": "./",
      "description": "A map of the infrastructure that Flux manages"
    }}
  ]
}}
"#
    )
}

impl PluginOptions {
    fn plugin_name(&self) -> &str {
        match self.name.as_str() {
            "" => NAME,
            name => name,
        }
    }
}

/// The files of the plugin, sorted by path: manifest and marketplace, hook, README, LICENSE, and `skill` below `skills/`.
///
/// # Errors
/// [`RenderError`] for an override that is no template or does not render.
pub fn plugin(skill: &RenderedSkill, options: &PluginOptions) -> Result<RenderedSkill, RenderError> {
    let env = environment::environment(&options.overrides)?;
    let readme = environment::render(
        &env,
        "plugin-readme.md.j2",
        context! { repository => &options.source, name => options.plugin_name() },
    )?;
    let mut files: Vec<(Utf8PathBuf, String)> = vec![
        (".claude-plugin/marketplace.json".into(), marketplace(options)),
        (".claude-plugin/plugin.json".into(), manifest(options)),
        ("hooks/hooks.json".into(), HOOKS.to_owned()),
        ("hooks/check-freshness.sh".into(), HOOK.to_owned()),
        ("README.md".into(), readme),
    ];
    if !options.license_text.is_empty() {
        files.push(("LICENSE".into(), options.license_text.clone()));
    }
    let skill = skill.files.iter();
    files.extend(skill.map(|(path, text)| (Utf8PathBuf::from("skills").join(path), text.clone())));
    files.sort();
    Ok(RenderedSkill { files })
}

fn manifest(options: &PluginOptions) -> String {
    let fields = [
        ("name", options.plugin_name()),
        ("version", &options.version),
        (
            "description",
            "A map of the infrastructure that Flux manages: services, secrets, configuration, dependencies",
        ),
        ("homepage", &options.repository),
        ("repository", &options.repository),
        ("license", &options.license),
    ];
    let mut out = String::from("{\n");
    for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
        out.push_str(&format!("  {}: {},\n", json_string(name), json_string(value)));
    }
    out.push_str("  \"author\": {\n    \"name\": \"flux-infra-guide\"\n  },\n");
    out.push_str("  \"keywords\": [\"flux\", \"gitops\", \"kubernetes\"]\n}\n");
    out
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn files() -> Vec<(Utf8PathBuf, String)> {
        let skill = RenderedSkill {
            files: vec![("flux-infra-guide/SKILL.md".into(), "text".into())],
        };
        let options = PluginOptions {
            name: String::new(),
            version: "1.2.3".into(),
            source: "infra".into(),
            repository: "https://example.com/\"x".into(),
            license: "Apache-2.0".into(),
            license_text: "the licence".into(),
            overrides: Vec::new(),
        };
        plugin(&skill, &options).expect("a plugin").files
    }

    #[test]
    fn every_part_has_its_place() {
        let paths: Vec<_> = files().into_iter().map(|(path, _)| path.to_string()).collect();
        assert_eq!(
            paths,
            [
                ".claude-plugin/marketplace.json",
                ".claude-plugin/plugin.json",
                "LICENSE",
                "README.md",
                "hooks/check-freshness.sh",
                "hooks/hooks.json",
                "skills/flux-infra-guide/SKILL.md",
            ]
        );
    }

    #[test]
    fn a_repository_has_a_plugin_of_its_own() {
        assert_eq!(plugin_name("Fleet_infra.v2"), "flux-infra-guide-fleet-infra-v2");
        assert_eq!(plugin_name("\"}\n"), "flux-infra-guide");
        assert_eq!(plugin_name(&"x".repeat(500)), "flux-infra-guide");
    }

    #[test]
    fn json_files_are_json() {
        for (path, text) in files() {
            if path.extension() == Some("json") {
                let value: serde_json::Value = serde_json::from_str(&text).expect("valid JSON");
                if path.ends_with("plugin.json") {
                    assert_eq!(value["name"], "flux-infra-guide");
                    assert_eq!(value["version"], "1.2.3");
                }
            }
        }
    }

    #[test]
    fn the_hook_never_fails() {
        assert!(HOOK.ends_with("exit 0\n"));
        assert!(!HOOK.contains("set -e"));
    }
}
