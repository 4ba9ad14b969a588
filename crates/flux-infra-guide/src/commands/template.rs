//! `template`: prints the output of `helm template`.

use std::io::Read;
use std::mem;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use clap::ArgAction;
use flux_scan::{chart_limits, render_limits};
use helm_template::{
    Capabilities, Chart, ChartLimits, Error, KubeVersion, OutputOptions, Release, RenderOptions, Stage,
    Values, render,
};
use source_tree::{DiskTree, Limits, RepoPath};

use crate::argument_file;
use crate::exit::{Exit, Failure, printed};
use crate::scan_args::with_limits;
use crate::terminal::Terminal;

/// Print what `helm template` prints for a chart, without a cluster and without the network.
#[derive(Debug, clap::Args)]
#[command(
    mut_args(switch_of_helm),
    after_help = "Example:\n  flux-infra-guide template loki charts/loki -f values.yaml --namespace logs"
)]
pub(crate) struct Arguments {
    /// The name of the release, and the chart: a folder, or a `.tgz`. With the chart alone it is `release-name`.
    #[arg(value_names = ["RELEASE", "CHART"], required = true, num_args = 1..=2)]
    release_and_chart: Vec<String>,
    /// The namespace of the release.
    #[arg(short, long, value_name = "NAMESPACE", default_value = "default")]
    namespace: String,
    /// A values file; later ones win. `-` is standard input.
    #[arg(short = 'f', long, value_name = "FILE", value_delimiter = ',')]
    values: Vec<Utf8PathBuf>,
    /// Values, as `a.b=1,c[0]=x`.
    #[arg(long, value_name = "VALUES", allow_hyphen_values = true)]
    set: Vec<String>,
    /// Values that are strings, as `a.b=1`.
    #[arg(long, value_name = "VALUES", allow_hyphen_values = true)]
    set_string: Vec<String>,
    /// Values in JSON, as `a.b=[1,2]` or `{"a":1}`.
    #[arg(long, value_name = "VALUES", allow_hyphen_values = true)]
    set_json: Vec<String>,
    /// Values read from files, as `a.b=FILE`.
    #[arg(long, value_name = "VALUES", allow_hyphen_values = true)]
    set_file: Vec<String>,
    /// A literal string value, as `a.b={x,y}`.
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    set_literal: Vec<String>,
    /// The version of Kubernetes for the chart.
    #[arg(long, value_name = "VERSION")]
    kube_version: Option<String>,
    /// API versions for the chart beside those of Kubernetes.
    #[arg(short, long, value_name = "VERSIONS", value_delimiter = ',')]
    api_versions: Vec<String>,
    /// Print the chart's CRDs too.
    #[arg(long)]
    include_crds: bool,
    /// Leave out hooks.
    #[arg(long)]
    no_hooks: bool,
    /// Leave out tests.
    #[arg(long)]
    skip_tests: bool,
    /// Do not hold the values against the chart's schema.
    #[arg(long)]
    skip_schema_validation: bool,
    /// Tell the chart that the release is upgraded, not installed.
    #[arg(long)]
    is_upgrade: bool,
    /// Print only what these templates make.
    #[arg(short, long, value_name = "TEMPLATE")]
    show_only: Vec<String>,
    /// Another bound than the default one, such as `chart-steps=100000000`; repeatable. docs/security.md lists them.
    #[arg(long, value_name = "NAME=NUMBER")]
    limit: Vec<String>,
}

/// Lets a switch take a value, as Helm's do: `--include-crds=false`.
fn switch_of_helm(argument: clap::Arg) -> clap::Arg {
    match argument.get_action() {
        ArgAction::SetTrue => argument
            .action(ArgAction::Set)
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .default_value("false")
            .hide_default_value(true)
            .hide_possible_values(true),
        _ => argument,
    }
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let limits = with_limits(Limits::default(), &arguments.limit)?;
    match template(arguments, &limits, terminal) {
        Ok(text) => {
            printed(terminal.manifests(&text))?;
            Ok(Exit::Done)
        }
        Err(error) => {
            // Helm's message, after helm's prefix.
            let message = plain_text::printable_lines(error.message.trim_end_matches('\n'));
            terminal.err(&format!("Error: {message}\n"));
            Ok(Exit::Input)
        }
    }
}

