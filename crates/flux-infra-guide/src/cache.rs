//! The user's cache folder.

use camino::Utf8PathBuf;

/// The variable that names another folder.
const VARIABLE: &str = "FLUX_INFRA_GUIDE_CACHE_DIR";

/// `$FLUX_INFRA_GUIDE_CACHE_DIR`, else `flux-infra-guide` in `$XDG_CACHE_HOME`, else in `~/.cache`. `None` if no variable
/// has an absolute path.
pub(crate) fn folder() -> Option<Utf8PathBuf> {
    let variable = |name: &str| {
        let path = Utf8PathBuf::from(std::env::var(name).ok()?);
        path.is_absolute().then_some(path)
    };
    variable(VARIABLE)
        .or_else(|| Some(variable("XDG_CACHE_HOME")?.join("flux-infra-guide")))
        .or_else(|| Some(variable("HOME")?.join(".cache/flux-infra-guide")))
        .or_else(|| Some(variable("LOCALAPPDATA")?.join("flux-infra-guide")))
}
