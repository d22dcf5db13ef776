//! What the profiles that ship make of their own transcripts: every field is mapped, or ignored by
//! name, but for what some transcripts carry on purpose.

use std::collections::BTreeSet;

use hemogate::workshop::coverage::{Coverage, Standing};

use crate::bench::{analyser, fixtures};

/// Transcripts that show what must not be understood: file, how many fields, and what they are.
const ON_PURPOSE: &[(&str, usize, &str)] = &[
    ("abbott-architect/expired-and-edited.astm", 1, "a flag that the profile does not know"),
    ("beckman-au680/cut-short.block", 1, "a text that ends inside a field"),
    ("beckman-au680/query.block", 6, "the profile does not say how this analyser asks"),
    ("beckman-au680/unknown-mark.block", 1, "a mark that the profile does not know"),
    ("beckman-pk7300/not-determined.block", 1, "a word for a group that was not found"),
    ("beckman-pk7300/shorter-than-declared.block", 1, "a text that ends inside a field"),
    ("hitachi-7180/alarm.block", 1, "an alarm that the profile does not know"),
    ("hitachi-7180/inquiry.block", 6, "the profile does not say how this analyser asks"),
    ("hitachi-7180/unknown-function.block", 1, "a kind of specimen that is not known"),
    ("mindray-bs/unknown-charset.mllp", 1, "a character set that is not known"),
    ("ortho-vision/test-mode.astm", 2, "results of a test run"),
    ("ortho-vision/two-ids.astm", 1, "two ids for one specimen"),
    ("roche-cobas-6800/connection-test.mllp", 14, "a message that carries no result"),
    ("roche-cobas-6800/two-ids.mllp", 1, "two ids for one specimen"),
    ("roche-cobas-6800/unknown-role.mllp", 1, "a role of a specimen that is not known"),
    ("roche-cobas-e601/four-flags.astm", 3, "two alarms that the profile does not know"),
    ("roche-cobas-e601/preliminary-and-unknown-flag.astm", 1, "a flag that is not known"),
];

fn unaccounted(coverage: &Coverage) -> Vec<String> {
    let row = |row: &hemogate::workshop::coverage::Row| match &row.standing {
        Standing::Unaccounted(why) => Some(format!("{} {}x: {why}", row.place, row.times)),
        Standing::Mapped(_) | Standing::Ignored(_) => None,
    };
    coverage.rows().filter_map(row).collect()
}

#[test]
fn every_field_of_every_clean_transcript_is_mapped_or_ignored_by_name() {
    let mut seen = BTreeSet::new();
    for fixture in fixtures(&["astm", "session", "mllp", "block", "bin"]) {
        let (analyser, name) = (analyser(fixture.profile), fixture.name());
        let mut coverage = Coverage::default();
        coverage.add(&analyser, &fixture.bytes);
        assert!(coverage.messages > 0, "{name}");
        let plain = name.replace(".session", ".astm");
        match ON_PURPOSE.iter().find(|(file, _, _)| *file == plain) {
            None => assert!(coverage.is_complete(), "{name}: {:#?}", unaccounted(&coverage)),
            Some((file, fields, _)) => {
                assert_eq!(coverage.unaccounted.fields, *fields, "{name}");
                assert!(!coverage.is_complete());
                seen.insert(*file);
            }
        }
    }
    assert_eq!(seen.len(), ON_PURPOSE.len(), "a transcript of the list is gone");
}
