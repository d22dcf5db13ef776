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

/// Which line these have is the site's choice.
const ANY_LINE: [(&str, &str); 18] = [
    ("abbott-architect", "serial or TCP"),
    ("abbott-m2000", "serial or TCP"),
    ("beckman-au480", "serial or TCP"),
    ("beckman-au5800", "serial or TCP"),
    ("beckman-au680", "serial or TCP"),
    ("beckman-pk7300", "a serial line, usually behind a converter of the site's"),
    ("beckman-pk7400", "a serial line, usually behind a converter of the site's"),
    ("biorad-ih-com", "what IH-Com is set to"),
    ("diasorin-liaison-xl", "serial or TCP"),
    ("generic-astm", "no analyser"),
    ("generic-hl7", "no analyser"),
    ("immucor-echo", "TCP or a folder"),
    ("immucor-neo", "TCP or a folder"),
    ("ortho-vision", "TCP or a folder"),
    ("roche-cobas-c311", "serial or TCP"),
    ("roche-cobas-c501", "serial or TCP"),
    ("roche-cobas-e601", "serial or TCP"),
    ("roche-modular", "serial or TCP"),
];

#[test]
fn every_profile_says_which_line_is_usual_or_that_none_is() {
    for name in shipped_names() {
        let is_open = ANY_LINE.iter().any(|(own, _)| *own == name);
        assert_eq!(profile(name).line().kind.is_none(), is_open, "{name}");
    }
}

/// FM-10: a number behind a prefix that nobody listed is a fault, at every analyser.
#[test]
fn fm_10_every_profile_says_which_prefixes_stand_before_an_id() {
    for name in shipped_names() {
        let own = shipped(name).unwrap();
        let says = own.contains("\nid_prefixes = [") || own.contains("\nextends = ");
        assert!(says, "{name}");
        let prefixed = crate::bench::analyser(name).donation_number("XQ=G12349865432100");
        assert_eq!(prefixed, None, "{name}");
    }
}
