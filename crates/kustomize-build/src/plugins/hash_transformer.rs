//! A HashTransformer has nothing to configure.

use crate::transformers::Transformer;

pub(super) fn configure() -> Transformer {
    Transformer::Hash
}
