//! Numbers of tokens, as the encoding o200k of tiktoken counts them.

use std::collections::HashMap;
use std::sync::Mutex;

use anyhow::Result;
use tiktoken_rs::CoreBPE;

/// Counts tokens, and remembers the count of each text.
pub(crate) struct Tokens {
    encoding: CoreBPE,
    known: Mutex<HashMap<String, usize>>,
}

impl Tokens {
    /// Loads the encoding, whose tables come with the crate.
    pub(crate) fn new() -> Result<Self> {
        Ok(Tokens {
            encoding: tiktoken_rs::o200k_base()?,
            known: Mutex::default(),
        })
    }

    pub(crate) fn count(&self, text: &str) -> usize {
        let mut known = self
            .known
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(count) = known.get(text) {
            return *count;
        }
        let count = self.encoding.encode_ordinary(text).len();
        known.insert(text.to_owned(), count);
        count
    }
}
