//! Profiles as documents, and messages read by the shipped profiles.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use hemogate::analyser::{Analyser, Profile, shipped, shipped_names};
use hemogate::domain::DonationNumberScheme;

/// A profile document: never a panic, every fault has a place, and one that is accepted is kept
/// word for word, with what it extends behind it.
pub fn profile(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Profile::parse("fuzz.toml", text) {
        Ok(profile) => assert!(profile.text().starts_with(text)),
        Err(faults) => assert!(!faults.is_empty()),
    }
}

/// Any bytes read as messages of every shipped analyser: never a panic, and twice the same.
pub fn reading(data: &[u8]) {
    for message in messages(data) {
        for analyser in analysers() {
            let read = format!("{:?}", analyser.read(message));
            assert_eq!(read, format!("{:?}", analyser.read(message)));
        }
    }
}

/// Every shipped analyser.
pub(super) fn analysers() -> &'static [Analyser] {
    static ANALYSERS: OnceLock<Vec<Analyser>> = OnceLock::new();
    let analyser = |name: &str| {
        let text = shipped(name).expect("it is shipped");
        let profile = Arc::new(Profile::parse(name, text).expect("it is a profile"));
        let scheme = Arc::new(DonationNumberScheme::Isbt128);
        Analyser::new(name.to_owned(), profile, &BTreeMap::new(), scheme).expect("it is whole")
    };
    ANALYSERS.get_or_init(|| shipped_names().map(analyser).collect())
}

/// What a fixture holds, as a link would deliver it: blocks of MLLP and of block protocols without
/// what is around them, anything else as it stands.
pub(super) fn messages(data: &[u8]) -> Vec<&[u8]> {
    match data.first() {
        Some(0x0B) => {
            let body = data.get(1..).unwrap_or_default();
            vec![body.strip_suffix(b"\x1c\r").unwrap_or(body)]
        }
        Some(0x02) => {
            let starts = data.split(|byte| *byte == 0x02).skip(1);
            let text = |block: &[u8]| block.iter().position(|byte| matches!(byte, 0x03 | 0x17));
            starts.map(|block| &block[..text(block).unwrap_or(block.len())]).collect()
        }
        Some(_) | None => vec![data],
    }
}
