//! HL7 v2 segments and batches.

use hemogate::codec::FaultKind::{ControlCharacter, Header, Record, Stray, Truncated};
use hemogate::codec::hl7::{self, SegmentOut};

use super::{field, names, places};

const MSH: &str = r"MSH|^~\&|LAB";

#[test]
fn segments_fields_and_parts_are_numbered_as_in_the_standard() {
    let text = format!("{MSH}|||20260101\rOBX|1|ST|13^ALT^L&M||a~b&c^d\r");
    let read = hl7::read(&text);
    assert_eq!(read.faults, []);
    let message = &read.messages[0];
    assert_eq!(message.delimiters(), &hl7::USUAL);
    assert_eq!(names(message), ["MSH", "OBX"]);
    assert_eq!(field(message, 0, 0), None);
    assert_eq!(field(message, 0, 1), Some("|"));
    assert_eq!(field(message, 0, 2), Some(r"^~\&"));
    assert_eq!(field(message, 0, 3), Some("LAB"));
    assert_eq!(field(message, 0, 6), Some("20260101"));
    assert_eq!(field(message, 0, 7), None);
    assert_eq!(field(message, 1, 1), Some("1"));
    let header = message.records().next().unwrap();
    let numbers: Vec<(usize, usize)> = header.fields().map(|(n, p)| (n, p.offset)).collect();
    assert_eq!(numbers, [(1, 3), (2, 4), (3, 9), (4, 13), (5, 14), (6, 15)]);
    let value = message.records().nth(1).unwrap().field(5).unwrap();
    let parts: Vec<Vec<Vec<&str>>> = value
        .repeats(&hl7::USUAL)
        .map(|repeat| {
            let components = repeat.components(&hl7::USUAL);
            components.map(|c| c.subcomponents(&hl7::USUAL).map(|p| p.text).collect()).collect()
        })
        .collect();
    assert_eq!(parts, [vec![vec!["a"]], vec![vec!["b", "c"], vec!["d"]]]);
}

#[test]
fn delimiters_are_those_of_the_header() {
    let read = hl7::read("MSH#!@%*#A\rPID#1#a!b@c*d|^~\\&\r");
    assert_eq!(read.faults, []);
    let d = *read.messages[0].delimiters();
    assert_eq!((d.field, d.component, d.repeat, d.escape), (b'#', b'!', b'@', b'%'));
    assert_eq!(d.subcomponent, Some(b'*'));
    assert_eq!(field(&read.messages[0], 1, 2), Some("a!b@c*d|^~\\&"));
}

#[test]
fn a_minimal_header_will_do() {
    for header in [r"MSH|^~\&", r"MSH|^~\&|", r"MSH|^~\", r"MSH|^~\|A", r"MSH|^~\&#|A"] {
        let text = format!("{header}\rPID|1\r");
        let read = hl7::read(&text);
        assert_eq!(read.faults, [], "{header}");
        assert_eq!(names(&read.messages[0]), ["MSH", "PID"]);
    }
    let read = hl7::read("MSH|^~\\|A\rPID|a&b\r");
    assert_eq!(read.messages[0].delimiters().subcomponent, None);
}

#[test]
fn ends_of_segments_are_tolerated_as_they_come() {
    for text in [
        format!("{MSH}\rPID|1"),
        format!("{MSH}\rPID|1\r\r"),
        format!("{MSH}\nPID|1\n"),
        format!("\r\n{MSH}\r\nPID|1\r\n"),
    ] {
        let read = hl7::read(&text);
        assert_eq!(read.faults, []);
        assert_eq!(names(&read.messages[0]), ["MSH", "PID"]);
    }
}

#[test]
fn several_messages_stand_in_one_text() {
    let text = format!("{MSH}\rPID|1\r").repeat(5);
    let read = hl7::read(&text);
    assert_eq!((read.messages.len(), read.faults), (5, vec![]));
    assert_eq!(read.messages[4].text(), format!("{MSH}\rPID|1"));
}

#[test]
fn a_name_that_is_no_segment_name_is_a_fault() {
    let text = format!("{MSH}\rpid|1\rP1|x\rZ9A|1\r9ZZ|1\rOBXX|1\rMSHX|1\r|\rPID\r");
    let read = hl7::read(&text);
    let kinds: Vec<_> = read.faults.iter().map(|fault| fault.kind).collect();
    assert_eq!(kinds, [Record; 6]);
    assert_eq!(read.faults[0].offset, MSH.len() + 1);
    assert_eq!(names(&read.messages[0]), ["MSH", "Z9A", "PID"]);
}

#[test]
fn segments_outside_a_message_are_faults() {
    let text = format!("PID|1\rhello\r{MSH}\r");
    let read = hl7::read(&text);
    assert_eq!(places(&read.faults), [(Header, 0, 5), (Stray, 6, 5)]);
    assert_eq!(read.messages.len(), 1);
}

