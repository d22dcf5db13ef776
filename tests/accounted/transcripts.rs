//! Files taken apart: every byte is text of a message, carries one, or was refused.

use hemogate::codec::{lis01, mllp};
use hemogate::link::{Interruption, LinkFaultKind};
use hemogate::workshop::passage::{Carried, Part, Piece, Transcript};

use crate::bench::{fixtures, profile};

/// Every byte once; every byte of a message where it came from.
fn assert_is_whole(transcript: &Transcript, input: &[u8], file: &str) {
    let mut at = 0;
    for passage in &transcript.passages {
        let mut text = Vec::new();
        for piece in &passage.pieces {
            assert_eq!(piece.range.start, at, "{file}: {piece:?}");
            assert!(piece.range.end > at, "{file}: {piece:?}");
            at = piece.range.end;
            if let Part::Text(offset) = piece.part {
                // Texts in blocks are joined with a CR that was on no line.
                text.resize(offset, b'\r');
                text.extend_from_slice(&input[piece.range.clone()]);
            }
        }
        match &passage.carried {
            Carried::Message(bytes) | Carried::Incomplete(bytes, _) => {
                assert_eq!(&text, bytes, "{file}");
            }
            Carried::Nothing => assert!(text.is_empty(), "{file}"),
        }
    }
    assert_eq!(at, input.len(), "{file}");
}

#[test]
fn every_byte_of_every_file_is_text_of_a_message_or_carries_one() {
    let mut messages = 0;
    for fixture in fixtures(&["astm", "session", "mllp", "block", "bin", "txt", "csv"]) {
        let transcript = Transcript::of(&fixture.bytes, &profile(fixture.profile));
        assert_is_whole(&transcript, &fixture.bytes, &fixture.name());
        assert!(transcript.is_sound(), "{}: {transcript:?}", fixture.name());
        messages += transcript.messages().count();
    }
    assert!(messages > 150, "only {messages} messages");
}

fn parts(transcript: &Transcript) -> Vec<&Piece> {
    transcript.passages.iter().flat_map(|passage| &passage.pieces).collect()
}

#[test]
fn a_refused_frame_and_one_sent_again_carry_nothing() {
    let frame = |number, text: &[u8]| lis01::encode_frame(number, text, lis01::End::Etx);
    let mut bad = frame(2, b"P|1\r");
    bad[4] ^= 1;
    let input = [
        vec![lis01::ENQ],
        frame(1, b"H|\\^&\r"),
        bad.clone(),
        frame(2, b"P|1\r"),
        frame(2, b"P|1\r"),
        frame(3, b"L|1|N\r"),
        vec![lis01::EOT],
    ]
    .concat();
    let transcript = Transcript::of(&input, &profile("roche-cobas-e601"));
    assert_is_whole(&transcript, &input, "session");
    assert!(!transcript.is_sound());
    let kinds: Vec<LinkFaultKind> = parts(&transcript)
        .into_iter()
        .filter_map(|piece| match piece.part {
            Part::Refused(kind) => Some(kind),
            Part::Text(_) | Part::Frame(_) => None,
        })
        .collect();
    assert_eq!(kinds, [LinkFaultKind::Checksum, LinkFaultKind::Repeated]);
    assert_eq!(transcript.messages().collect::<Vec<_>>(), [b"H|\\^&\rP|1\rL|1|N\r"]);
}

#[test]
fn a_transfer_that_ends_too_early_is_told_with_what_came() {
    let frame = lis01::encode_frame(1, b"H|\\^&\r", lis01::End::Etx);
    let input = [vec![lis01::ENQ], frame, vec![lis01::EOT]].concat();
    let transcript = Transcript::of(&input, &profile("roche-cobas-e601"));
    assert_is_whole(&transcript, &input, "session");
    assert!(!transcript.is_sound());
    let why = Interruption::EndOfTransmission;
    assert_eq!(transcript.passages[0].carried, Carried::Incomplete(b"H|\\^&\r".to_vec(), why));
}

#[test]
fn noise_between_blocks_is_refused() {
    let message = b"MSH|^~\\&|BS-480|||||||||P|2.3.1\r";
    let input = [mllp::wrap(message), b"noise".to_vec(), mllp::wrap(message)].concat();
    let transcript = Transcript::of(&input, &profile("mindray-bs"));
    assert_is_whole(&transcript, &input, "blocks");
    assert_eq!(transcript.messages().count(), 2);
    let noise = parts(&transcript).into_iter().find(|piece| {
        matches!(piece.part, Part::Refused(LinkFaultKind::Noise)) && piece.range.len() == 5
    });
    assert!(noise.is_some(), "{transcript:?}");
}

/// A capture that begins inside a session, and one with nothing in it.
#[test]
fn a_file_may_begin_anywhere() {
    let message = b"H|\\^&\rL|1|N\r";
    let input = lis01::encode_frame(1, message, lis01::End::Etx);
    let transcript = Transcript::of(&input, &profile("roche-cobas-e601"));
    assert_is_whole(&transcript, &input, "frame");
    assert_eq!(transcript.messages().count(), 1);
    let nothing = Transcript::of(b"", &profile("roche-cobas-e601"));
    assert!(nothing.passages.is_empty() && nothing.is_sound());
}
