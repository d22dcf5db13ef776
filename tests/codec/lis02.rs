//! LIS02-A2 records.

use hemogate::codec::FaultKind::{ControlCharacter, Header, Record, Stray, Truncated};
use hemogate::codec::lis02::{self, RecordOut, components, plain};
use hemogate::limits::FAULTS_MAX;

use super::{field, names, places};

#[test]
fn records_fields_repeats_and_components_are_numbered_as_in_the_standard() {
    let text = "H|\\^&|||cobas6000^1\rO|1|D1^7|x|^^^HIV\\^^^HCV|R\rL|1|N\r";
    let read = lis02::read(text);
    assert_eq!(read.faults, []);
    let message = &read.messages[0];
    assert_eq!(message.delimiters(), &lis02::USUAL);
    assert_eq!(message.text(), text.trim_end());
    assert_eq!(names(message), ["H", "O", "L"]);
    assert_eq!(field(message, 0, 1), Some("H"));
    assert_eq!(field(message, 0, 2), Some(r"\^&"));
    assert_eq!(field(message, 0, 5), Some("cobas6000^1"));
    assert_eq!(field(message, 1, 3), Some("D1^7"));
    assert_eq!(field(message, 1, 7), None);
    let order = message.records().nth(1).unwrap();
    let tests = order.field(5).unwrap();
    let codes: Vec<&str> = tests
        .repeats(message.delimiters())
        .map(|test| test.components(message.delimiters()).nth(3).unwrap().text)
        .collect();
    assert_eq!(codes, ["HIV", "HCV"]);
    let second = order.field(3).unwrap().component(message.delimiters(), 2).unwrap();
    assert_eq!((second.text, second.offset), ("7", text.find("7|x").unwrap()));
    assert_eq!(order.field(3).unwrap().component(message.delimiters(), 0), None);
    assert_eq!(order.field(3).unwrap().component(message.delimiters(), 3), None);
    let numbers: Vec<usize> = order.fields().map(|(number, _)| number).collect();
    assert_eq!(numbers, [2, 3, 4, 5, 6]);
    assert_eq!(order.line().text, "O|1|D1^7|x|^^^HIV\\^^^HCV|R");
}

#[test]
fn a_lis02_component_is_its_own_subcomponent() {
    let read = lis02::read("H|\\^&\rP|a&b\rL|1\r");
    let message = &read.messages[0];
    let piece = message.records().nth(1).unwrap().field(2).unwrap();
    let parts: Vec<&str> = piece.subcomponents(message.delimiters()).map(|p| p.text).collect();
    assert_eq!(parts, ["a&b"]);
}

#[test]
fn fm_22_any_legal_minimal_header_is_accepted() {
    for header in [
        r"H|\^&",
        r"H|\^&|",
        r"H|\^&|||",
        r"h|\^&",
        r"H|\^&|||||||||||||",
        "H|`^&",
        "H!~$%",
        r#"H|\^&|"""#,
    ] {
        for end in ["\r", "\n", "\r\n"] {
            let text = format!("{header}{end}P|1{end}R|1||{end}L|1|N{end}");
            let text = text.replace('|', &header[1..2]);
            let read = lis02::read(&text);
            assert_eq!(read.faults, [], "{header}");
            assert_eq!(names(&read.messages[0]), ["H", "P", "R", "L"], "{header}");
        }
    }
}

#[test]
fn fm_22_nil_fields_are_fields_like_others() {
    let read = lis02::read("H|\\^&\rP\rO|1||||||\rR||\rL\r");
    assert_eq!(read.faults, []);
    let message = &read.messages[0];
    assert_eq!(names(message), ["H", "P", "O", "R", "L"]);
    assert_eq!(field(message, 1, 1), Some("P"));
    assert_eq!(field(message, 1, 2), None);
    assert_eq!(field(message, 2, 8), Some(""));
    assert_eq!(field(message, 2, 9), None);
    assert_eq!(field(message, 4, 2), None);
}