fn template(arguments: &Arguments, limits: &Limits, terminal: &Terminal) -> Result<String, Error> {
    let (name, chart) = match arguments.release_and_chart.as_slice() {
        [chart] => ("release-name", chart),
        [name, chart, ..] => (name.as_str(), chart),
        [] => return Err(Error::new(Stage::Load, "a chart is missing")),
    };
    let namespace = match arguments.namespace.as_str() {
        "" => "default",
        namespace => namespace,
    };
    let mut release = Release::new(name, namespace);
    release.is_upgrade = arguments.is_upgrade;
    let mut options = RenderOptions::new(release);
    options.limits = render_limits(limits);
    options.skip_schema_validation = arguments.skip_schema_validation;
    options.capabilities = capabilities(arguments)?;
    let values = values(arguments)?;
    let chart = Arc::new(load(Utf8Path::new(chart), &chart_limits(limits))?);
    let rendered = render(&chart, &values, &options)?;
    if terminal.verbose > 0 {
        for remark in &rendered.remarks {
            terminal.err(&format!("{}\n", plain_text::printable_lines(&remark.to_string())));
        }
    }
    let text = rendered.to_text(&OutputOptions {
        include_crds: arguments.include_crds,
        no_hooks: arguments.no_hooks,
        skip_tests: arguments.skip_tests,
        show_only: arguments.show_only.clone(),
    });
    // The process exits next; freeing every value first would only take time.
    mem::forget((chart, values, rendered));
    text
}

fn capabilities(arguments: &Arguments) -> Result<Capabilities, Error> {
    let mut capabilities = Capabilities::default();
    let version = arguments.kube_version.as_deref().unwrap_or_default();
    if !version.is_empty() {
        capabilities.kube_version = KubeVersion::parse(version).map_err(|error| {
            let message = format!("invalid kube version '{version}': {error}");
            Error::new(Stage::Values, message)
        })?;
    }
    capabilities
        .api_versions
        .extend(arguments.api_versions.iter().cloned());
    Ok(capabilities)
}

fn values(arguments: &Arguments) -> Result<Values, Error> {
    let mut values = Values::new();
    for file in arguments.values.iter().filter(|file| !file.as_str().is_empty()) {
        let text = read(file).map_err(|error| Error::new(Stage::Values, error))?;
        values.merge_file(&text, file.as_str())?;
    }
    for text in &arguments.set_json {
        values.set_json(text)?;
    }
    for text in &arguments.set {
        values.set(text)?;
    }
    for text in &arguments.set_string {
        values.set_string(text)?;
    }
    for text in &arguments.set_file {
        let mut read =
            |path: &str| read(Utf8Path::new(path)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        values.set_file(text, &mut read)?;
    }
    for text in &arguments.set_literal {
        values.set_literal(text)?;
    }
    Ok(values)
}

fn read(path: &Utf8Path) -> Result<Vec<u8>, String> {
    if path.as_str().trim() == "-" {
        let mut text = Vec::new();
        std::io::stdin()
            .take(Limits::default().file_bytes)
            .read_to_end(&mut text)
            .map_err(|error| error.to_string())?;
        return Ok(text);
    }
    argument_file::read(path).map_err(|error| format!("open {path}: {}", reason(&error)))
}

/// An error of the system with Go's message.
fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".into(),
        std::io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ => error.to_string(),
    }
}

fn load(path: &Utf8Path, limits: &ChartLimits) -> Result<Chart, Error> {
    let fail = |message: String| Error::new(Stage::Load, message);
    if !path.exists() {
        return Err(fail(format!("path \"{path}\" not found")));
    }
    if !path.is_dir() {
        let bytes =
            argument_file::read(path).map_err(|error| fail(format!("open {path}: {}", reason(&error))))?;
        return Chart::from_archive(&bytes, path.as_str(), limits);
    }
    let name = camino::absolute_utf8(path).unwrap_or_else(|_| path.to_owned());
    let (root, folder) = around(path).unwrap_or_else(|| (path.to_owned(), RepoPath::root()));
    let tree = DiskTree::open(&root).map_err(|error| fail(error.to_string()))?;
    let chart = Chart::from_folder(&tree, &folder, name.as_str(), limits);
    mem::forget(tree);
    chart
}

/// The folder that the links of a chart may not leave, and the chart's path in it. It is the Git work tree, or else the current
/// folder if the chart is below it.
fn around(chart: &Utf8Path) -> Option<(Utf8PathBuf, RepoPath)> {
    let chart = chart.canonicalize_utf8().ok()?;
    let work_tree = chart.ancestors().find(|folder| folder.join(".git").exists());
    let root = match work_tree {
        Some(folder) => folder.to_owned(),
        None => Utf8Path::new(".").canonicalize_utf8().ok()?,
    };
    let below = chart.strip_prefix(&root).ok()?;
    let folder = RepoPath::new(below.as_str());
    Some((root, folder))
}
