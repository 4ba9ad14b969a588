//! The function `slugify`, which makes valid names as <https://github.com/gosimple/slug> does.

use go_template::{Function, Type, Value};

/// Most characters of a label's value.
const MAX_LENGTH: usize = 63;

/// ASCII for the characters of Latin-1 and Latin Extended-A, from U+00A0 on.
const LATIN: &str = " \t!\tC/\tPS\t$?\tY=\t|\tSS\t\"\t(c)\ta\t<<\t!\t\t(r)\t-\tdeg\t+-\t2\t3\t'\tu\tP\t*\t,\t1\to\t>>\t\
1/4\t1/2\t3/4\t?\tA\tA\tA\tA\tA\tA\tAE\tC\tE\tE\tE\tE\tI\tI\tI\tI\tD\tN\tO\tO\tO\tO\tO\tx\tO\tU\tU\t\
U\tU\tY\tTh\tss\ta\ta\ta\ta\ta\ta\tae\tc\te\te\te\te\ti\ti\ti\ti\td\tn\to\to\to\to\to\t/\to\tu\tu\t\
u\tu\ty\tth\ty\tA\ta\tA\ta\tA\ta\tC\tc\tC\tc\tC\tc\tC\tc\tD\td\tD\td\tE\te\tE\te\tE\te\tE\te\tE\te\t\
G\tg\tG\tg\tG\tg\tG\tg\tH\th\tH\th\tI\ti\tI\ti\tI\ti\tI\ti\tI\ti\tIJ\tij\tJ\tj\tK\tk\tk\tL\tl\tL\t\
l\tL\tl\tL\tl\tL\tl\tN\tn\tN\tn\tN\tn\t'n\tng\tNG\tO\to\tO\to\tO\to\tOE\toe\tR\tr\tR\tr\tR\tr\tS\t\
s\tS\ts\tS\ts\tS\ts\tT\tt\tT\tt\tT\tt\tU\tu\tU\tu\tU\tu\tU\tu\tU\tu\tU\tu\tW\tw\tY\ty\tY\tZ\tz\tZ\t\
z\tZ\tz\ts";

/// The function `slugify`.
pub(super) const SLUGIFY: Function = Function::new(&[Type::Text], |_, arguments| {
    Ok(Value::text(slugify(&arguments.text(0).to_str())?))
});

fn slugify(text: &str) -> Result<String, String> {
    let mut ascii = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '&' => ascii.push_str("and"),
            '@' => ascii.push_str("at"),
            c if c.is_ascii() => ascii.push(c.to_ascii_lowercase()),
            c => ascii.push_str(&latin(c)?.to_ascii_lowercase()),
        }
    }
    let mut slug = String::with_capacity(ascii.len());
    for c in ascii.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            slug.push(c);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    Ok(shorten(slug.trim_matches(['-', '_'])).to_owned())
}

fn latin(c: char) -> Result<&'static str, String> {
    let index = u32::from(c).checked_sub(0xA0);
    let index = index.and_then(|index| usize::try_from(index).ok());
    let ascii = index.and_then(|index| LATIN.split('\t').nth(index));
    ascii.ok_or_else(|| format!("the character {c:?} is not supported"))
}

/// Cuts a name that is too long at the last possible dash.
fn shorten(slug: &str) -> &str {
    if slug.len() <= MAX_LENGTH {
        return slug;
    }
    let dash = slug.get(..=MAX_LENGTH).and_then(|start| start.rfind('-'));
    slug.get(..dash.unwrap_or(MAX_LENGTH)).unwrap_or(slug)
}
