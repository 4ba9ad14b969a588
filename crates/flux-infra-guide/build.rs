//! Link arguments for the target, and the commit that is built.
#![allow(clippy::print_stdout, reason = "this is how a build script answers")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=FLUX_INFRA_GUIDE_COMMIT={}", commit());
    let is = |variable: &str, value: &str| env::var(variable).is_ok_and(|found| found == value);
    let static_libc =
        env::var("CARGO_CFG_TARGET_FEATURE").is_ok_and(|features| features.contains("crt-static"));
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && !static_libc {
        // At a fixed address, as for Go's programs, the loader has no addresses to relocate. A `build` of one directory takes a
        // tenth less time.
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}

/// The commit that a release is built from: from the variable of that name, else from the clone's `HEAD`. Development builds
/// have none, so that a commit does not cause a rebuild.
fn commit() -> String {
    println!("cargo::rerun-if-env-changed=FLUX_INFRA_GUIDE_COMMIT");
    if let Ok(given) = env::var("FLUX_INFRA_GUIDE_COMMIT") {
        return given;
    }
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let found = is_release.then(head).flatten();
    found.map_or("commit unknown".to_owned(), |hash| {
        format!("commit {}", hash.chars().take(12).collect::<String>())
    })
}

fn head() -> Option<String> {
    let git = Path::new(&env::var_os("CARGO_MANIFEST_DIR")?).join("../../.git");
    // In a further work tree, `.git` is a file that names the folder.
    let git = match fs::read_to_string(&git) {
        Ok(text) => PathBuf::from(text.trim().strip_prefix("gitdir: ")?),
        Err(_) => git,
    };
    let common = match fs::read_to_string(git.join("commondir")) {
        Ok(text) => git.join(text.trim()),
        Err(_) => git.clone(),
    };
    let watched = |path: &Path| {
        println!("cargo::rerun-if-changed={}", path.display());
        fs::read_to_string(path).ok()
    };
    let head = watched(&git.join("HEAD"))?;
    let Some(name) = head.trim().strip_prefix("ref: ") else {
        return Some(head.trim().to_owned());
    };
    let hash = watched(&common.join(name)).map(|hash| hash.trim().to_owned());
    hash.or_else(|| {
        let packed = fs::read_to_string(common.join("packed-refs")).ok()?;
        let line = packed.lines().find(|line| line.ends_with(name))?;
        line.split(' ').next().map(str::to_owned)
    })
}
