//! Outcomes turn into lines for the developer and the table of `docs/security.md`.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};
use camino::Utf8Path;

use super::Outcome;
use super::one::Ended;

const BEGIN: &str = "<!-- hostile inputs: written by `cargo xtask hostile` -->\n";
const END: &str = "<!-- end of hostile inputs -->\n";

/// One line for the developer.
pub(super) fn line(outcome: &Outcome) -> String {
    let measured = &outcome.measured;
    let faults = match outcome.faults.as_slice() {
        [] => "ok   ".to_owned(),
        faults => format!("FAULT {}", faults.join(", ")),
    };
    format!(
        "{faults} [{:.2} s, {:.0} MiB, {} kB] {}: {}: {} {}",
        measured.seconds,
        measured.memory,
        (measured.written + measured.output) / 1024,
        outcome.family,
        outcome.name,
        outcome_text(outcome),
        measured
            .errors
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(140)
            .collect::<String>(),
    )
}

/// Writes the table between its markers.
///
/// # Errors
/// If the page cannot be read or written, or has no markers.
pub(super) fn write(page: &Utf8Path, outcomes: &[Outcome]) -> Result<()> {
    let text = fs::read_to_string(page)?;
    let (before, rest) = text
        .split_once(BEGIN)
        .context("docs/security.md has no table of hostile inputs")?;
    let (_, after) = rest
        .split_once(END)
        .context("docs/security.md has no end of its table")?;
    let mut table = format!(
        "\n{} inputs, each in a process of its own under `ulimit -v 4000000`. The time is that of the processor.\n\n\
         | kind | input | outcome | time | memory |\n| --- | --- | --- | --- | --- |\n",
        outcomes.len()
    );
    for outcome in outcomes {
        let measured = &outcome.measured;
        writeln!(
            table,
            "| {} | {} | {} | {} | {} |",
            outcome.family,
            escaped(&outcome.name),
            outcome_text(outcome),
            class(measured.seconds, &[2.0, 10.0], "s"),
            class(measured.memory, &[256.0, 1024.0], "MiB"),
        )?;
    }
    fs::write(page, format!("{before}{BEGIN}{table}\n{END}{after}"))?;
    Ok(())
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

/// The first bound that a figure is below; exact figures differ on every run and would always change the page.
fn class(figure: f64, bounds: &[f64], unit: &str) -> String {
    match bounds.iter().find(|bound| figure < **bound) {
        Some(bound) => format!("< {bound} {unit}"),
        None => format!("over {} {unit}", bounds.last().copied().unwrap_or_default()),
    }
}

fn outcome_text(outcome: &Outcome) -> String {
    let measured = &outcome.measured;
    let codes: Vec<&str> = measured.codes.iter().map(String::as_str).collect();
    match measured.ended {
        Ended::Code(0) if outcome.is_regen && codes.is_empty() => "catalogued".to_owned(),
        Ended::Code(0) if outcome.is_regen => format!("catalogued, {}", codes.join(", ")),
        Ended::Code(0) => "answered".to_owned(),
        Ended::Code(code) => format!("refused, exit code {code}"),
        Ended::Signal(signal) => format!("killed by signal {signal}"),
        Ended::Stopped => "stopped".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use source_tree::Limits;

    #[test]
    fn the_page_states_every_limit_with_its_default() {
        let page = std::fs::read_to_string(crate::workspace::root().join("docs/security.md")).unwrap();
        for name in Limits::NAMES {
            let line = format!("| `{name}` | {} |", Limits::default().get(name).unwrap());
            assert!(page.contains(&line), "{line}");
        }
    }
}
