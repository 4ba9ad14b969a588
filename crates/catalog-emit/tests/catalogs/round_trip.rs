//! Reading what was written gives the model back.

use catalog_emit::{Catalog, Catalogs, Form};
use infra_model::Infrastructure;
use pretty_assertions::assert_eq;
use proptest::prelude::*;

use crate::arbitrary;
use crate::expected::GENERATED_AT;
use crate::model;

/// Reads a catalog and checks that it is written again as it was.
fn through_text<C: Catalog>(catalog: &C, form: Form) -> C {
    let text = catalog.to_json(form).unwrap();
    let read: C = serde_json::from_str(&text).unwrap();
    assert_eq!(read.to_json(form).unwrap(), text);
    read
}

#[track_caller]
fn check(infrastructure: &Infrastructure) {
    let catalogs = Catalogs::new(infrastructure, GENERATED_AT);
    for form in [Form::Lines, Form::Pretty] {
        let read = Catalogs {
            services: through_text(&catalogs.services, form),
            flux_resources: through_text(&catalogs.flux_resources, form),
            secrets_map: through_text(&catalogs.secrets_map, form),
            config_maps: through_text(&catalogs.config_maps, form),
        };
        assert_eq!(&Infrastructure::from(read), infrastructure);
    }
}

#[test]
fn of_a_model_with_everything() {
    check(&model::catalogued(model::infrastructure()));
}

#[test]
fn of_an_empty_model() {
    check(&Infrastructure::default());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn of_any_model(infrastructure in arbitrary::infrastructure()) {
        check(&infrastructure);
    }

    #[test]
    fn a_section_has_as_many_lines_as_entries(infrastructure in arbitrary::infrastructure()) {
        let text = Catalogs::new(&infrastructure, GENERATED_AT).services.to_json(Form::Lines).unwrap();
        let entries = text.lines().skip_while(|line| *line != "  \"services\": {").skip(1);
        let entries = entries.take_while(|line| line.starts_with("    "));
        prop_assert_eq!(entries.count(), infrastructure.services.len());
    }
}
