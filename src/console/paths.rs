//! Addresses of pages, from ids as they are: a rack's bar code may be any text.

use std::fmt::Write as _;

/// The page of a donation.
pub(super) fn donation(din: &str) -> String {
    below("/donations/", din)
}

/// A page below another, by an id.
pub(super) fn below(parent: &str, id: &str) -> String {
    let mut path = parent.to_owned();
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(path, "%{byte:02X}");
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_an_id_is_it_stays_one_piece_of_the_address() {
        assert_eq!(donation("G123498654321"), "/donations/G123498654321");
        assert_eq!(below("/racks/", "../a b/架\"<"), "/racks/..%2Fa%20b%2F%E6%9E%B6%22%3C");
    }
}
