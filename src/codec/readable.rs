//! Bytes of a line for people: control characters by name.

use super::lis01;

/// The bytes as text, with control characters by their names (`<STX>`, `<CR>`) and what is not
/// ASCII as hexadecimal (`<B5>`).
pub fn readable(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        match (name(*byte), *byte) {
            (Some(name), _) => {
                out.push('<');
                out.push_str(name);
                out.push('>');
            }
            (None, 0x20..=0x7E) => out.push(char::from(*byte)),
            (None, other) => out.push_str(&format!("<{other:02X}>")),
        }
    }
    out
}

const fn name(byte: u8) -> Option<&'static str> {
    match byte {
        lis01::STX => Some("STX"),
        lis01::ETX => Some("ETX"),
        lis01::EOT => Some("EOT"),
        lis01::ENQ => Some("ENQ"),
        lis01::ACK => Some("ACK"),
        lis01::NAK => Some("NAK"),
        lis01::ETB => Some("ETB"),
        lis01::CR => Some("CR"),
        lis01::LF => Some("LF"),
        0x0B => Some("VT"),
        0x1C => Some("FS"),
        0x00 => Some("NUL"),
        0x11 => Some("DC1"),
        0x13 => Some("DC3"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_have_names_and_other_bytes_their_numbers() {
        assert_eq!(readable(b"\x021H|\\^&\r\x0397\r\n"), "<STX>1H|\\^&<CR><ETX>97<CR><LF>");
        assert_eq!(readable(b"\x0bMSH\x1c\r"), "<VT>MSH<FS><CR>");
        assert_eq!(readable(&[0x01, 0x7F, 0xB5]), "<01><7F><B5>");
    }
}
