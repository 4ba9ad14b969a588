//! Questions to the cluster, without whose answer a chart fails.

use helm_template::{Chart, Error, Stage};

/// A question that a cluster may answer differently from what is assumed here, so that the chart may render there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClusterQuestion {
    /// Objects that `lookup` reads.
    Objects,
    /// The version of Kubernetes.
    KubeVersion,
    /// The APIs that the cluster serves.
    ApiVersions,
}

impl ClusterQuestion {
    /// The question of an error, or of the template in which it occurs.
    pub(crate) fn find(error: &Error, chart: &Chart) -> Option<Self> {
        if error.stage == Stage::KubeVersion {
            return Some(ClusterQuestion::KubeVersion);
        }
        let template = &error.place.as_ref()?.template;
        let text = template_text(chart, template.split_once('/')?.1)?;
        let asks = |name: &str| memchr::memmem::find(text, name.as_bytes()).is_some();
        let questions = [
            ("lookup ", ClusterQuestion::Objects),
            (".APIVersions", ClusterQuestion::ApiVersions),
            (".KubeVersion", ClusterQuestion::KubeVersion),
        ];
        let asked = questions.into_iter().find(|(name, _)| asks(name));
        asked.map(|(_, question)| question)
    }

    /// The hint for the user.
    pub fn hint(self) -> &'static str {
        match self {
            ClusterQuestion::Objects => {
                "it may depend on `lookup`, which finds nothing without a cluster: in one it may well render"
            }
            ClusterQuestion::KubeVersion => {
                "it is rendered for the Kubernetes of `helm template`: say yours with --kube-version"
            }
            ClusterQuestion::ApiVersions => {
                "it asks which APIs the cluster serves: name those of yours with --api-versions"
            }
        }
    }
}

/// The text of a template by its path in a chart.
fn template_text<'c>(chart: &'c Chart, path: &str) -> Option<&'c [u8]> {
    if let Some((subchart, below)) = path.strip_prefix("charts/").and_then(|path| path.split_once('/')) {
        let named = |chart: &&std::sync::Arc<Chart>| chart.metadata.name == subchart;
        return template_text(chart.dependencies.iter().find(named)?, below);
    }
    let template = chart.templates.iter().find(|template| &*template.name == path)?;
    Some(&template.data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use helm_template::{ChartFile, ChartLimits, TemplatePlace};

    #[test]
    fn templates_ask_for_objects_and_apis() {
        let check = |text: &str, expected| {
            let files = vec![
                ChartFile::new("Chart.yaml", *b"apiVersion: v2\nname: web\nversion: 1.0.0\n"),
                ChartFile::new("templates/a.yaml", text.as_bytes()),
            ];
            let chart = Chart::from_files(files, &ChartLimits::default()).unwrap();
            let error = Error {
                place: Some(TemplatePlace {
                    template: "web/templates/a.yaml".to_owned(),
                    line: 1,
                }),
                ..Error::new(Stage::Execute, "fails")
            };
            assert_eq!(ClusterQuestion::find(&error, &chart), expected, "{text}");
        };
        check(
            "{{ lookup \"v1\" \"Secret\" \"\" \"\" }}",
            Some(ClusterQuestion::Objects),
        );
        check(
            "{{ if not (.Capabilities.APIVersions.Has \"x/v1\") }}{{ fail \"x\" }}{{ end }}",
            Some(ClusterQuestion::ApiVersions),
        );
        check("{{ fail \"x\" }}", None);
    }
}
