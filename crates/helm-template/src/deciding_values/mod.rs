//! Which values decide fields of rendered manifests, proved by changing the values.
//!
//! Templates compute: a tag may be a default of a default, cut, quoted, or the chart's `appVersion`, so its position cannot be
//! tracked. Instead, each value that may decide a field is changed to a distinct probe, and the chart is rendered again: the
//! field shows which probe it is made from. One more rendering answers for all fields whose values are easily guessed, and a
//! bounded number of further ones for the rest.

mod candidates;
mod fields;
mod probe;
mod value_path;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use go_template::Map;
use source_tree::Mark;

pub use fields::Field;
pub use value_path::{ValuePath, ValueStep};

use crate::chart::Chart;
use crate::values::{copy_map, place_of};
use crate::{Error, RenderOptions, Values, effective_values, render};
use candidates::{STATED, Scalar, WHOLE, scalars, score, significant_part};
use probe::Probe;

/// Which value decides a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The field.
    pub field: Field,
    /// Its text.
    pub text: String,
    /// The path of the value, from the top of the user's values.
    pub value: ValuePath,
    /// The text of the value; empty if it is empty or absent, and the templates put something else in the field.
    pub value_text: String,
    /// Whether the user sets it; otherwise it is a default of the chart.
    pub is_given: bool,
    /// The source position of the user's value, if known.
    pub place: Option<Mark>,
}

/// Answers for the requested fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    /// The fields that a value decides, in the order of the manifests.
    pub decided: Vec<Decision>,
    /// Fields without such a value: they are decided by the templates, or computed from several values.
    pub undecided: Vec<(Field, String)>,
    /// Number of renderings.
    pub renderings: u32,
}

/// Candidates for one field in one rendering.
const CANDIDATES: usize = 4;

/// Finds the values that decide fields of a rendered chart, with at most `most_renderings` further renderings. `requested` are
/// fields with their texts, from [`Rendered::fields`](crate::Rendered::fields) of the same chart, values and options.
///
/// ```
/// use std::sync::Arc;
/// use helm_template::*;
///
/// let files = vec![
///     ChartFile::new("Chart.yaml", *b"apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: '7.1'\n"),
///     ChartFile::new("values.yaml", *b"image: {repository: example/web, tag: ''}\n"),
///     ChartFile::new(
///         "templates/a.yaml",
///         *b"kind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: c\n    image: \
///            {{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}\n",
///     ),
/// ];
/// let chart = Arc::new(Chart::from_files(files, &ChartLimits::default())?);
/// let (values, options) = (Values::new(), RenderOptions::new(Release::new("web", "default")));
/// let rendered = render(&chart, &values, &options)?;
/// let requested = rendered.fields(&Field::is_image);
/// let decisions = deciding_values(&chart, &values, &options, requested, 4)?;
/// let decision = &decisions.decided[0];
/// assert_eq!(decision.text, "example/web:7.1");
/// assert_eq!((decision.value.to_string().as_str(), decision.is_given), (".image.tag", false));
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// If the values do not fit the chart, which a successful rendering rules out.
pub fn deciding_values(
    chart: &Arc<Chart>,
    values: &Values,
    options: &RenderOptions<'_>,
    requested: Vec<(Field, String)>,
    most_renderings: u32,
) -> Result<Decisions, Error> {
    if requested.is_empty() {
        return Ok(Decisions::default());
    }
    let effective = effective_values(chart, values, options)?;
    let mut search = Search {
        chart,
        values,
        options,
        effective: effective.map(),
        scalars: scalars(effective.map()),
        requested: &requested,
        positions: requested.iter().map(|(field, _)| field).collect(),
        found: BTreeMap::new(),
        tried: vec![BTreeSet::new(); requested.len()],
        left: most_renderings,
    };
    while search.left > 0 {
        let batch = search.batch();
        if batch.is_empty() {
            break;
        }
        search.try_batch(&batch);
    }
    Ok(search.finish(most_renderings))
}

struct Search<'a> {
    chart: &'a Arc<Chart>,
    values: &'a Values,
    options: &'a RenderOptions<'a>,
    effective: &'a Rc<Map>,
    scalars: Vec<Scalar>,
    requested: &'a [(Field, String)],
    /// The requested fields.
    positions: BTreeSet<&'a Field>,
    /// The deciding scalar by field, both as indexes.
    found: BTreeMap<usize, usize>,
    /// Scalars tried so far, by field.
    tried: Vec<BTreeSet<usize>>,
    left: u32,
}

