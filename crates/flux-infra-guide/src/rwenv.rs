//! Environments of rwenv and the clones of their repositories, from rwenv's own configuration.
//!
//! `${RWENV_CONFIG_DIR:-~/.claude/rwenv}/envs.json` names the environments, the clone of each is
//! `<config dir>/flux-repos/<name>/`, the active one is named in `.claude/rwenv` of the project.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

use crate::argument_file;
use crate::exit::Failure;

/// An environment and its clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rwenv {
    pub(crate) name: String,
    /// Folder of the clone.
    pub(crate) repository: Utf8PathBuf,
    /// `k3s` or `gke`: by convention the cluster entry is `clusters/<type>/`.
    pub(crate) cluster_type: Option<String>,
    /// The kubeconfig of the cluster.
    pub(crate) kubeconfig: Option<Utf8PathBuf>,
    /// The context in the kubeconfig.
    pub(crate) context: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envs {
    #[serde(default)]
    rwenvs: BTreeMap<String, Env>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Env {
    #[serde(default, rename = "type")]
    cluster_type: Option<String>,
    #[serde(default)]
    flux_git_repo: Option<String>,
    #[serde(default)]
    kubeconfig_path: Option<String>,
    #[serde(default)]
    kubernetes_context: Option<String>,
}

/// The folder of rwenv's configuration: `RWENV_CONFIG_DIR`, else `.claude/rwenv` in the home folder.
pub(crate) fn config_dir() -> Option<Utf8PathBuf> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    variable("RWENV_CONFIG_DIR")
        .map(Utf8PathBuf::from)
        .or_else(|| Some(Utf8PathBuf::from(variable("HOME")?).join(".claude/rwenv")))
}

/// The environment with this name, or for `-` the active one of the project in `folder`.
pub(crate) fn find(config_dir: &Utf8Path, folder: &Utf8Path, name: &str) -> Result<Rwenv, Failure> {
    let name = if name == "-" {
        active(folder)?
    } else {
        name.to_owned()
    };
    let file = config_dir.join("envs.json");
    let text = argument_file::read_text(&file).map_err(|error| {
        Failure::input(format!("cannot read {file}: {error}"))
            .hint("set up rwenv, or name the repository in place of --rwenv")
    })?;
    let envs: Envs = serde_json::from_str(&text).map_err(|error| {
        Failure::input(format!("{file}: {error}")).hint("correct the file; rwenv cannot read it either")
    })?;
    let Some(env) = envs.rwenvs.get(&name) else {
        let known: Vec<&str> = envs.rwenvs.keys().map(String::as_str).collect();
        return Err(
            Failure::input(format!("{file} has no rwenv {name:?}")).hint(format!(
                "there are: {}; choose one with /rwenv-set",
                known.join(", ")
            )),
        );
    };
    // The name becomes a folder's name and must not lead elsewhere.
    if name.contains(['/', '\\']) || name.starts_with('.') {
        return Err(Failure::input(format!(
            "{file}: {name:?} is not the name of a folder"
        )));
    }
    let repository = config_dir.join("flux-repos").join(&name);
    if !repository.is_dir() {
        let from = env
            .flux_git_repo
            .as_deref()
            .unwrap_or("the repository that fluxGitRepo names");
        return Err(Failure::input(format!(
            "the Flux repository of rwenv {name:?} is not at {repository}"
        ))
        .hint(format!(
            "clone {from} to that folder, or check fluxGitRepo in {file}"
        )));
    }
    Ok(Rwenv {
        name,
        repository,
        cluster_type: env.cluster_type.clone(),
        kubeconfig: env
            .kubeconfig_path
            .as_deref()
            .map(|path| kubeconfig(config_dir, path)),
        context: env.kubernetes_context.clone(),
    })
}

/// The path of a kubeconfig: `~` is the home folder, and relative paths start at rwenv's configuration.
fn kubeconfig(config_dir: &Utf8Path, path: &str) -> Utf8PathBuf {
    let home = || std::env::var("HOME").ok().map(Utf8PathBuf::from);
    match path.strip_prefix("~/").and_then(|rest| Some(home()?.join(rest))) {
        Some(path) => path,
        None => config_dir.join(path),
    }
}

fn active(folder: &Utf8Path) -> Result<String, Failure> {
    let file = folder.join(".claude/rwenv");
    let name = argument_file::read_text(&file)
        .unwrap_or_default()
        .trim()
        .to_owned();
    if name.is_empty() {
        return Err(
            Failure::input(format!("no rwenv is set: {file} names none")).hint("set one with /rwenv-set")
        );
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use pretty_assertions::assert_eq;

    fn config() -> (tempfile::TempDir, Utf8PathBuf) {
        let temp = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(temp.path()).unwrap().to_owned();
        let envs = r#"{"version": 1, "rwenvs": {
            "nonprod": {"type": "gke", "fluxGitRepo": "https://git.example.com/infra-flux-nonprod.git"},
            "dev": {"type": "k3s"}}}"#;
        fs::write(path.join("envs.json"), envs).unwrap();
        fs::create_dir_all(path.join("flux-repos/nonprod")).unwrap();
        fs::create_dir_all(path.join("project/.claude")).unwrap();
        (temp, path)
    }

    #[test]
    fn a_name_leads_to_its_clone() {
        let (_temp, path) = config();
        let env = find(&path, &path, "nonprod").unwrap();
        assert_eq!(env.repository, path.join("flux-repos/nonprod"));
        assert_eq!(env.cluster_type.as_deref(), Some("gke"));
    }

    #[test]
    fn a_dash_is_the_active_one() {
        let (_temp, path) = config();
        let project = path.join("project");
        assert!(
            find(&path, &project, "-")
                .unwrap_err()
                .hint
                .unwrap()
                .contains("/rwenv-set")
        );
        fs::write(project.join(".claude/rwenv"), "nonprod\n").unwrap();
        assert_eq!(find(&path, &project, "-").unwrap().name, "nonprod");
    }

    #[test]
    fn what_is_missing_is_named() {
        let (_temp, path) = config();
        let hint = |name: &str| find(&path, &path, name).unwrap_err().hint.unwrap();
        assert!(hint("prod").contains("dev, nonprod"));
        assert!(hint("dev").contains("clone"));
        assert!(
            find(&path.join("gone"), &path, "dev")
                .unwrap_err()
                .message
                .contains("envs.json")
        );
    }
}