#[test]
fn a_header_with_impossible_delimiters_makes_its_message_unreadable() {
    for header in
        ["MSH", "MSH|", "MSH|^", "MSH|^~", "MSH|||", "MSH|^^\\&", "MSH|^~\\A|", "MSH|a~\\&"]
    {
        let text = format!("{header}\rPID|1\r{MSH}\rPID|2\r");
        let read = hl7::read(&text);
        assert_eq!(places(&read.faults), [(Header, 0, header.len() + 6)], "{header}");
        assert_eq!(read.messages.len(), 1);
        assert_eq!(field(&read.messages[0], 1, 1), Some("2"));
    }
}

#[test]
fn too_many_delimiters_are_a_fault_and_the_message_is_read() {
    let read = hl7::read("MSH|^~\\&#!?|LAB\r");
    assert_eq!(places(&read.faults), [(Header, 9, 2)]);
    assert_eq!(field(&read.messages[0], 0, 3), Some("LAB"));
}

#[test]
fn control_characters_are_faults() {
    let text = format!("{MSH}\rPID|a\t|b\u{b}\u{1c}\r");
    let read = hl7::read(&text);
    let at = text.find('\t').unwrap();
    assert_eq!(places(&read.faults), [(ControlCharacter, at, 1), (ControlCharacter, at + 3, 2)]);
    assert_eq!(field(&read.messages[0], 1, 1), Some("a\t"));
}

#[test]
fn batches_are_unwrapped() {
    let text =
        format!("FHS|^~\\&|A\rBHS|^~\\&|B\r{MSH}\rPID|1\r{MSH}\rBTS|2\rBHS|^~\\&\rBTS|0\rFTS|2\r");
    let read = hl7::read(&text);
    assert_eq!(read.faults, []);
    assert_eq!(
        read.messages.iter().map(names).collect::<Vec<_>>(),
        [vec!["MSH", "PID"], vec!["MSH"]]
    );
}

#[test]
fn batches_may_stand_without_a_file_and_without_counts() {
    for text in [
        format!("BHS|^~\\&\r{MSH}\rBTS\r"),
        format!("BHS|^~\\&\r{MSH}\rBTS|\r"),
        format!("FHS|^~\\&\r{MSH}\rFTS\r"),
        format!("BHS!^~\\&\r{MSH}\rBTS!1!done\r"),
    ] {
        let read = hl7::read(&text);
        assert_eq!((read.faults, read.messages.len()), (vec![], 1));
    }
}

#[test]
fn batches_that_do_not_balance_are_faults() {
    let bhs = r"BHS|^~\&";
    let fhs = r"FHS|^~\&";
    for (text, kinds) in [
        (format!("{bhs}\r{MSH}\r"), vec![Truncated]),
        (format!("{fhs}\r{bhs}\r{MSH}\rFTS\r"), vec![Truncated]),
        (format!("{fhs}\r{bhs}\r{MSH}\r"), vec![Truncated, Truncated]),
        (format!("{bhs}\r{MSH}\r{bhs}\r{MSH}\rBTS\r"), vec![Truncated]),
        (format!("{MSH}\rBTS|1\r"), vec![Record]),
        (format!("{MSH}\rFTS|1\r"), vec![Record]),
        (format!("{bhs}\r{MSH}\rBTS|2\r"), vec![Record]),
        (format!("{bhs}\r{MSH}\rBTS|one\r"), vec![Record]),
        (format!("{fhs}\r{bhs}\r{MSH}\rBTS|1\rFTS|7\r"), vec![Record]),
        (format!("{bhs}\r{MSH}\rBTS|1\rPID|1\r"), vec![Header]),
        (format!("BHS|\r{MSH}\r"), vec![Header]),
    ] {
        let read = hl7::read(&text);
        let found: Vec<_> = read.faults.iter().map(|fault| fault.kind).collect();
        assert_eq!(found, kinds, "{text:?} {:?}", read.faults);
    }
}

#[test]
fn segments_are_written_with_their_delimiters_and_escapes() {
    let one = |text: &str| vec![vec![vec![text.to_owned()]]];
    let parts = vec![vec![vec!["a".to_owned(), "b&".to_owned()], vec!["c^".to_owned()]]];
    let segments = [
        SegmentOut { name: "MSH".to_owned(), fields: vec![one("LAB|1"), one("")] },
        SegmentOut { name: "OBX".to_owned(), fields: vec![one("1"), parts] },
    ];
    assert_eq!(hl7::write(&segments, &hl7::USUAL), "MSH|^~\\&|LAB\\F\\1|\rOBX|1|a&b\\T\\^c\\S\\\r");
    let without = hl7::USUAL;
    let without = hemogate::codec::Delimiters { subcomponent: None, ..without };
    assert_eq!(hl7::write(&segments[1..], &without), "OBX|1|a^b&^c\\S\\\r");
}
