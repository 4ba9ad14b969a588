//! Comments and the tokens that they belong to.
//!
//! The rules are go-yaml v3's, quirks included (<https://github.com/yaml/go-yaml/blob/v3.0.5/scannerc.go>,
//! `yaml_parser_scan_comments`). They are followed only if comments are asked for; otherwise comments are skipped like
//! blanks.

use super::blanks::LOOK_AHEAD;
use super::{Scanner, Spot, TokenKind};
use crate::place::Comments;

/// A comment that no node has taken yet.
#[derive(Debug, Default)]
pub(crate) struct Comment {
    /// Start of the search for it.
    scan: u32,
    /// Start of the first token that may take it.
    pub(super) token: u32,
    pub(super) start: Spot,
    end: u32,
    pub(crate) texts: Comments,
}

impl Scanner<'_> {
    /// Takes the first comment that a token at `pos` may take.
    pub(crate) fn comment_until(&mut self, pos: u32, block_end: bool) -> Option<Comment> {
        let comments = self.comments.as_mut()?;
        let comment = comments.front()?;
        // A head comment needs something below it, so it waits at the end of a block.
        let waits = block_end && !comment.texts.head.is_empty();
        (pos >= comment.token && !waits)
            .then(|| comments.pop_front())
            .flatten()
    }

    /// Turns the line comment behind the first dash of a list into a head comment of the item, once there is one.
    pub(super) fn settle_first_dash(&mut self) {
        let here = self.cursor.spot();
        let mut last = self.tokens.iter().rev().map(|token| &token.kind);
        let dash = matches!(
            (last.next(), last.next()),
            (Some(TokenKind::BlockEntry), Some(TokenKind::BlockSequenceStart))
        );
        let at_break = self.cursor.is_at_break();
        let comment = self.comments.as_mut().and_then(|comments| comments.back_mut());
        let Some(comment) = comment.filter(|comment| dash && !at_break && !comment.texts.line.is_empty())
        else {
            return;
        };
        comment.texts.head = std::mem::take(&mut comment.texts.line);
        if comment.start.line + 1 == here.line {
            comment.token = here.pos;
        }
    }

    /// The end of the block that is left at `scan`, so that comments below it belong to outer blocks.
    pub(super) fn block_end(&self, scan: Spot) -> Spot {
        let mut end = scan;
        let mut stop = end.pos;
        for comment in self.comments.iter().flatten().rev() {
            if comment.end < stop {
                break;
            }
            if i64::from(comment.start.column) == self.indent as i64 + 1 {
                end = comment.start;
            }
            stop = comment.scan;
        }
        end
    }

    /// The first token that may take a comment behind the token that begins here.
    pub(super) fn comment_token(&self) -> u32 {
        let joins = match self.cursor.peek() {
            b':' => !self.is_in_flow(),
            b',' => self.is_in_flow(),
            _ => false,
        };
        match self.tokens.back() {
            Some(last) if joins => last.at.pos,
            _ => self.cursor.spot().pos,
        }
    }

    /// Records a comment behind a token on the same line.
    pub(super) fn record_line_comment(&mut self, token: u32) {
        if self.cursor.newlines > 0 || !self.is_before_comment() {
            return;
        }
        self.cursor.skip_blanks();
        let start = self.cursor.spot();
        let line = self.read_line();
        self.note(Comment {
            token,
            start,
            texts: Comments {
                line,
                ..Comments::default()
            },
            ..Comment::default()
        });
    }

    /// Records the comments from here on, up to the next token.
    pub(super) fn record_comments(&mut self, scan: Spot) {
        let mut last = self.tokens.iter().rev();
        let token = match (last.next(), last.next()) {
            (Some(entry), Some(before)) if entry.kind == TokenKind::FlowEntry => Some(before),
            (token, _) => token,
        };
        let after_colon = token.is_some_and(|token| token.kind == TokenKind::Value);
        let mut block = Block {
            scan: scan.pos,
            token: token.map_or(0, |token| token.at.pos),
            start: Spot::default(),
            text: String::new(),
        };
        let indent = i64::try_from(self.indent.max(0)).unwrap_or(i64::MAX);
        let outdented = |column: u32| i64::from(column) - 1 < indent;
        let (mut recent_empty, mut first_empty) = (false, self.cursor.newlines <= 1);
        // A comment on this line still belongs to the content above.
        let foot_line = (scan.line > 0).then(|| {
            let behind = self.cursor.newlines == 0 && self.cursor.column > 1;
            (self.cursor.line + 1).saturating_sub(self.cursor.newlines) + u32::from(behind)
        });
        let mut at = self.cursor.spot();
        let mut offset = 0;
        while offset < LOOK_AHEAD {
            at.column += 1;
            at.pos = self.cursor.spot().pos + u32::try_from(offset).unwrap_or_default();
            let byte = self.cursor.peek_at(offset);
            if matches!(byte, b' ' | b'\t') {
                offset += 1;
                continue;
            }
            let closes = self.is_in_flow() && matches!(byte, b']' | b'}');
            let (is_break, is_end) = (self.cursor.is_break(offset), self.cursor.is_end(offset));
            if closes || is_break || is_end {
                let near = Some(block.start.line) == foot_line && !after_colon;
                if closes || !recent_empty && first_empty && (near || outdented(block.start.column)) {
                    if outdented(block.start.column) && !block.text.is_empty() {
                        block.token = block.start.pos;
                    }
                    self.note_foot(&mut block, at);
                } else if !recent_empty && !block.text.is_empty() && !is_end {
                    block.text.push('\n');
                }
                if !is_break {
                    break;
                }
                (first_empty, recent_empty) = (false, true);
                at.column = 0;
                at.line += 1;
                offset += 1;
                continue;
            }
            if outdented(at.column) && at.column != block.start.column {
                self.note_foot(&mut block, at);
            }
            if byte != b'#' {
                break;
            }
            if block.text.is_empty() {
                block.start = at;
            } else {
                block.text.push('\n');
            }
            recent_empty = false;
            self.cursor.skip_blanks_to(at.pos as usize);
            block.text.push_str(&self.read_line());
            at.column = 0;
            at.line = self.cursor.line;
            offset = 1;
        }
        if !block.text.is_empty() {
            let end = self.cursor.spot().pos + u32::try_from(offset).unwrap_or_default();
            self.note(Comment {
                scan: block.scan,
                token: block.start.pos,
                start: block.start,
                end: end.saturating_sub(1),
                texts: Comments {
                    head: block.text,
                    ..Comments::default()
                },
            });
        }
    }

    /// Records the gathered lines as a foot comment.
    fn note_foot(&mut self, block: &mut Block, at: Spot) {
        if block.text.is_empty() {
            return;
        }
        self.note(Comment {
            scan: block.scan,
            token: block.token,
            start: block.start,
            end: at.pos,
            texts: Comments {
                foot: std::mem::take(&mut block.text),
                ..Comments::default()
            },
        });
        block.scan = at.pos;
        block.token = at.pos;
    }

    fn note(&mut self, comment: Comment) {
        if let Some(comments) = &mut self.comments {
            comments.push_back(comment);
        }
    }

    fn read_line(&mut self) -> String {
        let start = self.cursor.pos;
        self.cursor.skip_line();
        self.cursor.slice(start, self.cursor.pos).to_owned()
    }
}

/// Lines of comments that belong together.
struct Block {
    scan: u32,
    token: u32,
    start: Spot,
    text: String,
}
