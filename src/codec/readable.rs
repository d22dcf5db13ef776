//! Bytes of a line for people: control characters by name.

/// Bytes for the eye: ASCII as it is, control characters by name (`<STX>`), others in hexadecimal
/// (`<B5>`). What counts are the bytes: an analyser may write `<STX>` in so many letters.
pub fn readable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match (byte, CONTROLS.get(usize::from(*byte))) {
            (_, Some(name)) => text.extend(["<", name, ">"]),
            (0x7F, None) => text.push_str("<DEL>"),
            (0x20..=0x7E, None) => text.push(char::from(*byte)),
            (_, None) => text += &format!("<{byte:02X}>"),
        }
    }
    text
}

/// ASCII (ISO 646): the control characters from 0 on.
const CONTROLS: [&str; 32] = [
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR",
    "SO", "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC",
    "FS", "GS", "RS", "US",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_shown() {
        let frame = b"\x05\x021H|\\^&\r\x03A7\r\n\x15\x7F\xE4";
        let shown = "<ENQ><STX>1H|\\^&<CR><ETX>A7<CR><LF><NAK><DEL><E4>";
        assert_eq!(readable(frame), shown);
        assert_eq!(readable(b"\x0bMSH\x1c\x1f\x00 ~\r"), "<VT>MSH<FS><US><NUL> ~<CR>");
    }
}
