//! The site's key pair: Ed25519 (RFC 8032), the secret one as PKCS#8 (RFC 5958), the public one as
//! 64 hexadecimal digits. A secret key is never shown, not even by `Debug`.

use std::fmt;

use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use thiserror::Error;

use super::hex;
use crate::shape::hexadecimal;

const PUBLIC_BYTES: usize = 32;

/// The key that signs.
pub struct SiteKey {
    pair: Ed25519KeyPair,
}

/// The key that a signature is checked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey([u8; PUBLIC_BYTES]);

/// A key that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: no key was made")]
    NoRandom,
    /// Not PKCS#8 of Ed25519.
    #[error("is no Ed25519 key in PKCS#8 (DER): make one with `hemogate evidence keygen`")]
    NotSecret,
    /// Not 64 hexadecimal digits.
    #[error("is no public key: it is 64 hexadecimal digits, as in the .pub file beside the key")]
    NotPublic,
}

impl fmt::Debug for SiteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SiteKey").field("public", &self.public()).finish_non_exhaustive()
    }
}

impl SiteKey {
    /// A new key as PKCS#8, to be kept in a file that nobody else can read.
    ///
    /// # Errors
    /// [`KeyError::NoRandom`].
    pub fn generate() -> Result<Vec<u8>, KeyError> {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new());
        made.map(|document| document.as_ref().to_vec()).map_err(|_| KeyError::NoRandom)
    }

    /// Reads a key from PKCS#8, with the public key in it or without.
    ///
    /// # Errors
    /// [`KeyError::NotSecret`].
    pub fn read(pkcs8: &[u8]) -> Result<SiteKey, KeyError> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8);
        pair.map(|pair| SiteKey { pair }).map_err(|_| KeyError::NotSecret)
    }

    /// Its public key.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; PUBLIC_BYTES];
        for (to, from) in bytes.iter_mut().zip(self.pair.public_key().as_ref()) {
            *to = *from;
        }
        PublicKey(bytes)
    }

    /// The signature of a text, in hexadecimal.
    pub fn sign(&self, text: &[u8]) -> String {
        hexadecimal(self.pair.sign(text).as_ref())
    }
}

impl PublicKey {
    /// Reads a key as its file has it; blanks around it are nothing.
    ///
    /// # Errors
    /// [`KeyError::NotPublic`].
    pub fn read(text: &str) -> Result<PublicKey, KeyError> {
        let bytes = hex::read(text.trim()).ok_or(KeyError::NotPublic)?;
        bytes.try_into().map(PublicKey).map_err(|_| KeyError::NotPublic)
    }

    /// Whether the signature, in hexadecimal, is this key's of this text.
    pub(super) fn signed(&self, text: &[u8], signature: &str) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, self.0);
        hex::read(signature).is_some_and(|signature| key.verify(text, &signature).is_ok())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hexadecimal(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SiteKey {
        SiteKey::read(&SiteKey::generate().unwrap()).unwrap()
    }

    #[test]
    fn a_key_signs_and_only_its_public_key_checks() {
        let (ours, other) = (key(), key());
        let signature = ours.sign(b"text");
        assert!(ours.public().signed(b"text", &signature));
        assert!(!ours.public().signed(b"texts", &signature));
        assert!(!other.public().signed(b"text", &signature));
        assert!(!ours.public().signed(b"text", &signature.to_uppercase()));
        assert!(!ours.public().signed(b"text", ""));
    }

    #[test]
    fn a_public_key_is_read_as_it_is_written() {
        let public = key().public();
        assert_eq!(PublicKey::read(&format!("{public}\n")), Ok(public));
        let short = "0".repeat(62);
        for wrong in ["", &short, &format!("{public}00"), &"x".repeat(64)] {
            assert_eq!(PublicKey::read(wrong), Err(KeyError::NotPublic), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_and_a_key_is_not_shown() {
        assert_eq!(SiteKey::read(b"no key").unwrap_err(), KeyError::NotSecret);
        let pkcs8 = SiteKey::generate().unwrap();
        let shown = format!("{:?}", SiteKey::read(&pkcs8).unwrap());
        let secret = hexadecimal(&pkcs8[16..48]);
        assert!(shown.contains("public") && !shown.contains(&secret), "{shown}");
    }

    /// RFC 8410 section 10.3, without the public key, and its public key of section 10.1.
    #[test]
    fn a_key_made_elsewhere_is_read() {
        let pkcs8 = "302e020100300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad\
                     3afe7c28cbf1d4fbe097a88f44755842";
        let public = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
        let key = SiteKey::read(&hex::read(pkcs8).unwrap()).unwrap();
        assert_eq!(key.public().to_string(), public);
    }
}
