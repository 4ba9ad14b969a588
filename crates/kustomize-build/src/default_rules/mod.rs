//! The rules of a kustomization without `configurations` and `crds`, as static tables.

mod field_specs;
mod name_references;

use std::sync::{Arc, LazyLock};

use crate::name_reference::NameReferences;
use crate::rules::Rules;
use crate::specs::Specs;

/// The default rules, shared by all kustomizations.
pub(crate) fn default_rules() -> Arc<Rules> {
    static DEFAULT: LazyLock<Arc<Rules>> = LazyLock::new(|| {
        Arc::new(Rules {
            name_prefix: Specs::Borrowed(field_specs::NAME_PREFIX),
            name_suffix: Specs::Borrowed(field_specs::NAME_SUFFIX),
            namespace: Specs::Borrowed(field_specs::NAMESPACE),
            common_labels: Specs::Borrowed(field_specs::COMMON_LABELS),
            labels: Specs::default(),
            template_labels: Specs::Borrowed(field_specs::TEMPLATE_LABELS),
            volume_claim_template_labels: Specs::Borrowed(field_specs::VOLUME_CLAIM_TEMPLATE_LABELS),
            common_annotations: Specs::Borrowed(field_specs::COMMON_ANNOTATIONS),
            name_references: NameReferences::from_table(name_references::NAME_REFERENCES),
            var_references: Specs::Borrowed(field_specs::VAR_REFERENCES),
            images: Specs::Borrowed(field_specs::IMAGES),
            replicas: Specs::Borrowed(field_specs::REPLICAS),
        })
    });
    DEFAULT.clone()
}

/// A row of a table: whether a missing field is created, the group, version and kind of objects (empty for any), and
/// the path of the field.
macro_rules! spec {
    ($create:ident $group:literal $version:literal $kind:literal $path:literal) => {
        $crate::kustomization::FieldSpecEntry {
            gvk: $crate::default_rules::gvk!($group $version $kind),
            path: smol_str::SmolStr::new_static($path),
            create: $crate::default_rules::spec!($create),
        }
    };
    (create) => {
        true
    };
    (update) => {
        false
    };
}

macro_rules! gvk {
    ($group:literal $version:literal $kind:literal) => {
        $crate::resource::Gvk {
            group: smol_str::SmolStr::new_static($group),
            version: smol_str::SmolStr::new_static($version),
            kind: smol_str::SmolStr::new_static($kind),
        }
    };
}

/// A table of rows.
macro_rules! specs {
    ($name:ident $($create:ident $group:literal $version:literal $kind:literal $path:literal;)*) => {
        pub(super) static $name: &[$crate::kustomization::FieldSpecEntry] =
            &[$($crate::default_rules::spec!($create $group $version $kind $path),)*];
    };
}

/// Tables of rows by group, version and kind of the objects that are referred to.
macro_rules! references {
    ($($group:literal $version:literal $kind:literal {
        $($create:ident $field_group:literal $field_version:literal $field_kind:literal $path:literal;)*
    })*) => {
        pub(super) static NAME_REFERENCES: &[$crate::name_reference::NameReference] = &[$(
            $crate::name_reference::NameReference {
                target: $crate::default_rules::gvk!($group $version $kind),
                referrers: std::borrow::Cow::Borrowed(&[
                    $($crate::default_rules::spec!($create $field_group $field_version $field_kind $path),)*
                ]),
            },
        )*];
    };
}

use {gvk, references, spec, specs};
