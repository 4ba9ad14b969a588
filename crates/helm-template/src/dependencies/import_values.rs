//! `import-values` of dependencies.

use std::rc::Rc;

use go_template::{Kind, Map, Value};

use super::loaded_chart::LoadedChart;
use crate::chart::ImportValue;
use crate::remarks::Remarks;
use crate::values::{Nulls, coalesce, coalesce_tables, copy_map, empty_map, table};

/// Most names in a path.
const MOST_NAMES: usize = 100;

/// Imports values of subcharts into the default values of their parents, deepest first. They do not override the parent's own
/// defaults.
pub(super) fn import(chart: &mut LoadedChart, remarks: &mut Remarks) -> Result<(), String> {
    for subchart in &mut chart.dependencies {
        import(subchart, remarks)?;
    }
    let Some(dependencies) = &mut chart.metadata.dependencies else {
        return Ok(());
    };
    let mut dependencies = std::mem::take(dependencies);
    let values = coalesce(chart, &empty_map(), Nulls::Keep, remarks)?;
    let imported = Rc::new(empty_map());
    for dependency in &mut dependencies {
        let mut done = Vec::new();
        for import in &dependency.import_values {
            let (child, parent) = match import {
                ImportValue::Export(name) => (format!("exports.{name}"), ".".to_owned()),
                ImportValue::Path { child, parent } => (child.clone(), parent.clone()),
                ImportValue::Other(_) => continue,
            };
            // Walking values is recursive, so their depth is bounded.
            if parent.split('.').count() > MOST_NAMES {
                return Err(format!("an import-values path has more than {MOST_NAMES} names"));
            }
            match table(&values, &format!("{}.{child}", dependency.name)) {
                Some(found) => {
                    let found = at_path(&parent, &found);
                    coalesce_tables(&imported, &found, "", Nulls::Keep, remarks);
                }
                None => remarks.add(|| format!("chart {} has no table {child} to import", dependency.name)),
            }
            done.push(ImportValue::Path { child, parent });
        }
        dependency.import_values = done;
    }
    let values = copy_map(&values);
    coalesce_tables(&values, &imported, "", Nulls::Keep, remarks);
    chart.values = Rc::new(values);
    chart.metadata.dependencies = Some(dependencies);
    Ok(())
}

/// Nests a table below the names of a path; `.` adds none.
fn at_path(path: &str, table: &Rc<Map>) -> Rc<Map> {
    if path == "." {
        return Rc::clone(table);
    }
    path.rsplit('.').fold(Rc::clone(table), |below, name| {
        let map = empty_map();
        map.insert(name, Value::new(Kind::Map(below)));
        Rc::new(map)
    })
}
