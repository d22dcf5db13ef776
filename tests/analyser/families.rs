//! Profiles that extend others: what they take, what they replace, and that what was kept of them
//! stays what it was.

use std::collections::BTreeMap;
use std::sync::Arc;

use hemogate::analyser::{Analyser, Profile};
use hemogate::config::{ProfileError, find_profile};
use hemogate::document::Fault;
use hemogate::domain::{Assay, DonationNumberScheme, SpecimenKind};

use crate::bench::one;
use crate::profiles::{SOUND, message};

const HEAD: &str = r#"
name = "member"
version = "1"
date = 2026-03-01
title = "Member"
confidence = "low"
built_from = "its family"
"#;

/// Files by name.
fn files(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// A profile among these files.
fn parse(files: &BTreeMap<String, String>, name: &str) -> Result<Profile, Vec<String>> {
    let find = |_: &str, name: &str| match files.get(name) {
        Some(text) => Ok((name.to_owned(), text.clone())),
        None => Err(format!("there is no {name}")),
    };
    let told = |faults: Vec<Fault>| faults.iter().map(ToString::to_string).collect();
    Profile::parse_with(name, &files[name], &find).map_err(told)
}

/// A member of the sound profile.
fn member(own: &str) -> Result<Profile, Vec<String>> {
    let member = own.replacen("HEAD", &format!("extends = \"sound\"{HEAD}"), 1);
    parse(&files(&[("sound", SOUND), ("member", &member)]), "member")
}

fn analyser(profile: Profile) -> Analyser {
    let scheme = DonationNumberScheme::site("D[0-9]{10}").unwrap();
    Analyser::new("a".to_owned(), Arc::new(profile), &BTreeMap::new(), Arc::new(scheme)).unwrap()
}

#[test]
fn a_member_is_its_family_but_for_what_it_says() {
    let profile = member("HEAD").unwrap();
    assert_eq!((profile.name(), profile.title()), ("member", "Member"));
    assert!(profile.missing().is_empty(), "what a family lacks is its own");
    assert!(profile.link().packed, "from the family");
    let reading = analyser(profile).read(&message("1|R|COI|a|A||F"));
    let observation = one(&reading);
    assert_eq!(observation.assay, Some(Assay::Hbsag));
    assert_eq!(observation.unaccounted.len(), 1, "only R.6: {observation:?}");
}

#[test]
fn tables_are_joined_key_by_key_and_lists_of_values_are_replaced() {
    let profile = member(
        "HEAD\n[link]\nrecords_per_frame = \"one\"\n[tests]\n\"7\" = \"anti-hcv\"\n\
         [fields]\nspecimen_id = [\"O.4\"]\nrack = \"O.5\"\n",
    )
    .unwrap();
    assert_eq!((profile.link().packed, profile.link().frame_text_max), (false, 63_993));
    let codes: Vec<&str> = profile.tests().keys().map(String::as_str).collect();
    assert_eq!(codes, ["1", "7", "9"]);
    let sent = b"H|\\^&\rP|1\rO|1||D0000000001|5\rR|1|^^^7|R|||||F\rL|1|N\r";
    let reading = analyser(profile).read(sent);
    let observation = one(&reading);
    assert_eq!(observation.din.as_ref().unwrap().as_str(), "D0000000001");
    assert_eq!(observation.rack.as_deref(), Some("5"));
    let old = b"H|\\^&\rP|1\rO|1|D0000000001\rR|1|^^^1|R|||||F\rL|1|N\r";
    let profile = member("HEAD\n[fields]\nspecimen_id = [\"O.4\"]\n").unwrap();
    let old = analyser(profile).read(old);
    assert_eq!(one(&old).unaccounted.len(), 1, "O.3 is no place of the list any more");
}

#[test]
fn entries_with_the_same_path_are_joined_and_others_are_added() {
    let profile = member(
        "HEAD\n[[kind]]\npath = \"O.12\"\ncodes = { C = \"calibration\" }\n\
         [[kind]]\npath = \"O.16\"\ncodes = { \"\" = \"donor\", X = \"other\" }\n\
         [[flags]]\npath = \"R.7\"\nholds = { B = \"not fine\" }\n\
         [[ignore]]\npaths = [\"R.6\"]\nwhy = \"ranges\"\n",
    )
    .unwrap();
    let analyser = analyser(profile);
    let kind = |order: &str| {
        let sent = String::from_utf8(message("1|R|COI|a|A||F")).unwrap();
        let sent = sent.replace("D0000000001\r", &format!("D0000000001{order}\r"));
        let observation = one(&analyser.read(sent.as_bytes())).clone();
        assert_eq!((observation.unaccounted, observation.concerns), (vec![], vec![]), "{order}");
        observation.kind
    };
    assert_eq!(kind(""), SpecimenKind::Donor);
    assert_eq!(kind("|||||||||C"), SpecimenKind::Calibration);
    assert_eq!(kind("|||||||||Q"), SpecimenKind::Control, "the family's code is known too");
    assert_eq!(kind("|||||||||||||X"), SpecimenKind::Other);
    let held = analyser.read(&message("1|R|COI||B||F"));
    assert_eq!(one(&held).concerns[0].code, "FLAG");
}

#[test]
fn what_is_replaced_is_not_taken() {
    let profile = member(
        "replaces = [\"tests\", \"kind.codes\", \"fields.unit\", \"ignore\"]\nHEAD\n\
         [tests]\n\"2\" = \"hbsag\"\n\
         [[kind]]\npath = \"O.12\"\ncodes = { D = \"donor\", K = \"control\" }\n",
    )
    .unwrap();
    assert_eq!(profile.tests().keys().collect::<Vec<_>>(), ["2"]);
    assert_eq!(profile.ignored().count(), 0);
    let reading = analyser(profile).read(&message("2|R|COI||A||F"));
    let observation = one(&reading);
    assert_eq!((observation.kind, observation.unit.as_deref()), (SpecimenKind::Other, None));
}

#[test]
fn each_fault_names_the_file_that_it_stands_in() {
    let faults = member("HEAD\ncolour = 1\n[tests]\n\"5\" = \"hbsag\"\n").unwrap_err();
    assert_eq!(faults.len(), 2, "{faults:#?}");
    assert!(faults[0].starts_with("member:9:1: colour: is not a known key"), "{faults:#?}");
    assert!(faults[1].starts_with("member:11:1: tests.5: hbsag already has"), "{faults:#?}");
    // The member takes what the family's place reads.
    let faults = member("HEAD\n[[ignore]]\npaths = [\"R.5\"]\nwhy = \"x\"\n").unwrap_err();
    assert!(faults[0].starts_with("sound:24:8: fields.unit: is read here"), "{faults:#?}");
    let faults = member("replaces = [\"test\"]\nHEAD").unwrap_err();
    assert!(faults[0].starts_with("member:1:13: replaces: \"test\" is nothing"), "{faults:#?}");
    let lonely = format!("replaces = [\"tests\"]\n{SOUND}");
    let faults = parse(&files(&[("lonely", &lonely)]), "lonely").unwrap_err();
    assert!(faults[0].contains("where nothing is extended"), "{faults:#?}");
    let faults = member("HEAD\n[[kind]]\npath = 3\n").unwrap_err();
    assert!(faults.iter().any(|fault| fault.starts_with("member:10:8: kind[2].path")));
}

#[test]
fn a_family_that_is_at_fault_is_refused_itself() {
    let broken = SOUND.replacen("F = \"final\"", "F = \"done\"", 1);
    let member = format!("extends = \"broken\"{HEAD}[status]\ncodes = {{ F = \"final\" }}\n");
    let faults = parse(&files(&[("broken", &broken), ("m", &member)]), "m").unwrap_err();
    assert_eq!(faults.len(), 2, "{faults:#?}");
    assert!(faults.iter().all(|fault| fault.starts_with("broken:")), "{faults:#?}");
}

#[test]
fn a_family_that_does_not_exist_and_one_without_end_are_refused() {
    let lost = format!("extends = \"nobody\"{HEAD}");
    let faults = parse(&files(&[("m", &lost)]), "m").unwrap_err();
    assert_eq!(faults, ["m:1:11: extends: there is no nobody"]);
    let shipped = Profile::parse("m.toml", &lost).unwrap_err();
    assert!(shipped[0].message.contains("among those shipped"), "{shipped:?}");
    let one = format!("extends = \"two\"{HEAD}");
    let two = format!("\nextends = \"one\"{HEAD}");
    let faults = parse(&files(&[("one", &one), ("two", &two)]), "one").unwrap_err();
    assert_eq!(faults, ["two:2:11: extends: one extends itself in the end"]);
    let odd = parse(&files(&[("m", &format!("extends = 3{HEAD}"))]), "m").unwrap_err();
    assert!(odd.iter().any(|fault| fault.contains("extends: expected a string")), "{odd:#?}");
}

#[test]
fn families_lie_as_deep_as_the_bound_and_not_one_deeper() {
    let mut known = files(&[("f0", SOUND)]);
    let most = hemogate::limits::FAMILIES_MAX;
    for depth in 1..=most + 1 {
        let text = format!("extends = \"f{}\"{HEAD}", depth - 1);
        known.insert(format!("f{depth}"), text);
    }
    assert!(parse(&known, &format!("f{most}")).is_ok());
    let faults = parse(&known, &format!("f{}", most + 1)).unwrap_err();
    assert_eq!(faults, ["f1:1:11: extends: more than 4 families below each other"]);
}

#[test]
fn with_its_families_a_profile_is_as_long_as_a_document_may_be_and_not_one_byte_longer() {
    let most = hemogate::limits::DOCUMENT_MAX;
    let member = format!("extends = \"sound\"{HEAD}");
    let taken = |padding: usize| {
        let padded = format!("{member}#{}\n", "x".repeat(padding));
        parse(&files(&[("sound", SOUND), ("member", &padded)]), "member")
    };
    let free = most - taken(0).unwrap().text().len();
    assert_eq!(taken(free).unwrap().text().len(), most);
    assert!(taken(free + 1).unwrap_err()[0].contains("with what it extends it is larger"));
}

#[test]
fn what_is_kept_is_read_again_whatever_the_family_says_by_then() {
    let member = format!("extends = \"middle\"{HEAD}[tests]\n\"3\" = \"anti-hcv\"\n");
    // Windows line ends, no line end at the end, and marks of our own in a comment.
    let middle = format!("extends = \"sound\"{HEAD}#@ tests.\"x\" = \"alt\"").replace('\n', "\r\n");
    let known = files(&[("sound", SOUND), ("middle", &middle), ("member", &member)]);
    let profile = Arc::new(parse(&known, "member").unwrap());
    let site = BTreeMap::from([("800".to_owned(), Assay::Hbsag)]);
    let scheme = Arc::new(DonationNumberScheme::site("D[0-9]{10}").unwrap());
    let before = Analyser::new("a".to_owned(), profile, &site, scheme).unwrap();
    let kept = before.kept();
    let after = Analyser::restored("a", &kept.text).unwrap();
    assert_eq!(after.tests(), before.tests());
    let sent = message("3|R|COI|x|A||F");
    assert_eq!(after.read(&sent), before.read(&sent));
    assert_eq!(one(&after.read(&sent)).assay, Some(Assay::AntiHcv));
    assert!(kept.text.contains("#| name = \"small\""), "{}", kept.text);
    let changed = known["sound"].replace("marker = { N", "marker = { X");
    let today = files(&[("sound", &changed), ("middle", &middle), ("member", &member)]);
    let today = parse(&today, "member").unwrap();
    assert_ne!(today.sha256(), before.profile().sha256(), "another family is another profile");
}

#[test]
fn a_kept_text_without_its_family_is_refused_and_none_is_looked_for() {
    let text = format!("extends = \"roche-cobas-e601\"{HEAD}");
    assert!(Profile::parse("m.toml", &text).is_ok());
    let faults = Analyser::restored("m", &text).unwrap_err();
    assert!(faults[0].message.contains("was not kept with it"), "{faults:?}");
    let other = format!("{text}\n#< roche-cobas-e411\n#| {}\n", SOUND.replace('\n', "\n#| "));
    let faults = Profile::parse("m.toml", &other).unwrap_err();
    assert!(faults[0].message.contains("carries its families"), "{faults:?}");
}

#[test]
fn a_family_is_a_file_beside_the_member_or_one_that_is_shipped() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("families");
    std::fs::create_dir(&below).unwrap();
    let write = |path: &str, text: String| {
        let path = folder.path().join(path);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    write("families/sound.toml", SOUND.to_owned());
    write("families/middle.toml", format!("extends = \"./sound.toml\"{HEAD}"));
    let own = write("own.toml", format!("extends = \"families/middle.toml\"{HEAD}"));
    assert_eq!(find_profile(&own).unwrap().tests().len(), 2);
    let shipped = write("shipped.toml", format!("extends = \"roche-cobas-e601\"{HEAD}"));
    assert!(find_profile(&shipped).unwrap().tests().len() > 2);
    let lost = write("lost.toml", format!("extends = \"sound.toml\"{HEAD}"));
    let Err(ProfileError::Faulty(faults)) = find_profile(&lost) else { panic!("{lost}") };
    assert_eq!((faults[0].file.as_str(), faults[0].line), (lost.as_str(), 1));
    assert!(faults[0].message.contains("there is no such file"), "{faults:?}");
}
