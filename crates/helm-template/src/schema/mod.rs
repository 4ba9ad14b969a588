//! Validation of values against `values.schema.json`.
//!
//! Rules: [pkg/chart/common/util/jsonschema.go](https://github.com/helm/helm/blob/v4.2.4/pkg/chart/common/util/jsonschema.go).
//! The `jsonschema` crate validates; messages are those of Helm's library,
//! [santhosh-tekuri/jsonschema](https://github.com/santhosh-tekuri/jsonschema/tree/v6.0.2).

mod compiled;
mod cycles;
mod failures;
mod growth;
mod json;
mod numbers;
mod patterns;
mod refused;
mod remote_refs;
mod undecided;
mod validate;
mod wording;

pub(crate) use compiled::Schema;
pub(crate) use validate::validate;
