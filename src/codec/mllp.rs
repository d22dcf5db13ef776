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

/// MLLP release 2: the whole content of a block that commits the one before.
pub const ACK: u8 = 0x06;
/// MLLP release 2: the whole content of a block that says that the one before was not committed.
pub const NAK: u8 = 0x15;

/// Wraps one message.
pub fn wrap(message: &[u8]) -> Vec<u8> {
    let mut block = Vec::with_capacity(message.len().saturating_add(3));
    block.push(VT);
    block.extend_from_slice(message);
    block.extend_from_slice(&[FS, CR]);
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_vt_message_fs_cr() {
        assert_eq!(wrap(b"MSH\r"), b"\x0bMSH\r\x1c\r");
        assert_eq!(wrap(b""), b"\x0b\x1c\r");
    }
}
