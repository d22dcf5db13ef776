//! Every fixture of every analyser that ships.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use hemogate::analyser::{Analyser, Profile, shipped, shipped_names};
use hemogate::codec::lis01;
use hemogate::domain::DonationNumberScheme;

/// A file of an analyser's fixtures.
pub struct Fixture {
    pub profile: &'static str,
    pub file: String,
    pub bytes: Vec<u8>,
}

impl Fixture {
    pub fn name(&self) -> String {
        format!("{}/{}", self.profile, self.file)
    }

    /// Records that nobody has put into frames.
    pub fn is_bare(&self) -> bool {
        self.file.ends_with(".astm") && !self.bytes.contains(&lis01::STX)
    }

    /// Puts each record into a frame, and the message into a session.
    pub fn frame(&mut self) {
        let records = self.bytes.split_inclusive(|byte| *byte == lis01::CR);
        let frames = (1..).zip(records).map(|(number, record): (u8, _)| {
            lis01::encode_frame(number % 8, record, lis01::End::Etx)
        });
        self.bytes =
            [vec![lis01::ENQ], frames.collect::<Vec<_>>().concat(), vec![lis01::EOT]].concat();
    }
}

/// Files with one of these endings, in order.
pub fn fixtures(endings: &[&str]) -> Vec<Fixture> {
    let mut fixtures = Vec::new();
    for profile in shipped_names() {
        let folder = format!("{}/fixtures/analysers/{profile}", env!("CARGO_MANIFEST_DIR"));
        let entries = std::fs::read_dir(folder).unwrap();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            if endings.contains(&ending) {
                let file = path.file_name().unwrap().to_str().unwrap().to_owned();
                fixtures.push(Fixture { profile, file, bytes: std::fs::read(&path).unwrap() });
            }
        }
    }
    assert!(!fixtures.is_empty());
    fixtures
}

/// A profile that ships, parsed once.
pub fn profile(name: &str) -> Arc<Profile> {
    static PARSED: Mutex<BTreeMap<String, Arc<Profile>>> = Mutex::new(BTreeMap::new());
    let mut parsed = PARSED.lock().unwrap();
    let parse = || Arc::new(Profile::parse(name, shipped(name).unwrap()).unwrap());
    Arc::clone(parsed.entry(name.to_owned()).or_insert_with(parse))
}

/// An analyser at a site that uses ISBT 128.
pub fn analyser(name: &str) -> Analyser {
    let scheme = Arc::new(DonationNumberScheme::Isbt128);
    Analyser::new("bench".to_owned(), profile(name), &BTreeMap::new(), scheme).unwrap()
}
