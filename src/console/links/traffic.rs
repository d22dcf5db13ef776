//! What passed over a line lately: decoded for the eye, and in hexadecimal beside it.

use askama::Template;

use crate::codec::readable;
use crate::console::text::Text;
use crate::limits;
use crate::shape::hexadecimal;
use crate::telemetry::fault_id;
use crate::traffic::{Piece, PieceKind, Post};

#[derive(Template)]
#[template(path = "links_traffic.html")]
struct Traffic {
    text: &'static Text,
    pieces: Vec<Shown>,
    head: u64,
}

/// One piece for the eye.
struct Shown {
    at: String,
    connection: u64,
    /// The word of its kind.
    kind: &'static str,
    mark: &'static str,
    /// Bytes with control characters by name, or words.
    decoded: String,
    hex: Option<String>,
    /// How many bytes there were, where not all of them are shown.
    cut_of: Option<usize>,
}

/// The last pieces, the latest first.
pub(super) fn region(text: &'static Text, post: &Post) -> Option<String> {
    let head = post.view().head;
    let after = head.saturating_sub(limits::TRAFFIC_SHOWN_MAX as u64);
    let page = post.traffic(Some(after), limits::TRAFFIC_SHOWN_MAX);
    let pieces = page.pieces.iter().rev().map(shown).collect();
    Traffic { text, pieces, head: page.head }.render().ok()
}

fn shown(piece: &Piece) -> Shown {
    let bytes = piece.bytes.get(..limits::TRAFFIC_SHOWN_BYTES).unwrap_or(&piece.bytes);
    let words = || String::from_utf8_lossy(bytes).into_owned();
    let (kind, mark, decoded, is_bytes) = match piece.kind {
        PieceKind::Received => ("received", "→", readable(bytes), true),
        PieceKind::Sent => ("sent", "←", readable(bytes), true),
        PieceKind::Opened => ("opened", "●", words(), false),
        PieceKind::Closed => ("closed", "○", words(), false),
        PieceKind::Message => ("message", "✔", words(), false),
        PieceKind::Fault(fault) => {
            ("fault", "✖", format!("{}: {}", fault_id(fault), words()), false)
        }
        PieceKind::Note => ("note", "▲", words(), false),
    };
    Shown {
        at: piece.at.utc.strftime("%H:%M:%S%.3f").to_string(),
        connection: piece.connection.0,
        kind,
        mark,
        decoded,
        hex: is_bytes.then(|| grouped(&hexadecimal(bytes))),
        cut_of: (bytes.len() < piece.length).then_some(piece.length),
    }
}

/// Two digits and a blank for each byte.
fn grouped(hex: &str) -> String {
    let digits: Vec<char> = hex.chars().collect();
    let bytes = digits.chunks(2).map(|byte| byte.iter().collect::<String>());
    bytes.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;
    use crate::clock::At;
    use crate::console::text::text;
    use crate::rules::words::Lang;
    use crate::traffic::{Board, PostInfo};

    fn post() -> std::sync::Arc<Post> {
        let at = at();
        Board::new(at).post(PostInfo {
            analyser: "serology".to_owned(),
            profile: "roche-cobas-e601".to_owned(),
            line: "TCP".to_owned(),
            silence_after: None,
            instrument: None,
        })
    }

    fn at() -> At {
        let moment = crate::clock::moment().plus(Duration::ZERO);
        At { moment, utc: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn bytes_are_shown_decoded_and_in_hexadecimal_with_their_direction() {
        let post = post();
        let connection = post.connected("127.0.0.1:4000", at());
        post.received(connection, b"\x021H|<b>\x03", at());
        post.sent(connection, b"\x06", at());
        let html = region(text(Lang::En), &post).unwrap();
        assert!(html.contains("&#60;STX&#62;1H|&#60;b&#62;&#60;ETX&#62;"), "{html}");
        assert!(html.contains("02 31 48 7c 3c 62 3e 03"), "{html}");
        let (sent, received) = (html.find("&#60;ACK&#62;"), html.find("&#60;STX&#62;"));
        assert!(sent < received, "the latest stands first");
    }

    #[test]
    fn the_last_pieces_are_shown_up_to_their_bound_and_each_up_to_its_own() {
        let post = post();
        let connection = post.connected("127.0.0.1:4000", at());
        for number in 0..=limits::TRAFFIC_SHOWN_MAX {
            post.received(connection, format!("piece {number};").as_bytes(), at());
        }
        let html = region(text(Lang::En), &post).unwrap();
        assert!(!html.contains("piece 0;") && html.contains("piece 1;"), "{html}");

        post.received(connection, &vec![b'x'; limits::TRAFFIC_SHOWN_BYTES], at());
        let whole = region(text(Lang::En), &post).unwrap();
        assert!(!whole.contains("cut"), "{whole}");
        post.received(connection, &vec![b'x'; limits::TRAFFIC_SHOWN_BYTES + 1], at());
        let cut = region(text(Lang::En), &post).unwrap();
        let told = format!("cut: {} bytes", limits::TRAFFIC_SHOWN_BYTES + 1);
        assert!(cut.contains(&told), "{cut}");
    }
}
