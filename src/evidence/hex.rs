//! Bytes read from lower-case hexadecimal digits. There is one way to write bytes, and no other is
//! read: a text that reads back differently could stand in a bundle unseen.

/// The bytes of digits; `None` for anything but pairs of lower-case digits.
pub(super) fn read(digits: &str) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?)).collect()
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::hexadecimal;

    #[test]
    fn bytes_are_read_as_they_are_written() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(read(&hexadecimal(&bytes)), Some(bytes));
        for wrong in ["0", "0G", "AF", "é0", " 0"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
