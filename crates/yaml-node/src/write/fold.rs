//! Folded block scalars, which go-yaml does not always read back unchanged.

use super::analysis::is_break;
use super::emitter::Emitter;
use super::scalar::write_block_head;

/// Writes a text as a folded scalar on lines of any length, as go-yaml v3 does for kustomize.
///
/// The break after a line of text is doubled, so that reading folds it back to one, unless a blank follows. go-yaml
/// looks for that blank at the start of the whole text instead of the following line.
pub(super) fn write_folded(emitter: &mut Emitter<'_>, text: &str) {
    write_block_head(emitter, ">", text);
    let after_breaks = text.trim_start_matches(is_break);
    let starts_with_text = !matches!(after_breaks.chars().next(), None | Some(' ' | '\t' | '\0'));
    let (mut breaks, mut leading_blank) = (true, true);
    for c in text.chars() {
        if is_break(c) {
            if !breaks && !leading_blank && c == '\n' && starts_with_text {
                emitter.put_break();
            }
            emitter.text_break(c);
            breaks = true;
        } else {
            if breaks {
                emitter.write_indent();
                leading_blank = matches!(c, ' ' | '\t');
            }
            emitter.put(c);
            emitter.text_starts();
            breaks = false;
        }
    }
}
