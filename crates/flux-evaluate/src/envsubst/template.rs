//! Expansion of a parsed text.

use std::ops::Range;

use super::error::EnvsubstError;
use super::functions::{self, MAX_BYTES};

/// How [`Template::expand`] treats variables without a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Undefined {
    /// Replaced by the empty text, as in Flux without strict substitution.
    #[default]
    Empty,
    /// An error for an undefined variable without a default, as in Flux since 2.9.
    Fail,
    /// Kept as written, so that a reader sees that the value is not known.
    Keep,
}

/// A parsed text.
#[derive(Clone, Debug)]
pub struct Template {
    source: String,
    segments: Vec<Segment>,
}

/// The result of looking a variable up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variable<'a> {
    /// Its value.
    Known(&'a str),
    /// It is defined, but its value is not known.
    Unknown,
    /// Nothing defines it.
    Unset,
}

/// One use of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VariableName<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether the use has a default.
    pub defaulted: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Segment {
    Text(String),
    Expression(Expression),
}

#[derive(Clone, Debug)]
pub(super) struct Expression {
    /// The whole expression in the source.
    pub(super) source: Range<usize>,
    /// The name in the source.
    pub(super) name: Range<usize>,
    pub(super) operator: Operator,
    /// The segments of a default, or one part per argument of another operator.
    pub(super) args: Vec<Segment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    None,
    Default,
    Length,
    Lower,
    LowerFirst,
    Upper,
    UpperFirst,
    Substring,
    ReplaceFirst,
    ReplaceAll,
    ReplacePrefix,
    ReplaceSuffix,
    TrimPrefix,
    TrimLongestPrefix,
    TrimSuffix,
    TrimLongestSuffix,
}

impl Template {
    pub(super) fn new(source: String, segments: Vec<Segment>) -> Self {
        Template { source, segments }
    }

    /// The text with every expression replaced. It is not valid UTF-8 if a substring cuts a character in two.
    ///
    /// # Errors
    /// [`EnvsubstError::NotSet`] with [`Undefined::Fail`]; [`EnvsubstError::TooLarge`].
    pub fn expand<'v>(
        &self,
        lookup: &dyn Fn(&str) -> Variable<'v>,
        undefined: Undefined,
    ) -> Result<Vec<u8>, EnvsubstError> {
        let mut out = Vec::with_capacity(self.source.len());
        let expander = Expander {
            template: self,
            lookup,
            undefined,
        };
        for segment in &self.segments {
            expander.segment(segment, &mut out)?;
        }
        Ok(out)
    }

    /// Every use of a variable in order, including nested ones.
    pub fn variables(&self) -> Vec<VariableName<'_>> {
        let mut found = Vec::new();
        self.collect(&self.segments, &mut found);
        found
    }

    fn collect<'a>(&'a self, segments: &'a [Segment], found: &mut Vec<VariableName<'a>>) {
        for segment in segments {
            if let Segment::Expression(expression) = segment {
                found.push(VariableName {
                    name: self.text(&expression.name),
                    defaulted: expression.operator == Operator::Default,
                });
                self.collect(&expression.args, found);
            }
        }
    }

    fn text(&self, range: &Range<usize>) -> &str {
        self.source.get(range.clone()).unwrap_or_default()
    }
}

struct Expander<'t, 'l, 'v> {
    template: &'t Template,
    lookup: &'l dyn Fn(&str) -> Variable<'v>,
    undefined: Undefined,
}

