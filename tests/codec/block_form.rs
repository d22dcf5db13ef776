//! Blocks: start, text, end and check.

use hemogate::codec::block::{Block, BlockFault, Form, Tail, block, encode, fits};
use proptest::prelude::*;

fn form(tail: Tail) -> Form {
    Form { tail, ..Form::STX_ETX_BCC }
}

#[test]
fn the_seven_blocks_of_a_captured_transmission_have_the_right_bcc() {
    for (text, bcc) in [(&b"SB15"[..], 0x16), (b"DB15", 0x01), (b"DE15", 0x06)] {
        let bytes = encode(text, false, &Form::STX_ETX_BCC);
        assert_eq!(bytes.last(), Some(&bcc), "{}", text.escape_ascii());
        assert_eq!(block(&bytes, &Form::STX_ETX_BCC), Ok(Block { text, goes_on: false }));
    }
}

#[test]
fn a_bcc_may_be_any_byte_those_around_a_text_included() {
    let mut seen = std::collections::BTreeSet::new();
    for byte in (0_u8..=255).filter(|byte| fits(&[*byte], &Form::STX_ETX_BCC)) {
        let bytes = encode(&[b'D', byte], false, &Form::STX_ETX_BCC);
        seen.insert(bytes[bytes.len() - 1]);
        assert_eq!(block(&bytes, &Form::STX_ETX_BCC).unwrap().text, [b'D', byte]);
    }
    for around in [0x02, 0x03, 0x17, 0x06, 0x15] {
        assert!(seen.contains(&around), "{around:02X}");
    }
}

#[test]
fn each_end_is_written_as_its_manual_shows_it() {
    let written = |tail| encode(b":AB", false, &form(tail)).escape_ascii().to_string();
    assert_eq!(written(Tail::Nothing), "\\x02:AB\\x03");
    assert_eq!(written(Tail::Xor), "\\x02:AB\\x03:");
    assert_eq!(written(Tail::CrLfBefore), "\\x02:AB\\r\\n\\x03");
    assert_eq!(written(Tail::CrLf), "\\x02:AB\\x03\\r\\n");
    assert_eq!(written(Tail::SumCr), "\\x02:AB\\x03BD\\r");
}

#[test]
fn a_part_that_goes_on_ends_in_its_own_byte() {
    let bytes = encode(b"D 15", true, &Form::STX_ETX_BCC);
    assert_eq!(bytes[5], 0x17);
    assert!(block(&bytes, &Form::STX_ETX_BCC).unwrap().goes_on);
    let without = Form { part_end: None, ..Form::STX_ETX_BCC };
    assert_eq!(block(&bytes, &without), Err(BlockFault::Malformed));
}

#[test]
fn a_wrong_check_says_both() {
    let fault = BlockFault::Check { sent: 0x17, computed: 0x16 };
    assert_eq!(block(b"\x02SB15\x03\x17", &Form::STX_ETX_BCC), Err(fault));
    assert_eq!(fault.to_string(), "check 17 sent, 16 computed");
}

#[test]
fn what_is_not_in_its_place_is_malformed() {
    let wrong: [(&[u8], Tail); 10] = [
        (b"", Tail::Xor),
        (b"\x02", Tail::Xor),
        (b"SB15\x03\x16", Tail::Xor),
        (b"\x02SB15\x03", Tail::Xor),
        (b"\x02SB15\x03\x16\x16", Tail::Xor),
        (b"\x02S\x02B15\x03\x16", Tail::Xor),
        (b"\x02:A\x03", Tail::CrLfBefore),
        (b"\x02:A\x03\n\r", Tail::CrLf),
        (b"\x02:A\x037G\r", Tail::SumCr),
        (b"\x02:A\x037B\n", Tail::SumCr),
    ];
    for (bytes, tail) in wrong {
        let read = block(bytes, &form(tail));
        assert_eq!(read, Err(BlockFault::Malformed), "{}", bytes.escape_ascii());
    }
}

#[test]
fn tails_are_known_by_their_names() {
    for tail in Tail::ALL {
        assert_eq!(Tail::from_id(tail.id()), Some(tail));
        let bytes = encode(b"x", false, &form(tail));
        assert_eq!(bytes.len(), 1 + form(tail).overhead());
    }
    assert_eq!(Tail::from_id("crc"), None);
}

proptest! {
    #[test]
    fn a_block_written_is_a_block_read(
        text in prop::collection::vec(any::<u8>(), 0..300),
        tail in prop::sample::select(Tail::ALL.to_vec()),
        goes_on: bool,
    ) {
        let form = form(tail);
        prop_assume!(fits(&text, &form));
        let bytes = encode(&text, goes_on, &form);
        prop_assert_eq!(block(&bytes, &form), Ok(Block { text: &text, goes_on }));
    }

    #[test]
    fn no_flipped_bit_makes_another_text(
        text in prop::collection::vec(0x20_u8..0x7F, 0..80),
        place: prop::sample::Index,
        bit in 0_u8..8,
    ) {
        let form = Form::STX_ETX_BCC;
        let mut bytes = encode(&text, false, &form);
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        prop_assert!(block(&bytes, &form).is_err(), "{}", bytes.escape_ascii());
    }
}
