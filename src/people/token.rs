//! Something random that a browser brings back, and the hash by which we know it again.

use std::fmt;
use std::fmt::Write as _;

use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

/// 256 random bits, in hexadecimal. Nothing shows it but [`Token::text`].
#[derive(Clone)]
pub struct Token(String);

/// What is kept of a token.
pub(super) type TokenHash = [u8; 32];

impl Token {
    /// A new one, where the system gives random numbers.
    pub(super) fn new() -> Option<Token> {
        let bytes: [u8; 32] = random()?;
        let mut text = String::with_capacity(64);
        for byte in bytes {
            // Writing to a string does not fail.
            let _written = write!(text, "{byte:02x}");
        }
        Some(Token(text))
    }

    /// For the cookie or the form.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether this is the same text. Hashes are compared, so that the time it takes says nothing
    /// about how much of it was right.
    pub fn is(&self, text: &str) -> bool {
        hash(&self.0) == hash(text)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// What is kept of a token's text.
pub(super) fn hash(text: &str) -> TokenHash {
    let mut kept = [0; 32];
    for (to, from) in kept.iter_mut().zip(digest(&SHA256, text.as_bytes()).as_ref()) {
        *to = *from;
    }
    kept
}

/// Random bytes of the system.
pub(super) fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_256_bits_is_never_the_same_and_is_not_shown() {
        let (one, two) = (Token::new().unwrap(), Token::new().unwrap());
        assert_eq!(one.text().len(), 64);
        assert!(one.is(one.text()) && !one.is(two.text()) && !one.is(""));
        assert_eq!(format!("{one:?}"), "Token(..)");
        assert_ne!(hash(one.text()).as_slice(), one.text().as_bytes());
    }
}
