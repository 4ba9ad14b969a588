//! Options of fetching.

use std::time::Duration;

use camino::Utf8PathBuf;

/// Options of fetching. The environment is not read here: that is the caller's task.
#[derive(Clone, Debug)]
pub struct FetchOptions {
    /// Most sources that are fetched at a time.
    pub jobs: usize,
    /// Most requests at a time to one host.
    pub per_host: usize,
    /// How long a server may be silent.
    pub timeout: Duration,
    /// How often a request is retried that failed for a temporary reason.
    pub retries: u32,
    /// Wait before the first retry; each further one waits twice as long.
    pub backoff: Duration,
    /// Only https and ssh, and no addresses of private networks: for repositories of strangers.
    pub restrict_egress: bool,
    /// Files with the user's logins.
    pub user_files: UserFiles,
    /// Bounds of fetched content.
    pub limits: FetchLimits,
}

/// Files of the user with credentials. A missing file is ignored.
#[derive(Clone, Debug, Default)]
pub struct UserFiles {
    /// `config.json` of Docker and of Helm's registries, the first one first.
    pub registry_configs: Vec<Utf8PathBuf>,
    /// `.netrc`
    pub netrc: Option<Utf8PathBuf>,
}

/// Bounds of fetched content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchLimits {
    /// Largest index of a Helm repository, in bytes; the same as source-controller's.
    pub index_bytes: u64,
    /// Largest packed chart, in bytes; source-controller's is 10 MiB.
    pub chart_bytes: u64,
    /// Largest layer of an artifact, in bytes.
    pub layer_bytes: u64,
    /// Most bytes of all files of a Git repository.
    pub tree_bytes: u64,
    /// Most files of a Git repository.
    pub tree_files: usize,
    /// Largest manifest of a registry and largest list of tags or objects, in bytes.
    pub answer_bytes: u64,
    /// Most tags of an artifact.
    pub tags: usize,
}

impl Default for FetchLimits {
    fn default() -> Self {
        FetchLimits {
            index_bytes: 50 << 20,
            chart_bytes: 50 << 20,
            layer_bytes: 256 << 20,
            tree_bytes: 1 << 30,
            tree_files: 100_000,
            answer_bytes: 4 << 20,
            tags: 100_000,
        }
    }
}

impl Default for FetchOptions {
    fn default() -> Self {
        FetchOptions {
            jobs: 8,
            per_host: 6,
            timeout: Duration::from_secs(30),
            retries: 3,
            backoff: Duration::from_millis(500),
            restrict_egress: false,
            user_files: UserFiles::default(),
            limits: FetchLimits::default(),
        }
    }
}
