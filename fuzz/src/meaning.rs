//! Profiles as documents, and messages read by the shipped profiles.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use hemogate::analyser::{Analyser, Profile, shipped, shipped_names};
use hemogate::domain::DonationNumberScheme;

/// A profile document: never a panic, every fault has a place, and one that is accepted is kept
/// word for word.
pub fn profile(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Profile::parse("fuzz.toml", text) {
        Ok(profile) => assert_eq!(profile.text(), text),
        Err(faults) => assert!(!faults.is_empty()),
    }
}

/// Any bytes read as a message of every shipped analyser: never a panic, and twice the same.
pub fn reading(data: &[u8]) {
    static ANALYSERS: OnceLock<Vec<Analyser>> = OnceLock::new();
    for analyser in ANALYSERS.get_or_init(analysers) {
        let read = format!("{:?}", analyser.read(data));
        assert_eq!(read, format!("{:?}", analyser.read(data)));
    }
}

fn analysers() -> Vec<Analyser> {
    let analyser = |name: &str| {
        let text = shipped(name).expect("it is shipped");
        let profile = Arc::new(Profile::parse(name, text).expect("it is a profile"));
        let scheme = Arc::new(DonationNumberScheme::Isbt128);
        Analyser::new(name.to_owned(), profile, &BTreeMap::new(), scheme).expect("it is whole")
    };
    shipped_names().map(analyser).collect()
}
