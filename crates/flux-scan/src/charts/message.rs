//! Messages of Helm without the values that they quote.

use std::sync::LazyLock;

use regex::Regex;

/// A template's place, such as `web/templates/deployment.yaml:12:5`.
static PLACE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*/templates/[A-Za-z0-9_./-]+(?::\d+){0,2}").ok()
});
/// The charts that `Chart.yaml` names and the `charts` folder lacks.
static MISSING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"missing in charts/ directory: ([A-Za-z0-9_.-]+(?:, [A-Za-z0-9_.-]+)*)").ok()
});

/// The part of Helm's message that is known to quote no value.
pub(super) fn without_values(message: &str) -> String {
    if let Some(names) = MISSING
        .as_ref()
        .and_then(|missing| missing.captures(message)?.get(1))
    {
        return format!(
            "the charts it depends on are not in its charts folder: {}",
            names.as_str()
        );
    }
    if message.contains("don't meet the specifications of the schema") {
        return "its values do not meet the chart's schema".to_owned();
    }
    if message.contains("timed out") {
        return "helm did not come to an end".to_owned();
    }
    match PLACE.as_ref().and_then(|place| place.find(message)) {
        Some(place) => format!("helm fails at {}", place.as_str()),
        None => "helm fails".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_place_and_names_of_charts_are_quoted() {
        for (message, expected) in [
            (
                "Error: execution error at (web/templates/web.yaml:3:4): password hush is weak",
                "helm fails at web/templates/web.yaml:3:4",
            ),
            (
                "Error: An error occurred while checking for chart dependencies. You may need to run `helm dependency \
                 build` to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: redis, common",
                "the charts it depends on are not in its charts folder: redis, common",
            ),
            (
                "Error: values don't meet the specifications of the schema(s) in the following chart(s):\nweb:\n- hush",
                "its values do not meet the chart's schema",
            ),
            ("Error: hush", "helm fails"),
        ] {
            assert_eq!(without_values(message), expected);
        }
    }
}
