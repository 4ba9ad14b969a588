//! `image`: `{"imageGroups": [{"key", "entry", "command"}], "undecided": [{"image", "services"}], "next"}`.

use infra_model::Place;
use infra_model::service::ImageGroup;
use infra_query::image::{Automation, ImageAnswer};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, to_value};

use super::ToJson;
use super::next_steps::{StepJson, steps};
use super::subject::{Named, named};

/// How to change an image.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImageJson<'a> {
    /// What decides the image.
    image_groups: Vec<GroupJson<'a>>,
    /// Images that nothing in the repository is known to decide.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    undecided: Vec<UndecidedJson<'a>>,
    /// Values that are most likely tags or images, in HelmReleases whose charts are not available and in objects of operators.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stated: Vec<StatedJson<'a>>,
    /// The HelmReleases that were asked about, whose charts have versions of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    charts: Vec<ChartJson<'a>>,
    /// Commands that show the same in the cluster.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next: Vec<StepJson<'a>>,
}

/// The chart of a HelmRelease.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ChartOfRelease")]
struct ChartJson<'a> {
    /// Key of the HelmRelease.
    helm_release: &'a str,
    /// The chart.
    #[serde(skip_serializing_if = "Option::is_none")]
    chart: Option<&'a str>,
    /// Its version or range, as stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    /// The line that states the version.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a Place>,
}

/// Images that one value decides.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ImageGroupChange")]
struct GroupJson<'a> {
    /// Key of the image group.
    key: &'a str,
    /// The image group.
    entry: &'a ImageGroup,
    /// The command that sets another tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<&'a str>,
    /// What Flux's image automation does with it, where a marker names an ImagePolicy.
    #[serde(skip_serializing_if = "Option::is_none")]
    automation: Option<AutomationJson<'a>>,
}

/// What image automation does with an image.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ImageAutomation")]
struct AutomationJson<'a> {
    /// Whether it writes new tags.
    updates: bool,
    /// Why it does not, or which cluster it runs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// The rule of the ImagePolicy, such as `semver 1.x`.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    /// The pattern of tags that the ImagePolicy considers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<&'a str>,
    /// The ImageUpdateAutomation.
    #[serde(skip_serializing_if = "Option::is_none")]
    image_update_automation: Option<&'a str>,
    /// The branch that it pushes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<&'a str>,
}

/// A value of a HelmRelease, or a field of an object.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "StatedValue")]
struct StatedJson<'a> {
    /// The object.
    object: Named<'a>,
    /// Its path in the object, below `spec.values` of a HelmRelease.
    path: &'a str,
    /// The value.
    value: &'a str,
    /// The line that states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a Place>,
}

/// An image that nothing is known to decide.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UndecidedImage")]
struct UndecidedJson<'a> {
    /// The image.
    image: &'a str,
    /// Keys of the services that run it.
    services: &'a [&'a str],
}

impl ToJson for ImageAnswer<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let groups = self.groups.iter().map(|group| GroupJson {
            key: group.key,
            entry: group.group,
            command: group.command.as_deref(),
            automation: group
                .group
                .image_policy
                .as_ref()
                .map(|_| automation(&group.automation)),
        });
        let undecided = self.undecided.iter();
        let undecided = undecided.map(|(image, services)| UndecidedJson { image, services });
        let stated = self.stated.iter().map(|value| StatedJson {
            object: named(value.object),
            path: value.path,
            value: value.value,
            source: value.place.as_ref(),
        });
        let charts = self.charts.iter().map(|(key, release)| ChartJson {
            helm_release: key,
            chart: release.chart.as_deref(),
            version: release.version.as_deref(),
            source: release.version_source.as_ref(),
        });
        to_value(ImageJson {
            image_groups: groups.collect(),
            undecided: undecided.collect(),
            stated: stated.collect(),
            charts: charts.collect(),
            next: steps(&self.next),
        })
    }
}

fn automation(automation: &Automation) -> AutomationJson<'_> {
    match automation {
        Automation::Updates(updates) => AutomationJson {
            updates: true,
            rule: updates.rule.as_deref(),
            pattern: updates.pattern.as_deref(),
            image_update_automation: updates.by.as_deref(),
            branch: updates.branch.as_deref(),
            ..AutomationJson::default()
        },
        Automation::NoPolicy => AutomationJson {
            reason: Some("nothing in the repository makes the ImagePolicy"),
            ..AutomationJson::default()
        },
        Automation::OtherCluster(which) => AutomationJson {
            updates: true,
            reason: Some(which),
            ..AutomationJson::default()
        },
        Automation::Never(why) => AutomationJson {
            reason: Some(why),
            ..AutomationJson::default()
        },
    }
}
