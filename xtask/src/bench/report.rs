//! Runs turn into Markdown tables with ratios to the first row.

use std::fmt::{self, Write as _};

use super::measure::Runs;

/// A named command and its runs.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) runs: Runs,
}

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

    /// A table whose ratios are to the first row.
    pub(crate) fn section(&mut self, title: &str, rows: Vec<Row>) {
        let Some(first) = rows.first().map(|row| row.runs.median(|run| run.wall)) else {
            return;
        };
        let _ = write!(
            self.text,
            "\n## {title}\n\n| command | wall ms | ratio | cpu ms | memory MiB |\n| --- | ---: | ---: | ---: | ---: |\n"
        );
        for row in rows {
            let (least, most) = row.runs.spread(|run| run.wall);
            let _ = writeln!(
                self.text,
                "| {} | {:.1} ({:.1} to {:.1}) | {:.2} | {:.1} | {:.1} |",
                row.name,
                row.runs.median(|run| run.wall) * 1e3,
                least * 1e3,
                most * 1e3,
                row.runs.median(|run| run.wall) / first,
                row.runs.median(|run| run.cpu) * 1e3,
                row.runs.median(|run| run.memory),
            );
        }
    }

    /// A table of growing sizes, with the time for each item.
    #[allow(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
    pub(crate) fn curve(&mut self, title: &str, rows: Vec<Row>, sizes: &[usize]) {
        let _ = write!(
            self.text,
            "\n## {title}\n\n| size | wall ms | µs an item | memory MiB |\n| --- | ---: | ---: | ---: |\n"
        );
        for (row, size) in rows.iter().zip(sizes) {
            let wall = row.runs.median(|run| run.wall);
            let memory = row.runs.median(|run| run.memory);
            let _ = writeln!(
                self.text,
                "| {} | {:.1} | {:.1} | {memory:.1} |",
                row.name,
                wall * 1e3,
                wall * 1e6 / *size as f64
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
