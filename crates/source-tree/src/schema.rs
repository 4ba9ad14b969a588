//! JSON Schemas of types that are serialized as another type.

/// Gives a type the inlined schema of the type that it is serialized as. Type parameters come first, after `for`.
#[macro_export]
macro_rules! schema_as {
    (for [$($parameters:tt)*] $type:ty as $written:ty) => {
        impl<$($parameters)*> ::schemars::JsonSchema for $type {
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
    ($type:ty as $written:ty) => {
        $crate::schema_as!(for [] $type as $written);
    };
}
