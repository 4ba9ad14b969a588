//! Function libraries of templates: sprig, slim-sprig and Helm. Each file has one family of functions.

mod case;
mod certificates;
mod cipher;
mod convert;
mod dates;
mod decimal;
mod dicts;
mod digests;
mod duration;
mod encoding;
mod equal;
mod flow;
mod helm;
mod json;
mod lists;
mod math;
mod merge;
mod passwords;
mod paths;
mod random;
mod reflection;
mod regexes;
mod result;
mod semver;
mod strings;
mod time;
mod toml;
mod urls;
mod words;
mod yaml;

use crate::{Caller, Function, FunctionError, Kind, Library, Text, Type, Value};

/// Deepest nesting that is copied, compared or merged; a map can be made to hold itself.
const MAX_DEPTH: u32 = 500;

pub use digests::adler32;
pub use helm::{ERROR_END, ERROR_START};

/// The functions of [sprig](https://masterminds.github.io/sprig/) 3.3, except those that read the environment or resolve names.
///
/// Results that are random or depend on the clock are placeholders, marked as unknown.
pub fn sprig() -> Library {
    Library::new()
        .with(weighing(200, certificates::FUNCTIONS))
        .with(weighing(30, cipher::FUNCTIONS))
        .with(weighing(20, dates::FUNCTIONS))
        .with(dicts::FUNCTIONS.iter().copied())
        .with(digests::FUNCTIONS.iter().copied())
        .with(encoding::FUNCTIONS.iter().copied())
        .with(flow::FUNCTIONS.iter().copied())
        .with(json::SPRIG.iter().copied())
        .with(lists::FUNCTIONS.iter().copied())
        .with(math::FUNCTIONS.iter().copied())
        .with(passwords::FUNCTIONS.iter().copied())
        .with(paths::FUNCTIONS.iter().copied())
        .with(random::FUNCTIONS.iter().copied())
        .with(reflection::FUNCTIONS.iter().copied())
        .with(regexes::FUNCTIONS.iter().copied())
        .with(weighing(8, semver::FUNCTIONS))
        .with(strings::FUNCTIONS.iter().copied())
        .with(weighing(4, urls::FUNCTIONS))
        .with([FAIL])
}

/// Sets the weight of functions.
fn weighing(
    weight: u32,
    functions: &'static [(&'static str, Function)],
) -> impl Iterator<Item = (&'static str, Function)> {
    functions
        .iter()
        .map(move |(name, function)| (*name, function.weighing(weight)))
}

/// Fails with a message.
const FAIL: (&str, Function) = (
    "fail",
    Function::new(&[Type::Text], |_, a| Err(FunctionError::new(a.text(0).to_str()))),
);

/// The functions of Helm 4 that need no chart: [`sprig`], with Helm's own over it. `include` and `tpl` are missing.
///
/// `lookup` finds nothing, as in `helm template`, and `getHostByName` resolves nothing.
pub fn helm() -> Library {
    sprig()
        .with(helm::FUNCTIONS.iter().copied())
        .with(json::HELM.iter().copied())
        .with(toml::HELM.iter().copied())
        .with(yaml::HELM.iter().copied())
}

/// A value as YAML, as Helm's `toYaml` writes it: without the final newline.
///
/// # Errors
/// If the value cannot be written, or the budget is exceeded.
pub fn to_yaml(caller: &mut dyn Caller<'_>, value: &Value) -> std::result::Result<Text, FunctionError> {
    let text = yaml::to_yaml(caller, value, yaml::Encoder::Json)?;
    Ok(match text.kind {
        Kind::Text(text) => text,
        _ => Text::from(""),
    })
}

/// Functions of sprig that slim-sprig omits.
#[rustfmt::skip]
const NOT_SLIM: &[&str] = &[
    "abbrev", "abbrevboth", "add1f", "addf", "bcrypt", "buildCustomCert", "camelcase", "decryptAES",
    "deepCopy", "derivePassword", "divf", "encryptAES", "genCA", "genCAWithKey", "genPrivateKey",
    "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey", "htpasswd",
    "initials", "kebabcase", "merge", "mergeOverwrite", "mulf", "mustDeepCopy", "mustMerge",
    "mustMergeOverwrite", "nospace", "randAlpha", "randAlphaNum", "randAscii", "randBytes", "randNumeric",
    "semver", "semverCompare", "sha512sum", "shuffle", "snakecase", "subf", "swapcase", "untitle", "uuidv4",
    "wrap", "wrapWith",
];

/// The functions of [slim-sprig](https://go-task.github.io/slim-sprig/): sprig without those that need other libraries.
pub fn slim_sprig() -> Library {
    sprig().without(NOT_SLIM)
}
