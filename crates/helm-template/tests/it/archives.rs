//! Archives that unpack to too much, or that lead out of their chart.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use helm_template::{Chart, ChartLimits};
use tar::{Builder, EntryType, Header};

const CHART: &[u8] = b"apiVersion: v2\nname: web\nversion: 1.0.0\n";

fn zipped(tar: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(tar).unwrap();
    encoder.finish().unwrap()
}

/// An archive of a chart with further entries: path, type, link and contents.
fn archive(entries: &[(&str, EntryType, &str, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    let all = [("web/Chart.yaml", EntryType::Regular, "", CHART)].into_iter();
    for (path, kind, link, data) in all.chain(entries.iter().copied()) {
        let mut header = Header::new_gnu();
        // Set as bytes, since the crate refuses paths that lead out.
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_entry_type(kind);
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, data).unwrap();
    }
    zipped(&builder.into_inner().unwrap())
}

fn load(bytes: &[u8], limits: &ChartLimits) -> Result<Chart, String> {
    Chart::from_archive(bytes, "web.tgz", limits).map_err(|error| error.message)
}

fn loaded(bytes: &[u8]) -> Result<Chart, String> {
    load(bytes, &ChartLimits::default())
}

#[test]
fn sizes_and_counts_are_bounded() {
    let zeros = vec![0; 6 << 20];
    let bomb = archive(&[("web/zeros", EntryType::Regular, "", &zeros)]);
    assert!(bomb.len() < 100_000);
    assert_eq!(
        loaded(&bomb).unwrap_err(),
        "unable to load chart archive: decompressed chart file \"web/zeros\" is larger than the maximum file size 5242880"
    );

    let entries: Vec<(String, Vec<u8>)> = (0..30).map(|n| (format!("web/{n}"), vec![0; 4 << 20])).collect();
    let entries: Vec<_> = entries
        .iter()
        .map(|(path, data)| (&**path, EntryType::Regular, "", &**data))
        .collect();
    assert_eq!(
        loaded(&archive(&entries)).unwrap_err(),
        "unable to load chart archive: decompressed chart is larger than the maximum size 104857600"
    );

    let few = ChartLimits {
        files: 10,
        ..ChartLimits::default()
    };
    let empty: Vec<_> = entries
        .iter()
        .map(|(path, kind, link, _)| (*path, *kind, *link, &b""[..]))
        .collect();
    assert_eq!(
        load(&archive(&empty), &few).unwrap_err(),
        "unable to load chart archive: chart has more than 10 files"
    );
}

#[test]
fn what_subcharts_unpack_to_counts_too() {
    let data = vec![0; 4 << 20];
    let files: Vec<(String, &[u8])> = (0..12).map(|n| (format!("web/{n}"), &*data)).collect();
    let files: Vec<_> = files
        .iter()
        .map(|(path, data)| (&**path, EntryType::Regular, "", *data))
        .collect();
    let inner = archive(&files);
    let outer = archive(&[
        ("web/charts/a.tgz", EntryType::Regular, "", &inner),
        ("web/charts/b.tgz", EntryType::Regular, "", &inner),
        ("web/charts/c.tgz", EntryType::Regular, "", &inner),
    ]);
    assert!(outer.len() < 2_000_000);
    let error = loaded(&outer).unwrap_err();
    assert!(
        error.contains("decompressed chart is larger than the maximum size"),
        "{error}"
    );
}

#[test]
fn archives_in_archives_end() {
    let mut bytes = archive(&[]);
    for _ in 0..40 {
        bytes = archive(&[("web/charts/web.tgz", EntryType::Regular, "", &bytes)]);
    }
    let error = loaded(&bytes).unwrap_err();
    assert!(
        error.ends_with("charts are nested deeper than 32 levels"),
        "{error:.200}"
    );
}

#[test]
fn no_path_leads_out() {
    for (path, reason) in [
        (
            "web/../../etc/passwd",
            "chart illegally references parent directory",
        ),
        ("web//etc/passwd", "chart illegally contains absolute paths"),
        ("web\\..\\..\\x", "chart illegally references parent directory"),
        (
            "x",
            "chart illegally contains content outside the base directory: \"x\"",
        ),
    ] {
        let bytes = archive(&[(path, EntryType::Regular, "", b"x")]);
        assert_eq!(
            loaded(&bytes).unwrap_err(),
            format!("unable to load chart archive: {reason}"),
            "{path}"
        );
    }
}

#[test]
fn links_and_devices_are_empty_files() {
    let bytes = archive(&[
        ("web/link", EntryType::Symlink, "/etc/passwd", b""),
        ("web/hard", EntryType::Link, "web/Chart.yaml", b""),
        ("web/device", EntryType::Char, "", b""),
        ("web/pipe", EntryType::Fifo, "", b""),
        ("web/folder/", EntryType::Directory, "", b""),
    ]);
    let chart = loaded(&bytes).unwrap();
    let files: Vec<_> = chart
        .files
        .iter()
        .map(|file| (&*file.name, file.data.len()))
        .collect();
    assert_eq!(files, [("link", 0), ("hard", 0), ("device", 0), ("pipe", 0)]);
}

#[test]
fn broken_archives_are_refused() {
    let whole = archive(&[("web/a", EntryType::Regular, "", &[7; 5000])]);
    for length in [0, 2, 10, 20, whole.len() / 2] {
        assert!(loaded(&whole[..length]).is_err(), "{length} bytes");
    }
    assert!(loaded(&zipped(&[0; 4096])).is_err());
    assert!(loaded(&zipped(&[b'x'; 4096])).is_err());
}
