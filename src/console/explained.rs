//! A message beside what was understood of it: every byte in its place, control characters by name,
//! what matters highlighted. What may name a person is not shown; nothing of it is markup.

use super::text::Text;
use crate::analyser::{Became, Explained};
use crate::limits;

/// A stretch of a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) text: String,
    pub(super) marked: Marked,
    /// Where it stands and what it became, for who points at it.
    pub(super) title: String,
}

/// Whether it is highlighted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marked {
    /// As it is.
    Plain,
    /// Beside what matters: in the same record.
    Near,
    /// What matters.
    Here,
}

/// What became of one piece, as a row.
pub(super) struct PieceRow {
    pub(super) place: String,
    pub(super) range: String,
    pub(super) text: String,
    pub(super) became: String,
    pub(super) doubts: Vec<String>,
    pub(super) is_marked: bool,
}

/// A message laid out; what is highlighted, `mark` says.
pub(super) fn stretches(
    text: &Text,
    pieces: &[Explained],
    mark: impl Fn(&Explained) -> Marked,
) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut shown = 0;
    for piece in pieces {
        if shown > limits::CONSOLE_MESSAGE_SHOWN {
            let left = pieces.last().map_or(0, |last| last.range.end - piece.range.start);
            let told = text.with("bytes-cut", "bytes", left);
            let (marked, title) = (Marked::Plain, String::new());
            stretches.push(Stretch { text: told, marked, title });
            break;
        }
        shown += piece.range.len();
        stretches.push(Stretch {
            text: shown_text(text, piece),
            marked: mark(piece),
            title: format!("{} {}", piece.place, became(text, piece)).trim().to_owned(),
        });
    }
    stretches
}

/// The pieces that are highlighted or stand beside them, as rows.
pub(super) fn rows(
    text: &Text,
    pieces: &[Explained],
    mark: impl Fn(&Explained) -> Marked,
) -> Vec<PieceRow> {
    let told = pieces.iter().filter(|piece| mark(piece) != Marked::Plain && !is_joint(piece));
    let row = |piece: &Explained| PieceRow {
        place: piece.place.clone(),
        range: format!("{}–{}", piece.range.start, piece.range.end),
        text: shown_text(text, piece),
        became: became(text, piece),
        doubts: piece.doubts.clone(),
        is_marked: mark(piece) == Marked::Here,
    };
    told.take(limits::EXPLAINED_PIECES_MAX).map(row).collect()
}

/// What holds a message together and raises no question.
fn is_joint(piece: &Explained) -> bool {
    matches!(piece.became, Became::Structure(_)) && piece.doubts.is_empty()
}

fn shown_text(text: &Text, piece: &Explained) -> String {
    match &piece.text {
        Some(shown) => named(shown),
        None => text.with("bytes-hidden", "bytes", piece.range.len()),
    }
}

/// A text with its control characters by name; a line of it ends where a line of the message does.
pub(super) fn named(text: &str) -> String {
    let mut named = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let code = u32::from(character);
        match usize::try_from(code).ok().and_then(|code| CONTROLS.get(code)) {
            Some(name) => named.extend(["<", name, ">"]),
            None if code == 0x7F => named.push_str("<DEL>"),
            None if character.is_control() || is_turning(character) => {
                named.push_str(&format!("<U+{code:04X}>"));
            }
            None => named.push(character),
        }
        let ends_line = character == '\r' && characters.peek() != Some(&'\n') || character == '\n';
        if ends_line {
            named.push('\n');
        }
    }
    named
}

/// Characters that turn the direction of what stands around them, or cannot be seen.
const fn is_turning(character: char) -> bool {
    matches!(
        character,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

/// ASCII (ISO 646): the control characters from 0 on.
const CONTROLS: [&str; 32] = [
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR",
    "SO", "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC",
    "FS", "GS", "RS", "US",
];

/// What a piece became, in words.
pub(super) fn became(text: &Text, piece: &Explained) -> String {
    match &piece.became {
        Became::Structure(what) => known(text, "bytes-structure", what),
        Became::Mapped { role, meaning } => {
            let roles: Vec<String> =
                role.split(", ").map(|role| known(text, "bytes-role", role)).collect();
            let roles = roles.join(", ");
            meaning.as_ref().map_or_else(|| roles.clone(), |it| format!("{roles}: {it}"))
        }
        Became::Ignored(why) => text.with("bytes-ignored", "why", why),
        Became::Unaccounted(why) => text.with("bytes-unaccounted", "why", why),
    }
}

/// A word of the reader's, where there is one in this language.
fn known(text: &Text, family: &str, word: &str) -> String {
    let slug = word.replace([' ', '_'], "-");
    let told = match family {
        "bytes-role" => text.word("bytes-role", &slug),
        _ => text.word("bytes-structure", &slug),
    };
    if told == format!("{family}-{slug}") { word.to_owned() } else { told }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_have_names_and_lines_end_where_those_of_the_message_do() {
        assert_eq!(named("H|\\^&\rP|1\r\n\u{2}\u{7f}"), "H|\\^&<CR>\nP|1<CR><LF>\n<STX><DEL>");
        assert_eq!(named("a\u{202e}b\u{85}"), "a<U+202E>b<U+0085>");
        assert_eq!(named("双孔 <b>"), "双孔 <b>");
    }

    fn pieces(length: usize) -> Vec<Explained> {
        let piece = |range: std::ops::Range<usize>| Explained {
            text: Some("a".repeat(range.len())),
            range,
            place: String::new(),
            became: Became::Structure("delimiter"),
            doubts: Vec::new(),
        };
        vec![piece(0..length), piece(length..length + 1), piece(length + 1..length + 2)]
    }

    #[test]
    fn a_long_message_is_cut_and_says_so() {
        let text = super::super::text::text(crate::rules::words::Lang::En);
        let shown = |length| stretches(text, &pieces(length), |_| Marked::Plain);
        let whole = shown(limits::CONSOLE_MESSAGE_SHOWN - 1);
        assert!(whole.iter().all(|stretch| stretch.text.starts_with('a')));
        let cut = shown(limits::CONSOLE_MESSAGE_SHOWN);
        assert_eq!(cut.last().unwrap().text, text.with("bytes-cut", "bytes", 1));
    }
}