impl Search<'_> {
    /// The likeliest scalars for each undecided field, and the text that each may decide.
    fn batch(&mut self) -> BTreeMap<usize, String> {
        let mut batch = BTreeMap::new();
        for (position, (field, text)) in self.requested.iter().enumerate() {
            if self.found.contains_key(&position) {
                continue;
            }
            let is_image = field.is_image();
            let part = significant_part(text, is_image);
            let Some(tried) = self.tried.get_mut(position) else {
                continue;
            };
            let mut scored: Vec<(u32, usize)> = self
                .scalars
                .iter()
                .enumerate()
                .filter(|(number, _)| !tried.contains(number))
                .filter_map(|(number, scalar)| Some((score(scalar, text, part, is_image)?, number)))
                .collect();
            scored.sort_by_key(|(score, number)| {
                let steps = self.scalars.get(*number).map_or(0, |scalar| scalar.path.0.len());
                (std::cmp::Reverse(*score), steps, *number)
            });
            // If a value has the text itself, changing an empty or absent one would hide its probe.
            let best = scored.first().map_or(0, |(score, _)| *score);
            let is_hidden = |score: u32| best >= STATED && score < WHOLE;
            for (_, number) in scored
                .into_iter()
                .filter(|(score, _)| !is_hidden(*score))
                .take(CANDIDATES)
            {
                tried.insert(number);
                batch.entry(number).or_insert_with(|| part.to_owned());
            }
        }
        batch
    }

    /// Renders with a whole batch of probes; if that fails, with each half of it.
    fn try_batch(&mut self, batch: &BTreeMap<usize, String>) {
        if self.left == 0 || batch.is_empty() {
            return;
        }
        self.left -= 1;
        let changed = copy_map(self.values.map());
        let mut probes: Vec<(usize, Probe)> = Vec::new();
        for (number, part) in batch {
            let Some(scalar) = self.scalars.get(*number) else {
                continue;
            };
            if let Some(probe) = Probe::new(&scalar.value, part, probes.len()) {
                scalar.path.put(&changed, self.effective, probe.value.clone());
                probes.push((*number, probe));
            }
        }
        let changed = Values::from_map(Rc::new(changed));
        let options = RenderOptions {
            skip_schema_validation: true,
            ..self.options.clone()
        };
        let Ok(rendered) = render(self.chart, &changed, &options) else {
            let middle = batch.keys().nth(batch.len() / 2).copied().unwrap_or_default();
            let mut first = batch.clone();
            let second = first.split_off(&middle);
            if !first.is_empty() {
                self.try_batch(&first);
                self.try_batch(&second);
            }
            return;
        };
        let shown = |content: &str| probes.iter().any(|(_, probe)| probe.has_trace_in(content));
        let is_requested = |field: &Field| self.positions.contains(field);
        let after: BTreeMap<Field, String> = fields::fields(&rendered, &shown, &is_requested)
            .into_iter()
            .collect();
        for (position, (field, before)) in self.requested.iter().enumerate() {
            let Some(after) = after.get(field).filter(|_| !self.found.contains_key(&position)) else {
                continue;
            };
            let shown = probes.iter().find(|(_, probe)| {
                probe.is_shown_by(before, significant_part(before, field.is_image()), after)
            });
            if let Some((number, _)) = shown {
                self.found.insert(position, *number);
            }
        }
    }

    fn finish(self, most_renderings: u32) -> Decisions {
        let mut decisions = Decisions {
            renderings: most_renderings - self.left,
            ..Decisions::default()
        };
        for (position, (field, text)) in self.requested.iter().enumerate() {
            let scalar = self
                .found
                .get(&position)
                .and_then(|number| self.scalars.get(*number));
            let Some(scalar) = scalar else {
                decisions.undecided.push((field.clone(), text.clone()));
                continue;
            };
            let given = scalar.path.get(self.values.map());
            decisions.decided.push(Decision {
                field: field.clone(),
                text: text.clone(),
                value: scalar.path.clone(),
                value_text: scalar.text.clone(),
                is_given: given.is_some(),
                place: given.as_ref().and_then(place_of),
            });
        }
        decisions
    }
}
