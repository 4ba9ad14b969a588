//! The repository of the fixtures is scanned and rendered, with everything that the design says of it.

use std::path::Path;
use std::sync::Arc;

use camino::Utf8Path;
use flux_scan::{Scan, ScanOptions, scan};
use skill_render::{Cluster, RenderOptions};
use source_tree::DiskTree;

use crate::{guidance, render};

fn scanned() -> Scan {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/infra-flux-nonprod-test");
    let root = Utf8Path::from_path(&root).expect("a path in UTF-8");
    let options = ScanOptions {
        generated_from: "infra-flux-nonprod-test".into(),
        ..ScanOptions::default()
    };
    scan(Arc::new(DiskTree::open(root).expect("the fixture")), &options).expect("it scans")
}

#[test]
fn nothing_of_the_design_is_lost() {
    let scan = scanned();
    let missing = guidance::missing(&scan.clusters[0].infrastructure);
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn it_keeps_what_every_rendering_promises() {
    let scan = scanned();
    let cluster = Cluster {
        name: None,
        infrastructure: &scan.clusters[0].infrastructure,
    };
    render::rendered(&[cluster], &RenderOptions::default());
}
