//! Text turns into tokens, as the scanners of go-yaml v2 and v3 do it.
//!
//! The rules are those of YAML 1.1 as in libyaml, from which go-yaml descends: more lenient than the standard about
//! indents in brackets and quotes, stricter about tabs and the length of keys.

mod blanks;
mod block;
mod comments;
mod cursor;
mod lines;
mod plain;
mod properties;
mod quoted;
mod simple_key;
mod token;

use std::collections::VecDeque;

pub(crate) use comments::Comment;
use cursor::Cursor;
pub(crate) use lines::Lines;
use simple_key::SimpleKey;
pub(crate) use token::{Problem, Spot, Token, TokenKind};

use crate::Dialect;

/// go-yaml finds control characters when it fills its buffer, in blocks of this size.
const BUFFER: usize = 512;

/// The state of scanning a text.
pub(crate) struct Scanner<'a> {
    cursor: Cursor<'a>,
    dialect: Dialect,
    tokens: VecDeque<Token<'a>>,
    /// Number of tokens taken.
    taken: usize,
    /// Whether the first token of the queue can no longer change.
    ready: bool,
    /// Column of the current block collection, -1 outside of any.
    indent: isize,
    indents: Vec<isize>,
    simple_key_allowed: bool,
    /// One for each flow level and one for the block level.
    simple_keys: Vec<SimpleKey>,
    /// Tokens that may turn out to start a key, with the level of that key. go-yaml keeps them apart from the keys and
    /// forgets one too early or too late in odd texts, which decides the error that it reports.
    awaited: Vec<(usize, usize)>,
    /// Offset from which go-yaml has seen a forbidden character.
    forbidden: usize,
    /// Whether the text has no forbidden characters and no breaks but line feeds.
    is_usual: bool,
    /// Comments that are not handed on yet, if they are asked for.
    comments: Option<VecDeque<Comment>>,
}

