//! Files beside a folder of skills that make a Claude Code plugin of the folder around it, and a marketplace of this plugin.

use std::io;

use camino::Utf8Path;
use catalog_emit::FileSet;
use skill_render::{PluginOptions, RenderedSkill, plugin_name};
use source_tree::regular_file;

use crate::exit::Failure;
use crate::output::emit_failure;

/// The folder of a plugin's skills.
pub(crate) const SKILLS: &str = "skills";

/// Largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// The files around the skills in `out`, for a repository of this name.
///
/// # Errors
/// [`Failure`] if `out` does not have the name of a plugin's folder of skills, or has a file that somebody else wrote, unless
/// `force` is given. A README by somebody else stays.
pub(crate) fn files(
    out: &Utf8Path,
    repository: &str,
    overrides: &[(String, String)],
    force: bool,
) -> Result<FileSet, Failure> {
    if out.file_name() != Some(SKILLS) {
        return Err(Failure::usage(format!(
            "a plugin has its skills in a folder {SKILLS}, not in {out}"
        ))
        .hint("omit --out, or let it end with /skills"));
    }
    let root = match out.parent() {
        Some(folder) if !folder.as_str().is_empty() => folder,
        _ => Utf8Path::new("."),
    };
    let options = PluginOptions {
        name: plugin_name(repository),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        source: repository.to_owned(),
        repository: env!("CARGO_PKG_REPOSITORY").to_owned(),
        license: env!("CARGO_PKG_LICENSE").to_owned(),
        license_text: String::new(),
        overrides: overrides.to_vec(),
    };
    let plugin = skill_render::plugin(&RenderedSkill::default(), &options)
        .map_err(|error| Failure::input(error).hint("correct the template, or omit --templates"))?;
    let mut files = FileSet::new(root);
    for (path, text) in plugin.files {
        match is_foreign(root, &path)? {
            true if path == "README.md" && !force => continue,
            true if !force => {
                return Err(Failure::output(format!(
                    "{} is of a plugin that flux-infra-guide did not write",
                    root.join(&path)
                ))
                .hint("name another folder with --out DIR/skills, or give --force to replace it"));
            }
            _ => files.add(path, text).map_err(emit_failure)?,
        }
    }
    Ok(files)
}

/// Whether somebody else wrote a file of the plugin.
fn is_foreign(root: &Utf8Path, path: &Utf8Path) -> Result<bool, Failure> {
    let file = root.join(path);
    match regular_file::read(&file, LARGEST) {
        Ok(text) => {
            let text = String::from_utf8_lossy(&text);
            Ok(match path.as_str() {
                "README.md" => !text.starts_with("# flux-infra-guide"),
                ".claude-plugin/plugin.json" => !text.contains("\n  \"name\": \"flux-infra-guide"),
                ".claude-plugin/marketplace.json" => {
                    !text.contains("\n  \"owner\": {\n    \"name\": \"flux-infra-guide")
                }
                _ => !text.contains("Says at the start of a session"),
            })
        }
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(false)
        }
        Err(error) => Err(Failure::output(format!("cannot read {file}: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn files_of_others_stay() {
        let temporary = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(temporary.path()).unwrap();
        let out = root.join("skills");
        let paths = |force| -> Vec<String> {
            let files = files(&out, "fleet", &[], force).unwrap();
            files.contents().map(|(path, _)| path.to_string()).collect()
        };
        let all = [
            ".claude-plugin/marketplace.json",
            ".claude-plugin/plugin.json",
            "README.md",
            "hooks/check-freshness.sh",
            "hooks/hooks.json",
        ];
        assert_eq!(paths(false), all);
        files(&out, "fleet", &[], false).unwrap().apply().unwrap();
        assert_eq!(paths(false), all, "its own files are written again");
        fs::write(root.join("README.md"), "# Fleet\n\nflux-infra-guide helps.\n").unwrap();
        assert!(!paths(false).contains(&"README.md".to_owned()));
        assert_eq!(paths(true), all);
        fs::write(root.join("hooks/hooks.json"), "{}\n").unwrap();
        assert!(files(&out, "fleet", &[], false).is_err());
        assert!(files(&root.join("other"), "fleet", &[], true).is_err());
    }
}
