//! What a line can do to the bytes of one transmission, in a bounded, chosen set of ways that
//! holds every kind of byte of a frame or block and every reply.
//!
//! One byte is changed, or is lost. A checksum modulo 256, and an exclusive or, promise to catch
//! the first always; the second is caught because every place of a frame is fixed, and because no
//! byte of a text is zero.

use hemogate::codec::lis01::{ACK, ENQ, EOT, ETB, ETX, LF, NAK, STX, TAIL};

/// Everything that may arrive in place of these bytes.
pub fn damaged(bytes: &[u8]) -> Vec<Vec<u8>> {
    match (bytes.first(), bytes.last()) {
        (Some(&STX), Some(last)) if *last != LF => damaged_block(bytes),
        _ => damaged_frame(bytes),
    }
}

/// STX, text, ETX or ETB, check: the text's first and last byte stand for all of it.
fn damaged_block(bytes: &[u8]) -> Vec<Vec<u8>> {
    let end = bytes.len() - 2;
    let changed = |at: usize, with: u8| {
        let mut other = bytes.to_vec();
        other[at] = with;
        other
    };
    let without = |at: usize| [&bytes[..at], &bytes[at + 1..]].concat();
    let mut all = vec![changed(0, b'B'), changed(0, ETX), without(0), without(1)];
    for at in [1, end - 1] {
        all.extend([bytes[at] ^ 1, STX, ETX, ACK, NAK].map(|with| changed(at, with)));
    }
    all.extend([ETX ^ ETB ^ bytes[end], bytes[end] ^ 1, ACK, STX].map(|with| changed(end, with)));
    all.extend([changed(end + 1, bytes[end + 1] ^ 1), without(end), without(end + 1)]);
    all.push(bytes[..end].to_vec());
    all
}

fn damaged_frame(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for (at, byte) in bytes.iter().enumerate() {
        for with in replacements(bytes, at, *byte) {
            let mut other = bytes.to_vec();
            other[at] = with;
            all.push(other);
        }
    }
    if let Some(start) = bytes.iter().position(|byte| *byte == STX) {
        for at in [start, start + 1, bytes.len() - TAIL, bytes.len() - 1] {
            let mut cut = bytes.to_vec();
            cut.remove(at);
            all.push(cut);
        }
        all.push(bytes[..start + 4].to_vec());
    }
    all
}

/// What one byte may become: single flipped bits that make another control character of it, ACK
/// that becomes NAK, and noise.
fn replacements(bytes: &[u8], at: usize, byte: u8) -> Vec<u8> {
    match frame_place(bytes, at) {
        None => match byte {
            ACK => vec![NAK, EOT, 0x07],
            NAK => vec![ENQ, 0x14],
            ENQ => vec![EOT, NAK, 0x07],
            EOT => vec![ENQ, ACK, 0x00],
            _ => Vec::new(),
        },
        Some(Place::Start) => vec![b'B', ETX],
        Some(Place::Number) => vec![byte ^ 1, byte ^ 2],
        Some(Place::FirstOfText) => vec![byte ^ 1, ENQ, EOT, STX, ETX],
        Some(Place::Text) => Vec::new(),
        Some(Place::End) => vec![ETX ^ ETB ^ byte, byte ^ 1, ENQ],
        Some(Place::Digit) => vec![byte ^ 1],
        Some(Place::Cr) => vec![ENQ, 0x0C],
        Some(Place::Lf) => vec![0x0B, STX],
    }
}

enum Place {
    Start,
    Number,
    FirstOfText,
    Text,
    End,
    Digit,
    Cr,
    Lf,
}

/// Where a byte stands in the frame that ends this transmission.
fn frame_place(bytes: &[u8], at: usize) -> Option<Place> {
    let start = bytes.iter().position(|byte| *byte == STX)?;
    let from_end = bytes.len() - at;
    Some(match (at.checked_sub(start)?, from_end) {
        (0, _) => Place::Start,
        (1, _) => Place::Number,
        (_, 1) => Place::Lf,
        (_, 2) => Place::Cr,
        (_, 3 | 4) => Place::Digit,
        (_, 5) => Place::End,
        (2, _) => Place::FirstOfText,
        _ => Place::Text,
    })
}
