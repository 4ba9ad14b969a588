//! The folder of the user where results are kept that can be made again.

use camino::Utf8PathBuf;

/// Names the folder in place of the convention.
const VARIABLE: &str = "FLUX_INFRA_GUIDE_CACHE_DIR";

/// `$FLUX_INFRA_GUIDE_CACHE_DIR`, else `flux-infra-guide` in `$XDG_CACHE_HOME`, else in `~/.cache`. `None` where nothing
/// names an absolute folder.
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
