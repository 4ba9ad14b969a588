//! Scans a repository and lists the services of its clusters with their images.
//!
//! `cargo run -p flux-scan --example scan -- REPO`

use std::sync::Arc;

use camino::Utf8Path;
use flux_scan::{ScanOptions, scan};
use source_tree::DiskTree;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let repository = std::env::args().nth(1).ok_or("usage: scan REPO")?;
    let tree = Arc::new(DiskTree::open(Utf8Path::new(&repository))?);
    let scan = scan(tree, &ScanOptions::default())?;
    for cluster in &scan.clusters {
        print(&format!("{} ({})", cluster.name, cluster.entry));
        for (key, service) in &cluster.infrastructure.services {
            print(&format!(
                "  {key} in {}: {}",
                service.namespace,
                service.images.join(", ")
            ));
        }
        for diagnostic in &cluster.infrastructure.diagnostics {
            print(&format!(
                "  {} {}: {}",
                diagnostic.severity, diagnostic.code, diagnostic.message
            ));
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "an example prints")]
fn print(text: &str) {
    println!("{text}");
}
