//! Archives, and a small chart.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// A tar archive in gzip.
pub(crate) fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, text.as_bytes()).unwrap();
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&builder.into_inner().unwrap()).unwrap();
    gzip.finish().unwrap()
}

/// A chart that makes a Deployment and has no values.
pub(crate) fn chart(name: &str, version: &str) -> Vec<u8> {
    let chart = format!("apiVersion: v2\nname: {name}\nversion: {version}\n");
    let deployment = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  template:\n    spec:\n      \
         containers:\n      - name: main\n        image: example.org/{name}:{{{{ .Chart.Version }}}}\n"
    );
    archive(&[
        (&format!("{name}/Chart.yaml"), &chart),
        (&format!("{name}/templates/deployment.yaml"), &deployment),
    ])
}
