//! Readers of bytes: they never panic, what they say of places is true, and what they write they
//! read back.

use hemogate::codec::block::{self, Form, Tail, block, fits};
use hemogate::codec::charset::{Charset, Text, encode};
use hemogate::codec::lis01::{self, FrameFault};
use hemogate::codec::table::{self, Body, Form as TableForm, Separator};
use hemogate::codec::{Delimiters, Piece, Transmission, hl7 as segments, lis02};
use hemogate::limits;

/// Every character set.
const CHARSETS: [Charset; 16] = [
    Charset::Ascii,
    Charset::Utf8,
    Charset::Gb18030,
    Charset::Gbk,
    Charset::Big5,
    Charset::ShiftJis,
    Charset::Iso8859(1),
    Charset::Iso8859(2),
    Charset::Iso8859(3),
    Charset::Iso8859(4),
    Charset::Iso8859(5),
    Charset::Iso8859(6),
    Charset::Iso8859(7),
    Charset::Iso8859(8),
    Charset::Iso8859(9),
    Charset::Iso8859(15),
];

/// One LIS01 frame: what is accepted is what would have been written, and no single changed byte
/// of it is accepted as anything else.
pub fn frame(data: &[u8]) {
    match lis01::frame(data) {
        Ok(frame) => {
            let mut again = lis01::encode_frame(frame.number, frame.text, frame.end);
            let mut sent = data.to_vec();
            sent.make_ascii_uppercase();
            again.make_ascii_uppercase();
            assert_eq!(sent, again);
            damage(data, &frame);
        }
        Err(FrameFault::Checksum { sent, computed }) => assert_ne!(sent, computed),
        Err(FrameFault::Malformed) => {}
    }
    let text: Vec<u8> = data.iter().copied().filter(|byte| !is_frame_byte(*byte)).collect();
    for end in [lis01::End::Etb, lis01::End::Etx] {
        let number = text.first().map_or(0, |byte| byte % 8);
        let bytes = lis01::encode_frame(number, &text, end);
        let frame = lis01::frame(&bytes).expect("what is written is read");
        assert_eq!((frame.number, frame.text, frame.end), (number, &text[..], end));
    }
}

fn is_frame_byte(byte: u8) -> bool {
    [lis01::STX, lis01::ETX, lis01::ETB].contains(&byte)
}

/// Changes one byte at a time, at no more than 32 places.
fn damage(good: &[u8], frame: &lis01::Frame<'_>) {
    let step = (good.len() / 32).max(1);
    for at in (0..good.len()).step_by(step) {
        let mut bytes = good.to_vec();
        bytes[at] ^= 1 << (at % 7);
        if let Ok(other) = lis01::frame(&bytes) {
            let same_digits = bytes.eq_ignore_ascii_case(good);
            assert!(same_digits && other == *frame, "byte {at} of {good:02x?}");
        }
    }
}

/// Blocks of block protocols, in every form: what is accepted is what would have been written, and
/// where a check stands, no single changed byte is accepted.
pub fn blocks(data: &[u8]) {
    for tail in Tail::ALL {
        let form = Form { tail, ..Form::STX_ETX_BCC };
        if let Ok(found) = block(data, &form) {
            let again = block::encode(found.text, found.goes_on, &form);
            assert!(again.eq_ignore_ascii_case(data), "{form:?}");
        }
        let text: Vec<u8> = data.iter().copied().filter(|byte| fits(&[*byte], &form)).collect();
        for goes_on in [false, true] {
            let bytes = block::encode(&text, goes_on, &form);
            let found = block(&bytes, &form).expect("what is written is read");
            assert_eq!((found.text, found.goes_on), (&text[..], goes_on));
            if tail.protects() {
                damage_block(&bytes, &form);
            }
        }
    }
}

/// Changes one byte at a time, at no more than 32 places.
fn damage_block(good: &[u8], form: &Form) {
    let step = (good.len() / 32).max(1);
    for at in (0..good.len()).step_by(step) {
        let mut bytes = good.to_vec();
        bytes[at] ^= 1 << (at % 7);
        if block(&bytes, form).is_ok() {
            assert!(bytes.eq_ignore_ascii_case(good), "byte {at} of {good:02x?}");
        }
    }
}

/// LIS02 records in any character set.
pub fn records(data: &[u8]) {
    let (charset, bytes) = chosen(data);
    let text = Text::decode(bytes, charset);
    places(text.as_str(), &lis02::read(text.as_str()));
}

/// Files of rows and of plates: a file is refused with a fault or every record has the fields of its
/// form, and what can be written is read back.
pub fn tables(data: &[u8]) {
    let (charset, bytes) = chosen(data);
    let text = Text::decode(bytes, charset);
    for form in table_forms() {
        let read = table::read(text.as_str(), &form);
        places(text.as_str(), &read);
        let (Body::Rows { columns: fields, .. } | Body::Plate { blocks: fields, .. }) = &form.body;
        for record in read.messages.iter().flat_map(|message| message.records()) {
            let wanted = if record.name() == table::HEAD { form.head.len() } else { fields.len() };
            let found = record.fields().count();
            assert!(found == wanted || is_titled(&form) && found > wanted, "{found} of {wanted}");
        }
        let cells: Vec<String> =
            text.as_str().split(['\n', '\r']).take(64).map(str::to_owned).collect();
        let records: Vec<Vec<String>> =
            cells.chunks_exact(fields.len()).map(<[String]>::to_vec).collect();
        let head: Vec<String> = form.head.iter().map(|_| "x".to_owned()).collect();
        if let Ok(written) = table::write(&form, &head, &records) {
            assert!(table::read(&written, &form).faults.is_empty());
        }
    }
}