impl Expander<'_, '_, '_> {
    fn segment(&self, segment: &Segment, out: &mut Vec<u8>) -> Result<(), EnvsubstError> {
        match segment {
            Segment::Text(text) => out.extend_from_slice(text.as_bytes()),
            Segment::Expression(expression) => self.expression(expression, out)?,
        }
        if out.len() > MAX_BYTES {
            return Err(EnvsubstError::TooLarge);
        }
        Ok(())
    }

    fn expression(&self, expression: &Expression, out: &mut Vec<u8>) -> Result<(), EnvsubstError> {
        // Arguments are expanded first, even those of a default that is not used, so that strict mode checks them.
        let mut args = Vec::with_capacity(expression.args.len());
        for segment in &expression.args {
            let mut arg = Vec::new();
            self.segment(segment, &mut arg)?;
            args.push(arg);
        }
        let name = self.template.text(&expression.name);
        let has_default = expression.operator == Operator::Default;
        let value = match (self.lookup)(name) {
            Variable::Known(value) => value,
            Variable::Unknown if self.undefined == Undefined::Keep && has_default => {
                // Flux substitutes the value that is not known here, so the default would be wrong.
                out.extend_from_slice(format!("${{{name}}}").as_bytes());
                return Ok(());
            }
            Variable::Unset | Variable::Unknown if self.undefined == Undefined::Keep && !has_default => {
                out.extend_from_slice(self.template.text(&expression.source).as_bytes());
                return Ok(());
            }
            Variable::Unset if self.undefined == Undefined::Fail && !has_default => {
                return Err(EnvsubstError::NotSet(name.to_owned()));
            }
            Variable::Unset | Variable::Unknown => "",
        };
        functions::apply(expression.operator, value.as_bytes(), &args, out)
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn expand(text: &str, undefined: Undefined) -> Result<String, EnvsubstError> {
        let lookup = |name: &str| match name {
            "known" => Variable::Known("v"),
            "secret" => Variable::Unknown,
            _ => Variable::Unset,
        };
        let bytes = parse(text)?.expand(&lookup, undefined)?;
        String::from_utf8(bytes).map_err(|_| EnvsubstError::BrokenText)
    }

    #[test]
    fn unknown_variables_stay_as_written() {
        for (text, kept) in [
            ("a ${known} b", "a v b"),
            ("${gone}", "${gone}"),
            ("${gone^^}", "${gone^^}"),
            ("${gone:=x}", "x"),
            ("${gone:=${known}}", "v"),
            ("${secret:=x}", "${secret}"),
            ("${secret:0:3}", "${secret:0:3}"),
            ("$${gone}", "${gone}"),
        ] {
            assert_eq!(expand(text, Undefined::Keep).as_deref(), Ok(kept), "{text}");
        }
    }

    #[test]
    fn strict_mode_fails_for_undefined_variables() {
        assert_eq!(
            expand("${gone}", Undefined::Fail),
            Err(EnvsubstError::NotSet("gone".into()))
        );
        assert_eq!(expand("${secret}", Undefined::Fail).as_deref(), Ok(""));
        assert_eq!(
            expand("${known:=${gone}}", Undefined::Fail),
            Err(EnvsubstError::NotSet("gone".into()))
        );
    }

    #[test]
    fn variables_are_listed_with_nested_ones() {
        let template = parse("${a:=${b^^}} $c ${d}").unwrap();
        let names: Vec<_> = template
            .variables()
            .iter()
            .map(|v| (v.name, v.defaulted))
            .collect();
        assert_eq!(names, [("a", true), ("b", false), ("d", false)]);
    }

    #[test]
    fn hostile_nesting_and_growth_end_in_an_error() {
        let deep = format!("{}x{}", "${a:=".repeat(10_000), "}".repeat(10_000));
        assert_eq!(parse(&deep).map(|_| ()), Err(EnvsubstError::TooDeep));
        // Every level replaces each character by the level below.
        let mut grown = "${big}".to_owned();
        for _ in 0..6 {
            grown = format!("${{big//a/{grown}}}");
        }
        let big = "a".repeat(4096);
        let lookup = |_: &str| Variable::Known(&big);
        let result = parse(&grown).unwrap().expand(&lookup, Undefined::Empty);
        assert_eq!(result, Err(EnvsubstError::TooLarge));
    }
}
