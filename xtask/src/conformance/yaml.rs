//! Cases of plain scalars, with the tag that go-yaml v3 gives them.

use anyhow::{Context, Result};

use super::table::{Table, Wanted};

/// Runs a table of `tag TAB scalar as JSON string`.
pub(crate) fn run(text: &str, table: &mut Table<'_>) -> Result<()> {
    for line in text.lines().filter(|line| !line.is_empty()) {
        let (tag, scalar) = line.split_once('\t').context("expected a tab")?;
        if table.wants(tag, scalar) {
            let scalar: String = serde_json::from_str(scalar)?;
            let actual = yaml_node::resolve(&scalar, yaml_node::Dialect::V3);
            let note = (actual.name() != tag).then(|| format!("{} instead of {tag}", actual.name()));
            table.record(tag, &scalar, Wanted::Success, note);
        }
    }
    Ok(())
}
