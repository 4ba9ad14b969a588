//! A Flux repository turns into the models of its clusters. Callers import this crate.
//!
//! [`flux_evaluate`] turns a cluster entry into the objects that Flux applies, and [`infra_link`] turns these into the model;
//! [`scan`] runs both for every entry, and reads the curated knowledge.

mod commands;
mod knowledge;
mod other_parts;
mod outcome;
mod remote;
mod scan;
mod templates;
mod terraform;
mod texts;
mod verdict;

pub use flux_evaluate::{
    Applied, ArtifactTree, Capabilities, ChartContent, ChartMode, ChartRequest, ClusterArg, Detail, Entry,
    EntryKind, Evaluated, EvaluatedRelease, Evaluation, GivenChart, GivenCharts, GivenSources, HandedOver,
    KeptRenderings, KubeVersion, KustomizationId, LazyChart, Missing, ReleaseChart, Remains, RenderingKey,
    ScanError, ScanOptions, SourceContent, SourceContents, SourceRequest, TemplatedManifests, VariableSource,
    VariableTable, VariableUse, Vars, chart_limits, discover, entries, envsubst, evaluate, render,
    render_limits, steps, with_jobs,
};
pub use infra_link::{
    AskedFields, ConfigText, Coverage, Mention, StatedLine, config_text, explain, explain_values,
    first_stated, link, mentions, stated_secrets,
};
pub use knowledge::{KNOWLEDGE_FILE, read_knowledge};
pub use outcome::{Became, Outcome};
pub use scan::{Scan, ScannedCluster, scan, scan_entries};
pub use verdict::{Verdict, VerdictState, verdicts};