#[test]
fn delimiters_hold_from_their_header_to_the_next() {
    let read = lis02::read("H|`^&\rR|1|A`B\\C\rL|1\rH!\\^&\rR!1!A`B\\C|D\rL!1\r");
    assert_eq!(read.faults, []);
    let repeats = |n: usize| {
        let message = &read.messages[n];
        let piece = message.records().nth(1).unwrap().field(3).unwrap();
        piece.repeats(message.delimiters()).map(|p| p.text.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(repeats(0), ["A", "B\\C"]);
    assert_eq!(repeats(1), ["A`B", "C|D"]);
}

#[test]
fn lower_case_record_types_are_records() {
    let read = lis02::read("h|\\^&\rp|1\ro|1|D1\rr|1\rc|1\rq|1\rm|1\rs|1\rl|1\r");
    assert_eq!(read.faults, []);
    assert_eq!(names(&read.messages[0]), ["H", "P", "O", "R", "C", "Q", "M", "S", "L"]);
    assert_eq!(field(&read.messages[0], 2, 1), Some("o"));
}

#[test]
fn line_ends_may_be_missing_doubled_or_mixed() {
    let read = lis02::read("\r\nH|\\^&\r\n\r\nP|1\n\n\rL|1|N");
    assert_eq!(read.faults, []);
    assert_eq!(names(&read.messages[0]), ["H", "P", "L"]);
    assert_eq!(field(&read.messages[0], 2, 3), Some("N"));
}

#[test]
fn nothing_is_nothing() {
    for text in ["", "\r", "\r\n\r\n"] {
        let read = lis02::read(text);
        assert!(read.messages.is_empty() && read.faults.is_empty());
    }
}

#[test]
fn several_messages_stand_in_one_text() {
    let one = "H|\\^&\rP|1\rL|1\r";
    let text = one.repeat(3);
    let read = lis02::read(&text);
    assert_eq!((read.messages.len(), read.faults), (3, vec![]));
    let texts: Vec<&str> = read.messages.iter().map(|message| message.text()).collect();
    assert_eq!(texts, [one.trim_end(); 3]);
}

#[test]
fn a_message_without_l_is_truncated_and_still_read() {
    let read = lis02::read("H|\\^&\rP|1\rH|\\^&\rP|1\rL|1\r");
    assert_eq!(places(&read.faults), [(Truncated, 9, 0)]);
    assert_eq!(names(&read.messages[0]), ["H", "P"]);
    assert_eq!(names(&read.messages[1]), ["H", "P", "L"]);
    let read = lis02::read("H|\\^&\rR|1|^^^A|-1");
    assert_eq!(places(&read.faults), [(Truncated, 17, 0)]);
}

#[test]
fn records_outside_a_message_are_faults() {
    let read = lis02::read("R|1|A\rH|\\^&\rL|1\rP|1\rnoise\r");
    assert_eq!(places(&read.faults), [(Header, 0, 5), (Header, 16, 3), (Stray, 20, 5)]);
    assert_eq!(read.messages.len(), 1);
}

#[test]
fn unknown_records_are_faults_and_not_in_the_message() {
    let read = lis02::read("H|\\^&\rX|1|NAME\rPP|1\r|1\rH\rP|1\rL|1\r");
    assert_eq!(
        places(&read.faults),
        [(Record, 6, 8), (Record, 15, 4), (Record, 20, 2), (Record, 23, 1)]
    );
    assert!(read.faults[0].text.contains("\"X\"") && !read.faults[0].text.contains("NAME"));
    assert_eq!(names(&read.messages[0]), ["H", "P", "L"]);
}

#[test]
fn a_header_with_impossible_delimiters_makes_its_message_unreadable() {
    for header in
        ["H", "H|", r"H|\^", r"H|\^|", "H|||", "HA\\^&A", "H|\\^1", "H \\^&", "H|\\\t&|", "H|中^&"]
    {
        let text = format!("{header}\rP|1\rR|1|A\rL|1|N\rH|\\^&\rL|1\r");
        let read = lis02::read(&text);
        let length = header.len() + "\rP|1\rR|1|A\rL|1|N".len();
        assert_eq!(places(&read.faults), [(Header, 0, length)], "{header}");
        assert_eq!(read.messages.len(), 1, "{header}");
    }
}

#[test]
fn an_unreadable_message_ends_at_the_next_header_if_it_has_no_l() {
    let read = lis02::read("H|||\rP|1\rH|\\^&\rL|1\r");
    assert_eq!(places(&read.faults), [(Header, 0, 8)]);
    assert_eq!(read.messages.len(), 1);
}

#[test]
fn a_fifth_delimiter_is_a_fault_and_the_message_is_read() {
    let read = lis02::read("H|\\^&~#|x\rL|1\r");
    assert_eq!(places(&read.faults), [(Header, 5, 2)]);
    assert_eq!(field(&read.messages[0], 0, 3), Some("x"));
}

#[test]
fn control_characters_are_faults_unless_the_standard_allows_them() {
    let read = lis02::read("H|\\^&\rR|1|a\0\u{2}b\x7F|\tc\u{b}\u{c}\u{7}\rL|1\r");
    assert_eq!(places(&read.faults), [(ControlCharacter, 11, 2), (ControlCharacter, 14, 1)]);
    assert_eq!(read.faults[0].text, "control character 0x00");
    assert_eq!(field(&read.messages[0], 1, 3), Some("a\0\u{2}b\x7F"));
}

#[test]
fn faults_are_listed_up_to_their_bound() {
    let noisy = |count: usize| format!("H|\\^&\rP|{}\rL|1\r", "\u{2}a".repeat(count));
    assert_eq!(lis02::read(&noisy(FAULTS_MAX)).faults.last().unwrap().length, 1);
    let text = noisy(FAULTS_MAX + 1);
    let read = lis02::read(&text);
    assert_eq!((read.faults.len(), read.faults.last().unwrap().length), (FAULTS_MAX, 3));
}

#[test]
fn records_are_written_with_their_delimiters_and_escapes() {
    let record = |name: &str, fields| RecordOut { name: name.to_owned(), fields };
    let records = [
        record("H", vec![plain(""), plain("PSWD"), components(&["host", "1"])]),
        record("O", vec![plain("1"), plain("D&1"), vec![vec!["a".into()], vec!["b|".into()]]]),
        record("L", vec![plain("1"), plain("N")]),
    ];
    assert_eq!(
        lis02::write(&records, &lis02::USUAL),
        "H|\\^&||PSWD|host^1\rO|1|D&E&1|a\\b&F&\rL|1|N\r"
    );
}
