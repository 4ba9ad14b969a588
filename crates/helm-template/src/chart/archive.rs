//! Loading of charts from archives.
//!
//! Rules: [pkg/chart/loader/archive](https://github.com/helm/helm/blob/v4.2.4/pkg/chart/loader/archive/archive.go).
//! Links in an archive are not followed; they count as empty files.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use super::chart_file::ChartFile;
use super::files;
use super::limits::ChartLimits;
use super::packed::Chart;

/// Allowance for bytes of the unpacked archive outside of file contents: headers and padding.
const OVERHEAD_BYTES: u64 = 64 << 20;

pub(super) fn load(bytes: &[u8], name: &str, limits: &ChartLimits) -> Result<Chart, String> {
    if !bytes.starts_with(b"\x1f\x8b\x08") {
        if name.ends_with(".yml") || name.ends_with(".yaml") {
            return Err(format!(
                "file '{name}' seems to be a YAML file, but expected a gzipped archive"
            ));
        }
        return Err(format!(
            "file '{name}' does not appear to be a gzipped archive; got '{}'",
            content_type(bytes)
        ));
    }
    let unpacked = unpack(bytes, limits).map_err(|error| match error {
        Unpack::Gzip => {
            format!("file '{name}' does not appear to be a valid chart file (details: gzip: invalid header)")
        }
        // Helm omits the reason, which is useful.
        Unpack::Other(reason) => {
            format!("unable to load chart archive: {reason}")
        }
    })?;
    let chart_file = unpacked.iter().find(|file| &*file.name == "Chart.yaml");
    let chart_file = chart_file.ok_or("unable to detect chart version, no Chart.yaml found")?;
    files::check_api_version(&chart_file.data)?;
    files::assemble(unpacked, limits)
}

/// The files of an archive in the `charts` folder of another chart.
pub(super) fn unpack_subchart(bytes: &[u8], limits: &ChartLimits) -> Result<Vec<ChartFile>, String> {
    unpack(bytes, limits).map_err(|error| match error {
        Unpack::Gzip => "gzip: invalid header".to_owned(),
        Unpack::Other(reason) => reason,
    })
}

/// Why an archive cannot be unpacked.
enum Unpack {
    /// It is not gzip.
    Gzip,
    Other(String),
}

fn unpack(bytes: &[u8], limits: &ChartLimits) -> Result<Vec<ChartFile>, Unpack> {
    if !bytes.starts_with(b"\x1f\x8b\x08") {
        return Err(if bytes.is_empty() {
            Unpack::Other("EOF".into())
        } else {
            Unpack::Gzip
        });
    }
    let bound = limits.bytes.saturating_add(OVERHEAD_BYTES);
    let mut archive = tar::Archive::new(MultiGzDecoder::new(bytes).take(bound));
    let mut files = Vec::new();
    let mut left = limits.bytes;
    for entry in archive.entries().map_err(|e| broken(&e))? {
        let mut entry = entry.map_err(|e| broken(&e))?;
        let header = entry.header();
        let kind = header.entry_type();
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if kind.is_dir() || path.ends_with('/') || kind.is_pax_global_extensions() {
            continue;
        }
        let name = inner_name(&path).map_err(Unpack::Other)?;
        let size = entry.size();
        if size > left {
            return Err(Unpack::Other(limits.too_large()));
        }
        if size > limits.file_bytes {
            return Err(Unpack::Other(format!(
                "decompressed chart file {path:?} is larger than the maximum file size {}",
                limits.file_bytes
            )));
        }
        if files.len() >= limits.files {
            return Err(Unpack::Other(limits.too_many()));
        }
        let mut data = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        (&mut entry)
            .take(left)
            .read_to_end(&mut data)
            .map_err(|e| broken(&e))?;
        left = left.saturating_sub(data.len() as u64);
        if (data.len() as u64) < size {
            return Err(Unpack::Other("unexpected EOF".into()));
        }
        files.push(ChartFile::new(name, data));
    }
    if files.is_empty() {
        return Err(Unpack::Other("no files in chart archive".into()));
    }
    Ok(files)
}

fn broken(error: &io::Error) -> Unpack {
    Unpack::Other(match error.kind() {
        io::ErrorKind::UnexpectedEof => "unexpected EOF".into(),
        _ => error.to_string(),
    })
}

/// A path without its first folder, cleaned. It must stay within the chart.
fn inner_name(path: &str) -> Result<String, String> {
    // Archives from Windows have backslashes.
    let delimiter = if path.contains('\\') { '\\' } else { '/' };
    let (first, rest) = path.split_once(delimiter).unwrap_or((path, ""));
    let rest = rest.replace(delimiter, "/");
    if rest.starts_with('/') {
        return Err("chart illegally contains absolute paths".into());
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let name = parts.join("/");
    if name.is_empty() {
        return Err(format!(
            "chart illegally contains content outside the base directory: {path:?}"
        ));
    }
    if name.starts_with("..") {
        return Err("chart illegally references parent directory".into());
    }
    if matches!(name.as_bytes(), [drive, b':', b'/', ..] if drive.is_ascii_alphabetic()) {
        return Err("chart contains illegally named files".into());
    }
    if first == "Chart.yaml" {
        return Err("chart yaml not in base directory".into());
    }
    Ok(name)
}

/// The content type that Go detects, as far as it matters in the message.
fn content_type(bytes: &[u8]) -> &'static str {
    let head = bytes.get(..512).unwrap_or(bytes);
    let is_binary = |byte: &u8| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
    if head.starts_with(b"PK\x03\x04") {
        "application/zip"
    } else if head.iter().any(is_binary) {
        "application/octet-stream"
    } else {
        "text/plain; charset=utf-8"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_first_folder_and_never_leave_the_chart() {
        assert_eq!(
            inner_name("c/templates/./a.yaml").as_deref(),
            Ok("templates/a.yaml")
        );
        assert_eq!(
            inner_name("c\\templates\\a.yaml").as_deref(),
            Ok("templates/a.yaml")
        );
        for (path, reason) in [
            ("c//etc/passwd", "chart illegally contains absolute paths"),
            ("c/../../x", "chart illegally references parent directory"),
            ("c/..x", "chart illegally references parent directory"),
            (
                "x",
                "chart illegally contains content outside the base directory: \"x\"",
            ),
            ("c\\d:/x", "chart contains illegally named files"),
            ("Chart.yaml/x", "chart yaml not in base directory"),
        ] {
            assert_eq!(inner_name(path).unwrap_err(), reason, "{path}");
        }
    }
}
