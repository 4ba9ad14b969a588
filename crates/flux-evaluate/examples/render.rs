//! Prints what Flux would apply: one JSON object a line per Kustomization.
//!
//! `cargo run -p flux-evaluate --example render -- REPO [ENTRY]`

use std::sync::Arc;

use camino::Utf8Path;
use flux_evaluate::{ClusterArg, ScanOptions, entries, evaluate, render};
use source_tree::{DiskTree, RepoPath, SourceTree};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let repository = arguments.next().ok_or("usage: render REPO [ENTRY]")?;
    let clusters = arguments.map(|path| ClusterArg {
        name: None,
        joined: Vec::new(),
        path: RepoPath::new(&path),
    });
    let options = ScanOptions {
        clusters: clusters.collect(),
        ..ScanOptions::default()
    };
    let tree: Arc<dyn SourceTree> = Arc::new(DiskTree::open(Utf8Path::new(&repository))?);
    for entry in entries(&tree, &options)? {
        let evaluation = evaluate(&tree, &entry, &options)?;
        render::jsonl(&evaluation, None).for_each(|line| print(&line));
        for diagnostic in &evaluation.diagnostics {
            let place = diagnostic
                .place
                .as_ref()
                .map_or(String::new(), ToString::to_string);
            complain(&format!(
                "{} {} {place}: {}",
                diagnostic.severity, diagnostic.code, diagnostic.message
            ));
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "an example prints")]
fn print(text: &str) {
    print!("{text}");
}

#[expect(clippy::print_stderr, reason = "an example prints")]
fn complain(text: &str) {
    eprintln!("{text}");
}
