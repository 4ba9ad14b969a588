//! Named classes of characters.

/// The class of `[:name:]` in the syntax of the `regex` crate; a `^` before the name negates it.
pub(super) fn posix(name: &str) -> Option<String> {
    let (negated, name) = match name.strip_prefix('^') {
        Some(name) => (true, name),
        None => (false, name),
    };
    posix_members(name).map(|members| class(negated, members))
}

/// The characters and ranges of a POSIX class such as `alpha`, for use within brackets.
pub fn posix_members(name: &str) -> Option<&'static str> {
    Some(match name {
        "alnum" => "0-9A-Za-z",
        "alpha" => "A-Za-z",
        "ascii" => r"\x00-\x7F",
        "blank" => r"\t\x20",
        "cntrl" => r"\x00-\x1F\x7F",
        "digit" => DIGIT,
        "graph" => "!-~",
        "lower" => "a-z",
        "print" => r"\x20-~",
        "punct" => r"!-/:-@\[-`{-~",
        "space" => r"\t-\r\x20",
        "upper" => "A-Z",
        "word" => WORD,
        "xdigit" => "0-9A-Fa-f",
        _ => return None,
    })
}

const DIGIT: &str = "0-9";
const SPACE: &str = r"\t\n\f\r\x20";
const WORD: &str = "0-9A-Za-z_";

/// The class of `\d`, `\s`, `\w` and their negations.
pub(super) fn perl(letter: char) -> Option<String> {
    let members = match letter.to_ascii_lowercase() {
        'd' => DIGIT,
        's' => SPACE,
        'w' => WORD,
        _ => return None,
    };
    Some(class(letter.is_ascii_uppercase(), members))
}

fn class(negated: bool, members: &str) -> String {
    let sign = if negated { "^" } else { "" };
    format!("[{sign}{members}]")
}

/// The class of `\p{name}`, if Go knows the name.
pub(super) fn unicode(name: &str, negated: bool) -> Option<String> {
    let letter = if negated { 'P' } else { 'p' };
    let name = canonical(name);
    let known = match name.as_str() {
        "Any" => "any".to_owned(),
        "Assigned" => "assigned".to_owned(),
        "Ascii" => "ascii".to_owned(),
        "Lc" => "gc=Cased_Letter".to_owned(),
        // No text has surrogates.
        "Cs" | "Surrogate" => {
            let sign = if negated { "" } else { "^" };
            return Some(format!(r"[{sign}\x00-\x{{10FFFF}}]"));
        }
        name => match CATEGORIES.binary_search(&name) {
            Ok(_) => format!("gc={name}"),
            Err(_) if SCRIPTS.lines().any(|script| script == name) => format!("sc={name}"),
            Err(_) => {
                let (_, short) = ALIASES.iter().find(|(alias, _)| *alias == name)?;
                format!("gc={short}")
            }
        },
    };
    Some(format!("\\{letter}{{{known}}}"))
}

/// A name with only its first letter in upper case, without blanks, hyphens and underscores.
fn canonical(name: &str) -> String {
    let mut chars = name.chars().filter(|c| !matches!(c, '_' | '-' | ' '));
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first
        .into_iter()
        .chain(chars.map(|c| c.to_ascii_lowercase()))
        .collect()
}

/// Unicode's general categories, except `LC`.
const CATEGORIES: [&str; 36] = [
    "C", "Cc", "Cf", "Cn", "Co", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl",
    "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs",
];

/// Unicode's scripts with names of one word. Go finds no others, since it looks for them without underscores.
const SCRIPTS: &str = include_str!("../data/scripts.txt");

/// Long names of categories.
const ALIASES: [(&str, &str); 41] = [
    ("Casedletter", "Cased_Letter"),
    ("Closepunctuation", "Pe"),
    ("Combiningmark", "M"),
    ("Connectorpunctuation", "Pc"),
    ("Control", "Cc"),
    ("Currencysymbol", "Sc"),
    ("Dashpunctuation", "Pd"),
    ("Decimalnumber", "Nd"),
    ("Enclosingmark", "Me"),
    ("Finalpunctuation", "Pf"),
    ("Format", "Cf"),
    ("Initialpunctuation", "Pi"),
    ("Letter", "L"),
    ("Letternumber", "Nl"),
    ("Lineseparator", "Zl"),
    ("Lowercaseletter", "Ll"),
    ("Mark", "M"),
    ("Mathsymbol", "Sm"),
    ("Modifierletter", "Lm"),
    ("Modifiersymbol", "Sk"),
    ("Nonspacingmark", "Mn"),
    ("Number", "N"),
    ("Openpunctuation", "Ps"),
    ("Other", "C"),
    ("Otherletter", "Lo"),
    ("Othernumber", "No"),
    ("Otherpunctuation", "Po"),
    ("Othersymbol", "So"),
    ("Paragraphseparator", "Zp"),
    ("Privateuse", "Co"),
    ("Punctuation", "P"),
    ("Separator", "Z"),
    ("Spaceseparator", "Zs"),
    ("Spacingmark", "Mc"),
    ("Symbol", "S"),
    ("Titlecaseletter", "Lt"),
    ("Unassigned", "Cn"),
    ("Uppercaseletter", "Lu"),
    ("Cntrl", "Cc"),
    ("Digit", "Nd"),
    ("Punct", "P"),
];
