//! Aliases, tags and conditions of dependencies.

use go_template::{Kind, Map};
use masterminds_semver::{Constraints, Version};

use super::loaded_chart::LoadedChart;
use crate::RenderLimits;
use crate::chart::Dependency;
use crate::remarks::Remarks;
use crate::values::{Nulls, coalesce, table, value_at};

/// Removes disabled subcharts, and copies those that have an alias. `path` leads from the root's values to the chart's, with a
/// final dot.
pub(super) fn select(
    chart: &mut LoadedChart,
    values: &Map,
    path: &str,
    left: &mut RenderLimits,
    remarks: &mut Remarks,
) -> Result<(), String> {
    // If a chart declares no dependencies, Helm uses all its subcharts and theirs as they are.
    let Some(mut wanted) = chart.metadata.dependencies.take() else {
        return Ok(());
    };
    let loaded = std::mem::take(&mut chart.dependencies);
    let is_undeclared = |found: &&LoadedChart| !wanted.iter().any(|wanted| is_satisfied_by(wanted, found));
    let mut used: Vec<LoadedChart> = loaded.iter().filter(is_undeclared).cloned().collect();
    for dependency in &mut wanted {
        if let Some(found) = loaded.iter().find(|found| is_satisfied_by(dependency, found)) {
            charge(left, found)?;
            let mut copy = found.clone();
            if !dependency.alias.is_empty() {
                copy.metadata.name.clone_from(&dependency.alias);
            }
            used.push(copy);
        }
        if !dependency.alias.is_empty() {
            dependency.name.clone_from(&dependency.alias);
        }
        dependency.enabled = true;
    }
    chart.dependencies = used;

    let values = coalesce(chart, values, Nulls::Remove, remarks)?;
    let tags = table(&values, "tags");
    for dependency in &mut wanted {
        if let Some(tags) = &tags {
            dependency.enabled = is_enabled_by_tags(dependency, tags, remarks);
        }
        if let Some(enabled) = enabled_by_condition(dependency, &values, path, remarks) {
            dependency.enabled = enabled;
        }
    }
    let is_off = |name: &str| wanted.iter().any(|wanted| !wanted.enabled && wanted.name == name);
    chart.dependencies.retain(|found| !is_off(found.name()));
    for subchart in &mut chart.dependencies {
        let path = format!("{path}{}.", subchart.name());
        select(subchart, &values, &path, left, remarks)?;
    }
    let on = wanted.iter().filter(|wanted| !is_off(&wanted.name));
    let on: Vec<Dependency> = on.cloned().collect();
    chart.metadata.dependencies = (!on.is_empty()).then_some(on);
    Ok(())
}

/// Charges a copy of a chart.
fn charge(left: &mut RenderLimits, chart: &LoadedChart) -> Result<(), String> {
    let (charts, values) = chart.size();
    left.subcharts = (left.subcharts)
        .checked_sub(charts)
        .ok_or("the chart uses too many subcharts")?;
    left.default_values = (left.default_values)
        .checked_sub(values)
        .ok_or("the subcharts that are used have too many default values")?;
    Ok(())
}

/// Whether a loaded chart satisfies a dependency, by name and version.
fn is_satisfied_by(wanted: &Dependency, found: &LoadedChart) -> bool {
    wanted.name == found.metadata.name && is_compatible(&wanted.version, &found.metadata.version)
}

/// Whether a constraint allows a version; `false` if either does not parse.
pub(crate) fn is_compatible(constraint: &str, version: &str) -> bool {
    match (constraint.parse::<Constraints>(), version.parse::<Version>()) {
        (Ok(constraint), Ok(version)) => constraint.check(&version),
        _ => false,
    }
}

/// Enabled if any tag is true, or if none is false.
fn is_enabled_by_tags(dependency: &Dependency, tags: &Map, remarks: &mut Remarks) -> bool {
    let (mut any_true, mut any_false) = (false, false);
    for tag in &dependency.tags {
        match tags.get(tag).map(|value| value.kind) {
            None => {}
            Some(Kind::Bool(true)) => any_true = true,
            Some(Kind::Bool(false)) => any_false = true,
            Some(_) => remarks.add(|| format!("tag {tag} of chart {} is not a boolean", dependency.name)),
        }
    }
    any_true || !any_false
}

/// The first path with a boolean decides.
fn enabled_by_condition(
    dependency: &Dependency,
    values: &Map,
    path: &str,
    remarks: &mut Remarks,
) -> Option<bool> {
    for condition in dependency
        .condition
        .trim()
        .split(',')
        .filter(|path| !path.is_empty())
    {
        match value_at(values, &[path, condition].concat()).map(|value| value.kind) {
            None => {}
            Some(Kind::Bool(enabled)) => return Some(enabled),
            Some(_) => {
                remarks.add(|| {
                    format!(
                        "condition {condition} of chart {} is not a boolean",
                        dependency.name
                    )
                });
            }
        }
    }
    None
}
