//! Coalescing of values: the user's over those of charts and subcharts.
//!
//! Rules: [pkg/chart/common/util/coalesce.go](https://github.com/helm/helm/blob/v4.2.4/pkg/chart/common/util/coalesce.go).
//! Maps are shared as in Helm, so that changes by a template are visible in the same places.

use std::rc::Rc;

use go_template::fmt::sprintf;
use go_template::{Budget, Kind, Limits, Map, Value};

use super::copy::{copy_map, empty_map, shallow_copy};
use crate::dependencies::LoadedChart;
use crate::remarks::Remarks;

/// The key of global values, which all subcharts see.
const GLOBAL: &str = "global";

/// Treatment of nulls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nulls {
    /// A null removes the value of the weaker side, for the final values.
    Remove,
    /// A null stays for a later step.
    Keep,
}

/// A copy of `values` over the defaults of a chart and of its subcharts.
///
/// # Errors
/// Helm's message if the values of a subchart are not a map.
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
                values.insert(name, map_value(Rc::clone(&map)));
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

/// Puts the parent's global values over those of a subchart. If the subchart has none, it shares the parent's nested maps.
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
            (Kind::Map(map), None) => sub.insert(key, map_value(Rc::new(shallow_copy(map)))),
            (Kind::Map(map), Some(Kind::Map(weaker))) => {
                // A shallow copy, as in Helm: maps below the top are merged into the parent's own.
                let merged = shallow_copy(map);
                coalesce_tables(
                    &merged,
                    &weaker,
                    &join(prefix, &key.to_str()),
                    Nulls::Keep,
                    remarks,
                );
                sub.insert(key, map_value(Rc::new(merged)));
            }
            (Kind::Map(_), Some(_)) => {
                remarks.add(|| format!("Conflict: cannot merge map onto non-map for {key:?}. Skipping."))
            }
            (_, Some(Kind::Map(_))) => remarks.add(|| format!("key {key} is table. Skipping")),
            _ => sub.insert(key, value),
        }
    }
    sub_values.insert(GLOBAL, map_value(sub));
}

/// Puts values over a chart's own defaults.
fn coalesce_defaults(chart: &LoadedChart, values: &Map, prefix: &str, nulls: Nulls, remarks: &mut Remarks) {
    let prefix = join(prefix, chart.name());
    for (key, default) in copy_map(&chart.values).snapshot() {
        match values.get(&key).map(|value| value.kind) {
            Some(Kind::Nil) if nulls == Nulls::Remove => values.remove(&key),
            Some(Kind::Map(map)) => match &default.kind {
                Kind::Map(default) => {
                    // The step of the subchart needs the nulls, to remove its defaults.
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
    // A null stays if the weaker side has no value or a null for its key.
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

/// Removes the nulls from a map and from the maps in it.
fn remove_nulls(map: &Map) {
    for (key, value) in map.snapshot() {
        match &value.kind {
            Kind::Nil => map.remove(&key),
            Kind::Map(map) => remove_nulls(map),
            _ => {}
        }
    }
}

fn map_value(map: Rc<Map>) -> Value {
    Value::new(Kind::Map(map))
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}.{name}")
    }
}
