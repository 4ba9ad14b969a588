//! Markdown tables with ratios to the first row.

use std::fmt::{self, Write as _};

use super::measure::Row;

/// The text of `docs/performance.md`.
pub(crate) struct Report {
    text: String,
}

impl Report {
    pub(crate) fn new(runs: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Report {
            text: format!(
                "# Performance\n\nWritten by `cargo xtask bench` on a machine of {cores} cores: whole processes, release build, {runs} runs after one \
                 that does not count. Times are medians with smallest and largest; memory is the peak of the largest process. \
                 Ratios come from one run on the same inputs; absolute times are the machine's.\n"
            ),
        }
    }

    /// Adds a table with ratios to the first row.
    pub(crate) fn section(&mut self, title: &str, rows: Vec<Row>) {
        let Some(first) = rows.first().map(|row| row.runs.clone()) else {
            return;
        };
        let _ = write!(
            self.text,
            "\n## {title}\n\n| command | wall ms | ratio | cpu ms | memory MiB |\n| --- | ---: | ---: | ---: | ---: |\n"
        );
        for row in rows {
            let wall = row.runs.spread(|run| run.wall * 1e3);
            let ratio = row.runs.ratio(&first, |run| run.wall);
            let _ = writeln!(
                self.text,
                "| {} | {:.1} ({:.1} to {:.1}) | {:.2} ({:.2} to {:.2}) | {:.1} | {:.1} |",
                row.name,
                wall.median,
                wall.least,
                wall.most,
                ratio.median,
                ratio.least,
                ratio.most,
                row.runs.spread(|run| run.cpu * 1e3).median,
                row.runs.spread(|run| run.memory).median,
            );
        }
    }

    /// Adds a table of growing sizes, with the time per item and its ratio to that at the size `base`.
    #[allow(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
    pub(crate) fn curve(&mut self, title: &str, rows: &[Row], sizes: &[usize], base: usize) {
        let _ = write!(
            self.text,
            "\n## {title}\n\n| size | wall ms | µs an item | ratio to {base} | memory MiB |\n| --- | ---: | ---: | ---: | ---: |\n"
        );
        let an_item = |row: &Row, size: usize| row.runs.spread(|run| run.wall).median * 1e6 / size as f64;
        let base = rows
            .iter()
            .zip(sizes)
            .find(|(_, size)| **size == base)
            .map_or(f64::NAN, |(row, size)| an_item(row, *size));
        for (row, size) in rows.iter().zip(sizes) {
            let wall = row.runs.spread(|run| run.wall * 1e3);
            let _ = writeln!(
                self.text,
                "| {size} | {:.1} ({:.1} to {:.1}) | {:.1} | {:.2} | {:.1} |",
                wall.median,
                wall.least,
                wall.most,
                an_item(row, *size),
                an_item(row, *size) / base,
                row.runs.spread(|run| run.memory).median,
            );
        }
    }

    /// Says which programs are not installed.
    pub(crate) fn absent(&mut self, programs: &[(&str, bool)]) {
        let absent: Vec<&str> = programs
            .iter()
            .filter(|(_, installed)| !installed)
            .map(|(name, _)| *name)
            .collect();
        if !absent.is_empty() {
            let _ = write!(
                self.text,
                "\nNot installed, and so not measured: {}.\n",
                absent.join(", ")
            );
        }
    }

    /// Says that a measurement could not be made.
    pub(crate) fn skipped(&mut self, title: &str, reason: &str) {
        let _ = write!(self.text, "\n## {title}\n\nNot measured: {reason}.\n");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
