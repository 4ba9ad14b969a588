//! The values that a chart and its subcharts see.
//!
//! Rules: [pkg/chart/common/util/coalesce.go](https://github.com/helm/helm/blob/v4.2.4/pkg/chart/common/util/coalesce.go).
//! Maps are shared as they are in Helm: what a template changes in one, all see who hold it.

use std::rc::Rc;

use go_template::fmt::sprintf;
use go_template::{Budget, Kind, Limits, Map, Value};

use super::copy::{copy_map, empty_map, shallow_copy};
use crate::dependencies::LoadedChart;
use crate::remarks::Remarks;

/// The key of the values that all subcharts see.
const GLOBAL: &str = "global";

/// What to do with nulls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nulls {
    /// A null takes away what a weaker side has under its key. The last word on values.
    Remove,
    /// A null stays, for a later step to act on.
    Keep,
}

/// A chart's values over its defaults, and over those of its subcharts. `values` is left as it is.
///
/// # Errors
/// Helm's words where a subchart's key holds no map.
pub(crate) fn coalesce(
    chart: &LoadedChart,
    values: &Map,
    nulls: Nulls,
    remarks: &mut Remarks,
) -> Result<Rc<Map>, String> {
    let values = Rc::new(copy_map(values));
    coalesce_chart(chart, &values, "", nulls, remarks)?;
    Ok(values)
}

fn coalesce_chart(
    chart: &LoadedChart,
    values: &Rc<Map>,
    prefix: &str,
    nulls: Nulls,
    remarks: &mut Remarks,
) -> Result<(), String> {
    coalesce_defaults(chart, values, prefix, nulls, remarks);
    for subchart in &chart.dependencies {
        let name = subchart.name();
        let sub_values = match values.get(name) {
            None => {
                let map = Rc::new(empty_map());
                values.insert(name, of_map(Rc::clone(&map)));
                map
            }
            Some(Value {
                kind: Kind::Map(map), ..
            }) => map,
            Some(other) => {
                let shown = sprintf(b"%t", &[other], &Budget::new(Limits::default()));
                let shown = shown.map(|shown| shown.to_string()).unwrap_or_default();
                return Err(format!("type mismatch on {name}: {shown}"));
            }
        };
        let prefix = join(prefix, chart.name());
        coalesce_globals(&sub_values, values, &prefix, remarks);
        coalesce_chart(subchart, &sub_values, &prefix, nulls, remarks)?;
    }
    Ok(())
}

/// Puts the parent's globals over those of a subchart. They stay one where a subchart has none of its own.
fn coalesce_globals(sub_values: &Map, values: &Map, prefix: &str, remarks: &mut Remarks) {
    let globals = |values: &Map, side: &str, remarks: &mut Remarks| match values.get(GLOBAL) {
        None => Some(Rc::new(empty_map())),
        Some(Value {
            kind: Kind::Map(map), ..
        }) => Some(map),
        Some(_) => {
            remarks.add(|| format!("warning: skipping globals because {side} {GLOBAL} is not a table."));
            None
        }
    };
    let Some(sub) = globals(sub_values, "destination", remarks) else {
        return;
    };
    let Some(own) = globals(values, "source", remarks) else {
        return;
    };
    for (key, value) in own.snapshot() {
        let present = sub.get(&key).map(|present| present.kind);
        match (&value.kind, present) {
            (Kind::Map(map), None) => sub.insert(key, of_map(Rc::new(shallow_copy(map)))),
            (Kind::Map(map), Some(Kind::Map(weaker))) => {
                // Only the top of the copy is one: what lies below is merged into the parent's own, as in Helm.
                let merged = shallow_copy(map);
                coalesce_tables(
                    &merged,
                    &weaker,
                    &join(prefix, &key.to_str()),
                    Nulls::Keep,
                    remarks,
                );
                sub.insert(key, of_map(Rc::new(merged)));
            }
            (Kind::Map(_), Some(_)) => {
                remarks.add(|| format!("Conflict: cannot merge map onto non-map for {key:?}. Skipping."))
            }
            (_, Some(Kind::Map(_))) => remarks.add(|| format!("key {key} is table. Skipping")),
            _ => sub.insert(key, value),
        }
    }
    sub_values.insert(GLOBAL, of_map(sub));
}

/// Puts values over a chart's own defaults.
fn coalesce_defaults(chart: &LoadedChart, values: &Map, prefix: &str, nulls: Nulls, remarks: &mut Remarks) {
    let prefix = join(prefix, chart.name());
    for (key, default) in copy_map(&chart.values).snapshot() {
        match values.get(&key).map(|value| value.kind) {
            Some(Kind::Nil) if nulls == Nulls::Remove => values.remove(&key),
            Some(Kind::Map(map)) => match &default.kind {
                Kind::Map(default) => {
                    // The subchart's own step shall see which of its defaults the nulls are for.
                    let is_subchart = chart.dependencies.iter().any(|subchart| key == subchart.name());
                    let nulls = if is_subchart { Nulls::Keep } else { nulls };
                    if nulls == Nulls::Remove {
                        remove_nulls(default);
                    }
                    coalesce_tables(&map, default, &join(&prefix, &key.to_str()), nulls, remarks);
                }
                Kind::Nil => {}
                _ => remarks.add(|| format!("warning: skipped value for {prefix}.{key}: Not a table.")),
            },
            Some(_) => {}
            None => {
                if nulls == Nulls::Remove {
                    match &default.kind {
                        Kind::Nil => continue,
                        Kind::Map(default) => remove_nulls(default),
                        _ => {}
                    }
                }
                values.insert(key, default);
            }
        }
    }
}

/// Merges `weaker` into `values`, in place.
pub(crate) fn coalesce_tables(values: &Map, weaker: &Map, prefix: &str, nulls: Nulls, remarks: &mut Remarks) {
    // A null for a key that the weaker side does not have, or has as null, stays.
    for (key, value) in weaker.snapshot() {
        match (values.get(&key).map(|present| present.kind), &value.kind) {
            (None, _) => values.insert(key, value),
            (Some(Kind::Nil), Kind::Nil) => {}
            (Some(Kind::Nil), _) => {
                if nulls == Nulls::Remove {
                    values.remove(&key);
                }
            }
            (Some(Kind::Map(map)), Kind::Map(weaker)) => {
                coalesce_tables(&map, weaker, &join(prefix, &key.to_str()), nulls, remarks);
            }
            (Some(_), Kind::Map(_)) => remarks.add(|| {
                let path = join(prefix, &key.to_str());
                format!("warning: cannot overwrite table with non table for {path}")
            }),
            (Some(_), _) => {}
        }
    }
}

/// Takes the nulls out of a map and of the maps in it.
fn remove_nulls(map: &Map) {
    for (key, value) in map.snapshot() {
        match &value.kind {
            Kind::Nil => map.remove(&key),
            Kind::Map(map) => remove_nulls(map),
            _ => {}
        }
    }
}

fn of_map(map: Rc<Map>) -> Value {
    Value::new(Kind::Map(map))
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}.{name}")
    }
}
