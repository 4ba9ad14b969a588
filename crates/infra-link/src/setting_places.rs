//! Lines that decide settings of an object, such as a patch of the retries of all HelmReleases.

use std::collections::BTreeMap;

use infra_model::Place;

use crate::inventory::Inventory;
use crate::view::View;

/// The lines of scalars of a spec, by the names of their paths.
pub(crate) fn places(
    inventory: &Inventory<'_>,
    object: View<'_>,
    settings: &[(&str, &str)],
) -> BTreeMap<String, Place> {
    let spec = object.get("spec");
    let stated = settings.iter().filter_map(|(name, path)| {
        let value = path.split('.').try_fold(spec?, View::get)?;
        value.text()?;
        Some(((*name).to_owned(), inventory.place(value.mark())?))
    });
    stated.collect()
}

/// Leaves out a setting that the file of its object states.
pub(crate) fn without_own(
    mut places: BTreeMap<String, Place>,
    setting: &str,
    own: Option<&Place>,
) -> BTreeMap<String, Place> {
    if places.get(setting).map(|place| &place.file) == own.map(|own| &own.file) {
        places.remove(setting);
    }
    places
}