const fn is_titled(form: &TableForm) -> bool {
    matches!(form.body, Body::Rows { titled: true, .. })
}

fn table_forms() -> Vec<TableForm> {
    let titles = |titles: &[&str]| titles.iter().map(|title| (*title).to_owned()).collect();
    let blocks = titles(&["Sample ID", "Position", "Ratio"]);
    let (positions, filled) = (Some(2), vec![1]);
    let plate = Body::Plate { rows: 2, columns: 3, blocks, positions, filled };
    let rows = |titled| Body::Rows { columns: titles(&["Sample ID", "Result"]), titled };
    let mut forms = Vec::new();
    for separator in Separator::ALL {
        for body in [rows(true), rows(false), plate.clone()] {
            let quote = (separator != Separator::Bar).then_some(b'"');
            let end = (separator != Separator::Comma).then(|| "[end]".to_owned());
            forms.push(TableForm { separator, quote, head: titles(&["Assay"]), end, body });
        }
    }
    forms
}

/// HL7 segments: the reader, the declared character set and the acknowledgement.
pub fn hl7(data: &[u8]) {
    let charset = match segments::declared_charset(data) {
        Ok(declared) => declared.unwrap_or(Charset::Ascii),
        Err(_) => Charset::Utf8,
    };
    let text = Text::decode(data, charset);
    places(text.as_str(), &segments::read(text.as_str()));
    let _ = segments::ack_header(data);
    let code = segments::AckCode::Accept;
    let bytes = segments::acknowledgement(data, code, "a\rMSH|b", "20260101120000");
    assert!(bytes.len() <= 2 * limits::HL7_HEADER_MAX + 1_024, "{} bytes", bytes.len());
    assert_eq!(bytes.iter().filter(|byte| **byte == b'\r').count(), 2, "MSH and MSA");
    assert!(!bytes.iter().any(|byte| [0x0B, 0x1C].contains(byte)), "it fits into a block");
}

/// Character sets: faults and offsets lie inside, and what was decoded without fault is written
/// back to text that decodes the same.
pub fn charset(data: &[u8]) {
    for charset in CHARSETS {
        let text = Text::decode(data, charset);
        let mut last = 0;
        for fault in text.faults() {
            assert!(fault.offset >= last && fault.offset + fault.length <= data.len());
            last = fault.offset;
        }
        offsets(&text, data.len());
        if !text.faults().is_empty() {
            continue;
        }
        if let Ok(bytes) = encode(text.as_str(), charset) {
            let again = Text::decode(&bytes, charset);
            assert_eq!(again.as_str(), text.as_str(), "{charset:?}");
            assert!(again.faults().is_empty());
        }
    }
}

/// Offsets in the bytes go up with offsets in the text, and end where the bytes end.
fn offsets(text: &Text<'_>, length: usize) {
    let step = (text.as_str().len() / 64).max(1);
    let mut last = 0;
    for at in (0..text.as_str().len()).step_by(step) {
        let offset = text.offset_in_bytes(at);
        assert!(offset >= last && offset < length.max(1), "{at} is at {offset} of {length}");
        last = offset;
    }
    assert_eq!(text.offset_in_bytes(text.as_str().len()), length);
}

/// The first byte chooses a character set, unless it looks like the beginning of a text.
fn chosen(data: &[u8]) -> (Charset, &[u8]) {
    match data.split_first() {
        Some((first, rest)) if *first >= 0x80 => {
            (CHARSETS[usize::from(*first) % CHARSETS.len()], rest)
        }
        Some(_) | None => (Charset::Utf8, data),
    }
}

/// Every piece stands where it says, down to the sub-components.
fn places(text: &str, transmission: &Transmission<'_>) {
    for message in &transmission.messages {
        for record in message.records() {
            for (number, field) in record.fields() {
                assert_eq!(record.field(number), Some(field));
                below(text, field, message.delimiters());
            }
        }
    }
    let faults = &transmission.faults;
    assert!(faults.len() <= limits::FAULTS_MAX);
    assert!(faults.is_sorted_by_key(|fault| fault.offset));
    for fault in faults {
        assert!(text.get(fault.offset..fault.offset + fault.length).is_some(), "{fault:?}");
    }
}

fn below(text: &str, field: Piece<'_>, delimiters: &Delimiters) {
    for repeat in field.repeats(delimiters) {
        for component in repeat.components(delimiters) {
            for piece in component.subcomponents(delimiters) {
                let end = piece.offset + piece.text.len();
                assert_eq!(text.get(piece.offset..end), Some(piece.text));
                if let Err(fault) = piece.unescaped(delimiters) {
                    assert!(fault.offset >= piece.offset && fault.offset + fault.length <= end);
                }
            }
        }
    }
}