type Scan<T = ()> = Result<T, Box<Problem>>;

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str, dialect: Dialect) -> Self {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let (control, only_feeds) = find_control(text);
        Scanner {
            cursor: Cursor::new(text),
            dialect,
            tokens: VecDeque::new(),
            taken: 0,
            ready: false,
            indent: -1,
            indents: Vec::new(),
            simple_key_allowed: true,
            awaited: Vec::new(),
            simple_keys: vec![SimpleKey::default()],
            forbidden: control.map_or(usize::MAX, |pos| pos / BUFFER * BUFFER),
            is_usual: only_feeds && control.is_none(),
            comments: None,
        }
    }

    /// Returns to the start of the text.
    pub(crate) fn start_again(&mut self) {
        self.cursor = Cursor::new(self.cursor.text());
        self.tokens.clear();
        self.indent = -1;
        self.simple_key_allowed = true;
    }

    /// Moves to the end of the text.
    pub(crate) fn skip_all(&mut self) {
        self.start_again();
        self.cursor.pos = self.cursor.text().len();
    }

    /// Records comments from here on.
    pub(crate) fn keep_comments(&mut self) {
        self.comments = Some(VecDeque::new());
    }

    /// The next token, without taking it.
    pub(crate) fn peek(&mut self) -> Scan<&Token<'a>> {
        if !self.ready {
            self.fetch()?;
            self.ready = true;
        }
        self.tokens
            .front()
            .ok_or_else(|| Problem::lexical(0, 0, "did not find expected token"))
    }

    /// Takes the next token.
    pub(crate) fn next(&mut self) -> Scan<Token<'a>> {
        self.peek()?;
        self.ready = false;
        self.taken += 1;
        self.tokens
            .pop_front()
            .ok_or_else(|| Problem::lexical(0, 0, "did not find expected token"))
    }

    fn is_in_flow(&self) -> bool {
        self.simple_keys.len() > 1
    }

    /// Scans until the first token of the queue can no longer change.
    // Not inlined, so that `peek` stays small: it is called far more often, and mostly has the token already.
    #[inline(never)]
    fn fetch(&mut self) -> Scan {
        // go-yaml v3 scans two tokens further to place comments, and so reports errors earlier.
        let ahead = match self.dialect {
            Dialect::V3 => 3,
            Dialect::Yaml11 => 1,
        };
        loop {
            if self.tokens.len() >= ahead {
                let first = self.taken;
                let Some((_, level)) = self.awaited.iter().copied().find(|(token, _)| *token == first) else {
                    return Ok(());
                };
                if !self.simple_key_is_valid(level)? {
                    return Ok(());
                }
            }
            let scanned = self.fetch_next();
            if self.cursor.pos >= self.forbidden {
                return Err(self.forbidden_character());
            }
            scanned?;
        }
    }

    fn fetch_next(&mut self) -> Scan {
        let at = self.cursor.spot();
        self.skip_to_token();
        self.unroll_indent(self.column(), at);
        if self.cursor.is_at_end() {
            return self.fetch_stream_end();
        }
        let byte = self.cursor.peek();
        if self.cursor.column == 0 {
            match byte {
                b'%' => return self.fetch_directive(),
                b'-' if self.cursor.is_at_indicator(b'-') => {
                    return self.fetch_document_indicator(TokenKind::DocumentStart);
                }
                b'.' if self.cursor.is_at_indicator(b'.') => {
                    return self.fetch_document_indicator(TokenKind::DocumentEnd);
                }
                _ => {}
            }
        }
        let in_flow = self.is_in_flow();
        let comment_token = match self.comments {
            Some(_) => self.comment_token(),
            None => 0,
        };
        match byte {
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart)?,
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart)?,
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd)?,
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd)?,
            b',' => self.fetch_flow_entry()?,
            // A comment behind a dash belongs to the item, not to the dash.
            b'-' if self.cursor.is_blank_or_end(1) => return self.fetch_block_entry(),
            b'?' if in_flow || self.cursor.is_blank_or_end(1) => self.fetch_key()?,
            b':' if in_flow || self.cursor.is_blank_or_end(1) => self.fetch_value()?,
            b'*' => self.fetch_anchor(true)?,
            b'&' => self.fetch_anchor(false)?,
            b'!' => self.fetch_tag()?,
            b'|' if !in_flow => self.fetch_block_scalar(true)?,
            b'>' if !in_flow => self.fetch_block_scalar(false)?,
            b'\'' => self.fetch_quoted(true)?,
            b'"' => self.fetch_quoted(false)?,
            b'#' | b'|' | b'>' | b'%' | b'@' | b'`' | b'\t' => {
                return Err(self.problem(self.cursor.line, "found character that cannot start any token"));
            }
            _ => self.fetch_plain()?,
        }
        self.skip_line_comment(comment_token);
        Ok(())
    }

    fn forbidden_character(&self) -> Box<Problem> {
        let text = self.cursor.text();
        let pos = find_control(text).0.unwrap_or(self.forbidden);
        let breaks = text.bytes().take(pos).filter(|b| *b == b'\n').count();
        let line = u32::try_from(breaks).unwrap_or(u32::MAX);
        Problem::unplaced(line, "control characters are not allowed")
    }

    /// A problem at the cursor.
    fn problem(&self, context_line: u32, message: &'static str) -> Box<Problem> {
        Problem::lexical(context_line, self.cursor.line, message)
    }

    fn column(&self) -> isize {
        isize::try_from(self.cursor.column).unwrap_or(isize::MAX)
    }

    fn push(&mut self, kind: TokenKind<'a>, at: Spot) {
        self.tokens.push_back(Token { kind, at });
    }

    /// Adds a token of one character.
    fn push_indicator(&mut self, kind: TokenKind<'a>) {
        self.push(kind, self.cursor.spot());
        self.cursor.skip();
    }

    /// Opens a block collection if the column is beyond that of the current one.
    fn roll_indent(&mut self, column: isize, kind: TokenKind<'a>, at: Spot, place: Option<usize>) {
        if self.is_in_flow() || self.indent >= column {
            return;
        }
        self.indents.push(self.indent);
        self.indent = column;
        self.insert(kind, at, place);
    }

    /// Inserts a token at a position of the queue, or at its end.
    fn insert(&mut self, kind: TokenKind<'a>, at: Spot, place: Option<usize>) {
        let place = place.unwrap_or(usize::MAX).min(self.tokens.len());
        self.tokens.insert(place, Token { kind, at });
    }

    /// Closes the block collections beyond a column.
    fn unroll_indent(&mut self, column: isize, at: Spot) {
        if self.is_in_flow() {
            return;
        }
        let mut at = Spot {
            pos: at.pos.saturating_sub(1),
            ..at
        };
        while self.indent > column {
            if self.comments.is_some() {
                at = self.block_end(at);
            }
            self.push(TokenKind::BlockEnd, at);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn fetch_stream_end(&mut self) -> Scan {
        if self.cursor.column != 0 {
            self.cursor.column = 0;
            self.cursor.line += 1;
        }
        self.end_blocks()?;
        self.push(TokenKind::StreamEnd, self.cursor.spot());
        Ok(())
    }

    fn end_blocks(&mut self) -> Scan {
        self.unroll_indent(-1, self.cursor.spot());
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        Ok(())
    }

    /// Starts a token that may turn out to be a key, after which no other key can start.
    fn start_key_candidate(&mut self) -> Scan {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        Ok(())
    }

    /// Opens the block collection of an indicator, if one may start here.
    fn start_block(&mut self, kind: TokenKind<'a>, not_allowed: &'static str) -> Scan {
        if self.is_in_flow() {
            return Ok(());
        }
        if !self.simple_key_allowed {
            return Err(self.problem(self.cursor.line, not_allowed));
        }
        self.roll_indent(self.column(), kind, self.cursor.spot(), None);
        Ok(())
    }

    fn fetch_document_indicator(&mut self, kind: TokenKind<'a>) -> Scan {
        self.end_blocks()?;
        self.push(kind, self.cursor.spot());
        self.cursor.skip_ascii(3);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind<'a>) -> Scan {
        self.save_simple_key()?;
        self.simple_keys.push(self.simple_key(false, false));
        self.simple_key_allowed = true;
        self.push_indicator(kind);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind<'a>) -> Scan {
        self.remove_simple_key()?;
        if self.is_in_flow()
            && let Some(key) = self.simple_keys.pop()
        {
            self.forget(key.token);
        }
        self.simple_key_allowed = false;
        self.push_indicator(kind);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Scan {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(TokenKind::FlowEntry);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Scan {
        self.start_block(
            TokenKind::BlockSequenceStart,
            "block sequence entries are not allowed in this context",
        )?;
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(TokenKind::BlockEntry);
        Ok(())
    }

    fn fetch_key(&mut self) -> Scan {
        self.start_block(
            TokenKind::BlockMappingStart,
            "mapping keys are not allowed in this context",
        )?;
        self.remove_simple_key()?;
        self.simple_key_allowed = !self.is_in_flow();
        self.push_indicator(TokenKind::Key);
        Ok(())
    }

    fn fetch_value(&mut self) -> Scan {
        let level = self.simple_keys.len() - 1;
        if self.simple_key_is_valid(level)? {
            let key = self.simple_keys[level];
            // If the token is already taken, this one comes too late, which the grammar reports.
            let place = key.token.checked_sub(self.taken);
            self.insert(TokenKind::Key, key.spot(), place);
            let column = isize::try_from(key.column).unwrap_or(isize::MAX);
            self.roll_indent(column, TokenKind::BlockMappingStart, key.spot(), place);
            self.simple_keys[level].possible = false;
            self.forget(key.token);
            self.simple_key_allowed = false;
        } else {
            self.start_block(
                TokenKind::BlockMappingStart,
                "mapping values are not allowed in this context",
            )?;
            self.simple_key_allowed = !self.is_in_flow();
        }
        self.push_indicator(TokenKind::Value);
        Ok(())
    }
}

/// Offset of the first character that YAML forbids, and whether line feeds are the only breaks before it.
fn find_control(text: &str) -> (Option<usize>, bool) {
    let bytes = text.as_bytes();
    let mut only_feeds = true;
    let mut start = 0;
    while let Some(offset) = bytes.get(start..).and_then(find_suspect) {
        let suspect = start + offset;
        match bytes.get(suspect..).unwrap_or_default() {
            [b'\r', ..] | [0xC2, 0x85, ..] | [0xE2, 0x80, 0xA8 | 0xA9, ..] => only_feeds = false,
            // C1 controls except U+0085.
            [0xC2, 0x80..=0x9F, ..] => return (Some(suspect), only_feeds),
            // U+FFFE and U+FFFF.
            [0xEF, 0xBF, 0xBE | 0xBF, ..] => return (Some(suspect), only_feeds),
            [0xC2 | 0xE2 | 0xEF, ..] => {}
            _ => return (Some(suspect), only_feeds),
        }
        start = suspect + 1;
    }
    (None, only_feeds)
}

/// The first byte that may begin a character that YAML forbids, or a break other than a line feed.
fn find_suspect(bytes: &[u8]) -> Option<usize> {
    // Checks a block at a time, without a branch for each byte.
    const BLOCK: usize = 64;
    let is_suspect =
        |b: u8| (b < 32) & (b != b'\t') & (b != b'\n') | (b == 127) | (b == 0xC2) | (b == 0xE2) | (b == 0xEF);
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let is_clean = |block: &&[u8; BLOCK]| !block.iter().fold(false, |any, b| any | is_suspect(*b));
    let clean = blocks.iter().take_while(is_clean).count() * BLOCK;
    let rest = bytes.get(clean..)?;
    Some(clean + rest.iter().position(|b| is_suspect(*b))?)
}
