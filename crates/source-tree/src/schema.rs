//! JSON Schemas of types that are written as another type.

/// Gives a type the schema of the one that it is written as, in place and without a name of its own.
#[macro_export]
macro_rules! schema_as {
    ($type:ty as $written:ty) => {
        impl ::schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                <$written as ::schemars::JsonSchema>::schema_name()
            }

            fn json_schema(generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                <$written as ::schemars::JsonSchema>::json_schema(generator)
            }
        }
    };
}
