//! The parts of Go's standard library that affect the output of templates, byte for byte.
//!
//! Go's strings need not be UTF-8, so they are `&[u8]` here wherever that makes a difference.
//!
//! ```
//! use go_std::regexp::GoRegex;
//! use go_std::time::Time;
//!
//! let regex = GoRegex::compile(b"a(x*)b")?;
//! let replaced = regex.replace_all(b"-ab-axxb-", b"${1}W", 1000)?;
//! assert_eq!(replaced, b"-W-xxW-");
//! assert_eq!(Time::unix(0).format("2006-01-02"), "1970-01-01");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod json;
mod printable;
pub mod quote;
pub mod regexp;
pub mod strconv;
pub mod text;
pub mod time;
pub mod url;
