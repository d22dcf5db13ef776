//! Chinese characters whose second GBK byte is a delimiter.

use encoding_rs::GBK;
use hemogate::codec::charset::{Charset, Text, encode};
use hemogate::codec::{Transmission, hl7, lis02};

/// Every ideograph of GBK (those of Unicode 1.1) in two bytes whose second byte is this one.
fn ideographs_ending_in(second: u8) -> Vec<char> {
    let decoded = (0x81..=0xFE_u8).filter_map(|first| {
        let bytes = [first, second];
        let text = GBK.decode_without_bom_handling_and_without_replacement(&bytes)?;
        let mut characters = text.chars();
        characters.next().filter(|_| characters.next().is_none())
    });
    decoded.filter(|character| ('\u{4E00}'..='\u{9FA5}').contains(character)).collect()
}

fn fields<'t>(read: &'t Transmission<'_>, name: &str) -> Vec<&'t str> {
    assert_eq!(read.faults, []);
    let record = read.messages[0].records().find(|record| record.name() == name).unwrap();
    record.fields().map(|(_, piece)| piece.text).collect()
}

#[test]
fn how_many_ideographs_end_in_a_delimiter() {
    let counts: Vec<usize> =
        br"|^~\`&".iter().map(|byte| ideographs_ending_in(*byte).len()).collect();
    assert_eq!(counts, [116, 116, 116, 116, 116, 0]);
}

#[test]
fn each_stays_whole_in_its_field_of_an_hl7_segment() {
    for character in br"|^~\".iter().flat_map(|byte| ideographs_ending_in(*byte)) {
        for charset in [Charset::Gbk, Charset::Gb18030] {
            let text = format!("MSH|^~\\&|A{character}|\rPID|1|{character}|x{character}^y~z|end\r");
            let bytes = encode(&text, charset).unwrap();
            assert_eq!(Text::decode(&bytes, charset).as_str(), text);
            let text = Text::decode(&bytes, charset);
            let read = hl7::read(text.as_str());
            let name = format!("x{character}");
            assert_eq!(
                fields(&read, "PID"),
                ["1", &character.to_string(), &format!("{name}^y~z"), "end"]
            );
            let third = read.messages[0].records().nth(1).unwrap().field(3).unwrap();
            assert_eq!(third.component(&hl7::USUAL, 1).unwrap().text, name);
            assert_eq!(third.repeats(&hl7::USUAL).count(), 2);
        }
    }
}

#[test]
fn each_stays_whole_in_its_field_of_a_lis02_record() {
    for (header, delimiters) in [(r"H|\^&", br"|\^".as_slice()), ("H|`^&", b"|`^")] {
        for character in delimiters.iter().flat_map(|byte| ideographs_ending_in(*byte)) {
            let text = format!("{header}\rP|1||{character}|x{character}|end\rL|1|N\r");
            let bytes = encode(&text, Charset::Gbk).unwrap();
            let text = Text::decode(&bytes, Charset::Gbk);
            let read = lis02::read(text.as_str());
            let expected = ["1", "", &character.to_string(), &format!("x{character}"), "end"];
            assert_eq!(fields(&read, "P"), expected);
            let name = read.messages[0].records().nth(1).unwrap().field(5).unwrap();
            assert_eq!(name.repeats(read.messages[0].delimiters()).count(), 1);
            assert_eq!(name.components(read.messages[0].delimiters()).count(), 1);
        }
    }
}

#[test]
fn offsets_lead_back_to_the_bytes_of_the_character() {
    for character in br"|^~\".iter().flat_map(|byte| ideographs_ending_in(*byte)) {
        let bytes = encode(&format!("P|1|中{character}|x"), Charset::Gbk).unwrap();
        let text = Text::decode(&bytes, Charset::Gbk);
        let after = text.as_str().find("|x").unwrap();
        assert_eq!(text.offset_in_bytes(after), 8);
        assert_eq!(text.offset_in_bytes(after - character.len_utf8()), 6);
        assert_eq!(text.offset_in_bytes(after - 1), 6);
    }
}
