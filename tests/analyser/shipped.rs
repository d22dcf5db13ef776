//! What the binary carries is what the folder holds.

use std::collections::BTreeSet;
use std::path::Path;

use hemogate::analyser::{shipped, shipped_names};

use crate::bench::profile;

#[test]
fn what_is_shipped_is_what_lies_in_the_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/analysers");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let names: Vec<&str> = shipped_names().collect();
    assert!(names.is_sorted());
    assert_eq!(files, names.iter().map(|name| (*name).to_owned()).collect());
    assert!(shipped("no-such-analyser").is_none());
}

#[test]
fn every_shipped_profile_is_sound_and_says_what_it_does_not_know() {
    for name in shipped_names() {
        let profile = profile(name);
        assert_eq!(profile.name(), name);
        assert!(!profile.missing().is_empty(), "{name} claims to know everything");
        assert!(!profile.built_from().is_empty());
        assert!(profile.ignored().all(|(_, why)| !why.is_empty()));
        assert_eq!(profile.sha256().len(), 64);
        let own = shipped(name).unwrap();
        assert!(profile.text().starts_with(own), "{name} is kept with what it extends");
        assert_eq!(profile.text() == own, !own.contains("\nextends = "), "{name}");
    }
}
