//! MLLP blocks: VT message FS CR.
//!
//! Exists so that both roles and every test wrap alike. Neither VT nor FS can stand inside a
//! message: HL7 allows no control character but CR, and no character set in use has them as the
//! second byte of a character. Where a block ends in a stream is the business of `link::mllp`.

/// Start of a block.
pub const VT: u8 = 0x0B;
/// End of a block, followed by [`CR`].
pub const FS: u8 = 0x1C;
/// Follows [`FS`]; also the end of an HL7 segment.
pub const CR: u8 = 0x0D;

/// Wraps one message.
pub fn wrap(message: &[u8]) -> Vec<u8> {
    let mut block = Vec::with_capacity(message.len().saturating_add(3));
    block.push(VT);
    block.extend_from_slice(message);
    block.extend_from_slice(&[FS, CR]);
    block
}

/// The message of one complete block; the CR after FS may be missing. `None` where the bytes
/// are not exactly one block.
pub fn unwrap(block: &[u8]) -> Option<&[u8]> {
    let body = block.strip_prefix(&[VT])?;
    let body = body.strip_suffix(&[CR]).filter(|rest| rest.ends_with(&[FS])).unwrap_or(body);
    let message = body.strip_suffix(&[FS])?;
    memchr::memchr2(VT, FS, message).is_none().then_some(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrapped_is_unwrapped() {
        for message in [&b"MSH|^~\\&\r"[..], b"", b"\r", b"A\x1dB\r\r"] {
            assert_eq!(unwrap(&wrap(message)), Some(message));
        }
        assert_eq!(wrap(b"MSH\r"), b"\x0bMSH\r\x1c\r");
    }

    #[test]
    fn a_missing_last_cr_is_tolerated() {
        assert_eq!(unwrap(b"\x0bMSH\r\x1c"), Some(&b"MSH\r"[..]));
    }

    #[test]
    fn anything_but_one_block_is_refused() {
        let wrong: [&[u8]; 7] = [
            b"",
            b"\x0b",
            b"MSH\r\x1c\r",
            b"\x0bMSH\r",
            b"\x0bMSH\r\r",
            b"\x0bA\x1c\r\x0bB\x1c\r",
            b"\x0bMSH\r\x1c\r\r",
        ];
        for block in wrong {
            assert_eq!(unwrap(block), None, "{}", block.escape_ascii());
        }
    }
}
