//! Options for the state of the cluster: from kubectl, or from a recorded file.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use cluster_status::{Cluster, Group, Kubectl, Object, Recorded, Snapshot, write_record};
use infra_query::{Facts, Subject};
use plain_text::Command;

use crate::answer_source::Source;
use crate::clock;
use crate::exit::Failure;
use crate::output;
use crate::report;
use crate::rwenv::Rwenv;
use crate::terminal::Terminal;

/// Where the state of the cluster comes from. Nothing is ever written to a cluster.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Where the cluster's state comes from")]
pub(crate) struct LiveArgs {
    /// A recorded cluster in place of kubectl: a file with what `kubectl get … -o json` prints, or a folder of such files.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["context", "kubeconfig", "namespace", "timeout"])]
    from_file: Option<Utf8PathBuf>,
    /// The context for kubectl.
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// The kubeconfig for kubectl.
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<Utf8PathBuf>,
    /// Look at this namespace alone; repeatable.
    #[arg(short, long, value_name = "NAMESPACE")]
    namespace: Vec<String>,
    /// How many seconds one call of kubectl may take. Default: 30.
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
}

impl LiveArgs {
    /// Whether any of these options is given.
    pub(crate) fn is_given(&self) -> bool {
        let LiveArgs {
            from_file,
            context,
            kubeconfig,
            namespace,
            timeout,
        } = self;
        from_file.is_some()
            || context.is_some()
            || kubeconfig.is_some()
            || !namespace.is_empty()
            || timeout.is_some()
    }

    /// Reads groups of kinds, and writes them to the file `record`. Also returns the time from which ages count: now, or the
    /// time of the record.
    ///
    /// Prints a warning for everything that cannot be read.
    ///
    /// # Errors
    /// [`Failure`] if nothing could be read, or the record cannot be written.
    pub(crate) fn read(
        &self,
        source: &Source<'_>,
        rwenv: Option<&Rwenv>,
        groups: &[Group],
        record: Option<&Utf8Path>,
        terminal: &Terminal,
    ) -> Result<(Snapshot, SystemTime), Failure> {
        let mut cluster: Box<dyn Cluster> = match &self.from_file {
            Some(file) => Box::new(Recorded::new(file.clone())),
            None => Box::new(self.kubectl(source, rwenv)),
        };
        let mut kept: Vec<Object> = Vec::new();
        let snapshot = Snapshot::read(cluster.as_mut(), groups, &mut |object| {
            if record.is_some() {
                kept.push(object.clone());
            }
        });
        if let (true, Some(first)) = (snapshot.is_empty(), snapshot.remarks.first()) {
            let failure = Failure::input(&first.message);
            return Err(match &first.hint {
                Some(hint) => failure.hint(hint),
                None => failure,
            });
        }
        for remark in &snapshot.remarks {
            let hint = remark.hint.as_deref();
            let hint = hint.unwrap_or("its part of the answer is missing");
            report::warning(terminal, &remark.message, hint);
        }
        if let Some(file) = record {
            output::replace(file, |file| {
                let mut out = io::BufWriter::new(file);
                write_record(&kept, snapshot.coverage(), &mut out)?;
                out.flush()
            })?;
        }
        let now = match (&self.from_file, snapshot.newest_time()) {
            (Some(_), Some(newest)) if std::env::var_os("SOURCE_DATE_EPOCH").is_none() => newest,
            _ => clock::time()?,
        };
        Ok((snapshot, now))
    }

    /// The context of the option or of the rwenv.
    pub(crate) fn context<'a>(&'a self, rwenv: Option<&'a Rwenv>) -> Option<&'a str> {
        let of_rwenv = rwenv.and_then(|rwenv| rwenv.context.as_deref());
        self.context.as_deref().or(of_rwenv)
    }

    /// Adds the context to commands for kubectl and flux, which would otherwise ask the cluster of the current context.
    pub(crate) fn in_context(&self, commands: &mut Vec<String>, rwenv: Option<&Rwenv>) {
        let context = self.context(rwenv).map(str::to_owned);
        let kubeconfig = self.kubeconfig(rwenv).map(Utf8PathBuf::into_string);
        let options = [("--context", context), ("--kubeconfig", kubeconfig)];
        let words: Option<Vec<String>> = options
            .into_iter()
            .filter_map(|(option, value)| Some(Command::new(option).text(&value?).finish()))
            .collect();
        match words {
            Some(words) => commands
                .iter_mut()
                .for_each(|command| words.iter().for_each(|word| *command += &format!(" {word}"))),
            // Without a context that cannot be written safely, they would ask another cluster.
            None => commands.clear(),
        }
    }

    fn kubeconfig(&self, rwenv: Option<&Rwenv>) -> Option<Utf8PathBuf> {
        let of_rwenv = || rwenv.and_then(|rwenv| rwenv.kubeconfig.clone());
        self.kubeconfig.clone().or_else(of_rwenv)
    }

    /// Adds the given options to a command.
    pub(crate) fn repeat(&self, mut command: Command) -> Command {
        let options = [
            ("--from-file", self.from_file.as_ref().map(|file| file.as_str())),
            ("--context", self.context.as_deref()),
            ("--kubeconfig", self.kubeconfig.as_ref().map(|file| file.as_str())),
        ];
        let namespaces = self.namespace.iter();
        let namespaces = namespaces.map(|namespace| ("--namespace", Some(namespace.as_str())));
        for (option, value) in options.into_iter().chain(namespaces) {
            if let Some(value) = value {
                command = command.literal(option).text(value);
            }
        }
        command
    }

    fn kubectl(&self, source: &Source<'_>, rwenv: Option<&Rwenv>) -> Kubectl {
        let mut kubectl = Kubectl {
            context: self.context(rwenv).map(str::to_owned),
            kubeconfig: self.kubeconfig(rwenv),
            namespaces: self.namespace.clone(),
            known_namespaces: source.all_facts().flat_map(namespaces).collect(),
            ..Kubectl::default()
        };
        if let Some(seconds) = self.timeout {
            kubectl.timeout = Duration::from_secs(seconds.max(1));
        }
        kubectl
    }
}

/// The namespaces of all objects of the repository.
fn namespaces(facts: &dyn Facts) -> BTreeSet<String> {
    let all = Subject::all(facts).into_iter();
    all.map(|subject| subject.namespace())
        .filter(|namespace| !namespace.is_empty())
        .map(str::to_owned)
        .collect()
}
