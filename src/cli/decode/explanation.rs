//! `hemogate decode --explain`: byte range by byte range, what each part of the input became.

use std::io::{self, Write};

use serde::Serialize;

use crate::analyser::{Analyser, Became};
use crate::workshop::passage::{Carried, Transcript};
use crate::workshop::told::{Fate, Told, told};

/// Prints what became of every byte; whether nothing is left for a person to look at.
pub(super) fn print(
    out: &mut impl Write,
    analyser: &Analyser,
    input: &[u8],
    as_json: bool,
) -> io::Result<bool> {
    let transcript = Transcript::of(input, analyser.profile());
    let mut all_understood = transcript.is_sound();
    let mut message = 0;
    for fault in &transcript.faults {
        super::complain(fault);
    }
    for passage in &transcript.passages {
        let pieces = told(analyser, input, passage);
        all_understood &= pieces.iter().all(Told::is_accounted);
        let complete = matches!(passage.carried, Carried::Message(_));
        message += u64::from(complete);
        if as_json {
            let of_message = complete.then_some(message);
            pieces.iter().try_for_each(|piece| object(out, of_message, piece))?;
        } else {
            writeln!(out, "{}", heading(&passage.carried, message, &pieces))?;
            lines(out, &pieces)?;
        }
    }
    out.flush()?;
    Ok(all_understood)
}

fn heading(carried: &Carried, message: u64, pieces: &[Told]) -> String {
    let start = pieces.first().map_or(0, |piece| piece.range.start);
    let end = pieces.last().map_or(0, |piece| piece.range.end);
    let what = match carried {
        Carried::Message(_) => format!("message {message}"),
        Carried::Incomplete(..) => "a message that is incomplete".to_owned(),
        Carried::Nothing => "behind the last message".to_owned(),
    };
    format!("{what}, input bytes {start}..{end}")
}

/// One line for each range, in columns.
fn lines(out: &mut impl Write, pieces: &[Told]) -> io::Result<()> {
    let rows: Vec<[String; 4]> = pieces.iter().map(row).collect();
    let wide = |column: usize, most: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0).min(most)
    };
    let [bytes, place, text] = [wide(0, BYTES), wide(1, PLACE), wide(2, TEXT)];
    for [own_bytes, own_place, own_text, became] in &rows {
        writeln!(out, "  {own_bytes:<bytes$}  {own_place:<place$}  {own_text:<text$}  {became}")?;
    }
    writeln!(out)
}

/// How wide the columns may become.
const BYTES: usize = 16;
const PLACE: usize = 16;
const TEXT: usize = 32;

fn row(piece: &Told) -> [String; 4] {
    let place = if piece.place.is_empty() { "-" } else { &piece.place };
    let text = piece.text.as_ref().map_or("(not shown)".to_owned(), |text| format!("\"{text}\""));
    let mut became = words(&piece.fate);
    if piece.goes_on {
        became = format!("goes on: {became}");
    }
    for doubt in &piece.doubts {
        became = format!("{became}; IN DOUBT: {doubt}");
    }
    [format!("{}..{}", piece.range.start, piece.range.end), place.to_owned(), text, became]
}

fn words(fate: &Fate) -> String {
    match fate {
        Fate::Carried(what) => format!("frame: {what}"),
        Fate::Refused(why) => format!("REFUSED: {why}"),
        Fate::Repeated => "sent again, harmless".to_owned(),
        Fate::Read(Became::Structure(what)) => format!("structure: {what}"),
        Fate::Read(Became::Mapped { role, meaning: None }) => role.clone(),
        Fate::Read(Became::Mapped { role, meaning: Some(meaning) }) => {
            format!("{role}: {meaning}")
        }
        Fate::Read(Became::Ignored(why)) => format!("ignored: {why}"),
        Fate::Read(Became::Unaccounted(why)) => format!("UNACCOUNTED: {why}"),
    }
}

/// One range as an object of JSON.
#[derive(Serialize)]
struct Object<'p> {
    message: Option<u64>,
    start: usize,
    end: usize,
    place: &'p str,
    text: Option<&'p str>,
    became: &'static str,
    role: Option<&'p str>,
    meaning: Option<&'p str>,
    why: Option<&'p str>,
    doubts: &'p [String],
}

fn object(out: &mut impl Write, message: Option<u64>, piece: &Told) -> io::Result<()> {
    let (became, role, meaning, why) = match &piece.fate {
        Fate::Carried(what) => ("frame", None, None, Some(*what)),
        Fate::Refused(why) => ("refused", None, None, Some(*why)),
        Fate::Repeated => ("repeated", None, None, None),
        Fate::Read(Became::Structure(what)) => ("structure", None, None, Some(*what)),
        Fate::Read(Became::Mapped { role, meaning }) => {
            ("mapped", Some(role.as_str()), meaning.as_deref(), None)
        }
        Fate::Read(Became::Ignored(why)) => ("ignored", None, None, Some(why.as_str())),
        Fate::Read(Became::Unaccounted(why)) => ("unaccounted", None, None, Some(why.as_str())),
    };
    let object = Object {
        message,
        start: piece.range.start,
        end: piece.range.end,
        place: &piece.place,
        text: piece.text.as_deref(),
        became,
        role,
        meaning,
        why,
        doubts: &piece.doubts,
    };
    serde_json::to_writer(&mut *out, &object)?;
    out.write_all(b"\n")
}
