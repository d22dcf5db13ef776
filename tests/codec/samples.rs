//! Whole samples (constructed from public layouts; values invented), read without any fault.

use hemogate::codec::charset::{Charset, Text};
use hemogate::codec::{hl7, lis02};

use super::{field, names};

/// The contents of MLLP blocks.
fn blocks(bytes: &[u8]) -> Vec<&[u8]> {
    let ends = bytes.split(|byte| *byte == 0x1C);
    ends.filter_map(|block| Some(&block[block.iter().position(|byte| *byte == 0x0B)? + 1..]))
        .collect()
}

/// The contents of the MLLP blocks in a dialogue (C-escaped, one block a line).
fn dialogue(text: &str) -> Vec<String> {
    let blocks = text.lines().filter_map(|line| {
        let block = line.split_once("\\x0b")?.1.split_once("\\x1c")?.0;
        Some(block.replace("\\r", "\r").replace("\\\\", "\\"))
    });
    blocks.collect()
}

#[test]
fn a_nucleic_acid_analyser_in_lis02() {
    let bytes = include_bytes!("../../fixtures/codec/grifols-procleix-panther-ultrio-elite.astm");
    let text = Text::decode(bytes, Charset::Iso8859(1));
    let read = lis02::read(text.as_str());
    assert_eq!((text.faults(), &read.faults[..]), ([].as_slice(), [].as_slice()));
    let message = &read.messages[0];
    assert_eq!(names(message), ["H", "P", "O", "R", "R", "R", "R", "R", "O", "R", "R", "L"]);
    assert_eq!(field(message, 2, 3), Some("D0000000001"));
    let aspect = message.records().nth(7).unwrap().field(3).unwrap();
    assert_eq!(aspect.component(message.delimiters(), 5).unwrap().text, "OverallInterpretation");
    assert_eq!(field(message, 7, 4), Some("NonReactive"));
}

#[test]
fn a_nucleic_acid_analyser_in_hl7() {
    let bytes = include_bytes!("../../fixtures/codec/roche-cobas6800-mpx-donor-screening.mllp");
    let blocks = blocks(bytes);
    assert!(blocks.len() > 2);
    for block in blocks {
        assert_eq!(hl7::declared_charset(block), Ok(Some(Charset::Utf8)));
        let text = Text::decode(block, Charset::Utf8);
        let read = hl7::read(text.as_str());
        assert_eq!((text.faults(), &read.faults[..]), ([].as_slice(), [].as_slice()));
        assert_eq!(read.messages.len(), 1);
        let message = &read.messages[0];
        assert_eq!(names(message)[..2], ["MSH", "SPM"]);
        assert_eq!(field(message, 0, 21), Some("LAB-29^IHE"));
    }
}

#[test]
fn dialogues_of_results_queries_and_orders() {
    for text in [
        include_str!("../../fixtures/codec/law-query-order-result.dlg"),
        include_str!("../../fixtures/codec/mindray-bs-qc-result.dlg"),
    ] {
        let blocks = dialogue(text);
        assert!(blocks.len() >= 2);
        for block in blocks {
            let read = hl7::read(&block);
            assert_eq!((read.faults, read.messages.len()), (vec![], 1), "{block}");
            assert_eq!(read.messages[0].text(), block.trim_end());
        }
    }
}
