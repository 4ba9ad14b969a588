//! Scans a repository and writes its skill: `render_repository REPOSITORY FOLDER`.

use std::error::Error;
use std::fs;
use std::sync::Arc;

use camino::Utf8Path;
use flux_scan::{ScanOptions, scan};
use skill_render::{Cluster, RenderOptions, render};
use source_tree::DiskTree;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [repository, folder] = arguments.as_slice() else {
        return Err("usage: render_repository REPOSITORY FOLDER".into());
    };
    let options = ScanOptions {
        generated_from: Utf8Path::new(repository)
            .file_name()
            .unwrap_or("repository")
            .to_owned(),
        ..ScanOptions::default()
    };
    let scan = scan(Arc::new(DiskTree::open(Utf8Path::new(repository))?), &options)?;
    let several = scan.clusters.len() > 1;
    let clusters: Vec<_> = scan
        .clusters
        .iter()
        .map(|cluster| Cluster {
            name: several.then(|| cluster.name.clone()),
            infrastructure: &cluster.infrastructure,
        })
        .collect();
    for (path, text) in render(&clusters, &RenderOptions::default())?.files {
        let file = Utf8Path::new(folder).join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(file, text)?;
    }
    Ok(())
}
