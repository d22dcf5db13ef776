//! Texts cut by widths.

use hemogate::codec::block::cut::{Group, Template, Width, read};
use hemogate::codec::{Delimiters, FaultKind};

use crate::{field, names, places};

fn widths(widths: &[usize]) -> Vec<Width> {
    let width = |width: &usize| match width {
        0 => Width::Rest,
        width => Width::Characters(*width),
    };
    widths.iter().map(width).collect()
}

fn template(name: &str, codes: &[&str], fields: &[usize], groups: Vec<Group>) -> Template {
    let codes = codes.iter().map(|code| (*code).to_owned()).collect();
    Template { name: name.to_owned(), codes, code_at: 0, fields: widths(fields), groups }
}

fn group(name: &str, fields: &[usize], times: Option<usize>) -> Group {
    Group { name: name.to_owned(), fields: widths(fields), times }
}

/// `D `, device, then any number of test, value and mark.
fn results() -> Vec<Template> {
    let groups = vec![group("R", &[2, 4, 1], None)];
    vec![template("D", &["D ", "DQ"], &[2, 2], groups), template("B", &["DB"], &[2, 2], vec![])]
}

#[test]
fn a_text_becomes_records_with_true_offsets() {
    let templates = results();
    let text = "D 1501  24r02 130 ";
    let read = read(text, &templates);
    assert!(read.faults.is_empty(), "{:?}", read.faults);
    let message = &read.messages[0];
    assert_eq!(names(message), ["D", "R", "R"]);
    assert_eq!((field(message, 0, 1), field(message, 0, 2)), (Some("D "), Some("15")));
    assert_eq!((field(message, 1, 2), field(message, 1, 3)), (Some("  24"), Some("r")));
    assert_eq!((field(message, 2, 1), field(message, 2, 4)), (Some("02"), None));
    for record in message.records() {
        let whole: String = record.fields().map(|(_, piece)| piece.text).collect();
        assert_eq!(whole, record.line().text);
        for (number, piece) in record.fields() {
            assert_eq!(&text[piece.offset..piece.offset + piece.text.len()], piece.text);
            assert_eq!(record.field(number), Some(piece));
        }
        assert_eq!(record.field(0), None);
    }
    assert_eq!(message.text(), text);
}

#[test]
fn nothing_is_ever_split_or_escaped() {
    let templates = [template("D", &["D "], &[2, 0], vec![])];
    let read = read("D |\\^&~\u{e9}&F&", &templates);
    let message = &read.messages[0];
    assert_eq!(message.delimiters(), &Delimiters::NONE);
    assert!(!message.has_escapes());
    let piece = message.records().next().unwrap().field(2).unwrap();
    assert_eq!(piece.component(message.delimiters(), 1), Some(piece));
    assert_eq!(piece.component(message.delimiters(), 2), None);
    assert_eq!(piece.unescaped(message.delimiters()).unwrap(), piece.text);
}

#[test]
fn a_text_that_ends_inside_a_field_is_a_fault_and_the_part_is_no_field() {
    let templates = results();
    let read = read("D 1501  24r02 13", &templates);
    assert_eq!(places(&read.faults), [(FaultKind::Truncated, 13, 3)]);
    assert_eq!(names(&read.messages[0]), ["D", "R", "R"]);
    assert_eq!(field(&read.messages[0], 2, 1), Some("02"));
    assert_eq!(field(&read.messages[0], 2, 2), None);
}

#[test]
fn a_group_that_must_come_so_often_is_missed() {
    let templates = [template("D", &["D "], &[2], vec![group("R", &[2], Some(2))])];
    assert!(read("D 0102", &templates).faults.is_empty());
    let short = read("D 01", &templates);
    assert_eq!(places(&short.faults), [(FaultKind::Truncated, 4, 0)]);
    assert_eq!(names(&short.messages[0]), ["D", "R"]);
}

#[test]
fn what_stands_behind_the_last_field_is_a_field_more() {
    let templates = [template("D", &["D "], &[2], vec![group("R", &[2], Some(1))])];
    let read = read("D 01xyz", &templates);
    assert!(read.faults.is_empty());
    assert_eq!(field(&read.messages[0], 1, 2), Some("xyz"));
}

#[test]
fn a_text_that_no_template_opens_is_a_fault_and_no_message() {
    let templates = results();
    let read = read("QR15", &templates);
    assert_eq!(places(&read.faults), [(FaultKind::Record, 0, 4)]);
    assert!(read.messages.is_empty());
    assert!(self::read("", &templates).messages.is_empty());
}

#[test]
fn several_texts_make_one_message() {
    let templates = results();
    let read = read("D 1501  24 \rZZ\rDB15", &templates);
    assert_eq!(places(&read.faults), [(FaultKind::Record, 12, 2)]);
    assert_eq!(names(&read.messages[0]), ["D", "R", "B"]);
    assert_eq!(read.messages[0].records().nth(2).unwrap().line().offset, 15);
}

#[test]
fn the_code_may_stand_further_back() {
    let mut template = template("N", &["A"], &[1, 1], vec![]);
    template.code_at = 1;
    let templates = [template];
    assert!(read("1A", &templates).faults.is_empty());
    assert_eq!(read("A1", &templates).faults.len(), 1);
}

#[test]
fn widths_count_characters_and_control_characters_are_faults() {
    let templates = [template("D", &["D "], &[2, 3, 0], vec![])];
    let read = read("D \u{e9}\u{4e2d}x\u{7}y", &templates);
    assert_eq!(field(&read.messages[0], 0, 2), Some("\u{e9}\u{4e2d}x"));
    assert_eq!(places(&read.faults), [(FaultKind::ControlCharacter, 8, 1)]);
}
