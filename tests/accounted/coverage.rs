//! What the profiles that ship make of their own transcripts: every field is mapped, or ignored by
//! name, but for what some transcripts carry on purpose.

use std::collections::BTreeSet;

use hemogate::workshop::coverage::{Coverage, Standing};

use crate::bench::{analyser, fixtures};

/// Transcripts that show what must not be understood: file, how many fields, and what they are.
const ON_PURPOSE: &[(&str, usize, &str)] = &[
    ("abbott-alinity-i-astm/error-in-a-final-result.astm", 1, "a word that is not known"),
    ("abbott-alinity-i/error-in-a-final-result.mllp", 1, "a word that is not known"),
    ("abbott-alinity-i/flags.mllp", 1, "a flag that is not known"),
    ("abbott-alinity-i/unknown-role.mllp", 1, "a kind of specimen that is not known"),
    ("abbott-alinity-m/error-in-a-final-result.mllp", 2, "a word that is not known"),
    ("abbott-alinity-m/grouped-wrongly.mllp", 1, "a word that is not known"),
    ("abbott-alinity-m/supplementary-row-with-a-flag.mllp", 4, "a flag that is not known"),
    ("abbott-alinity-m/two-ids.mllp", 1, "two ids for one specimen"),
    ("abbott-alinity-s/what-no-alinity-i-sends.mllp", 1, "a word that is not known"),
    ("abbott-architect/error-in-a-final-result.astm", 1, "a word that is not known"),
    ("abbott-architect/expired-and-edited.astm", 1, "a flag that the profile does not know"),
    ("abbott-architect/two-ids.astm", 1, "two ids for one specimen"),
    ("abbott-architect/unknown-marking.astm", 1, "a kind of specimen that is not known"),
    ("abbott-axsym/two-ids.astm", 1, "two ids for one specimen"),
    ("autobio-a1000/asks.mllp", 19, "the profile does not say how this analyser asks"),
    ("autobio-a1000/decimal-comma-and-slash-date.mllp", 1, "a time in another form"),
    ("beckman-au480/query.block", 6, "the profile does not say how this analyser asks"),
    ("beckman-au5800/query.block", 6, "the profile does not say how this analyser asks"),
    ("beckman-au680/cut-short.block", 1, "a text that ends inside a field"),
    ("beckman-au680/query.block", 6, "the profile does not say how this analyser asks"),
    ("beckman-au680/unknown-mark.block", 1, "a mark that the profile does not know"),
    ("beckman-pk7300/shorter-than-declared.block", 1, "a text that ends inside a field"),
    ("biorad-evolis/extra-column.txt", 13, "a row of another length"),
    ("biorad-evolis/grey.txt", 1, "a flag that is not known"),
    ("biorad-evolis/no-lot.txt", 5, "a file without a line that it must have"),
    ("biorad-evolis/quote-not-closed.txt", 7, "a quote that is not closed"),
    ("biorad-evolis/truncated.txt", 7, "a file that was cut off"),
    ("biorad-evolis/unknown-type.txt", 1, "a kind of specimen that is not known"),
    ("biorad-ih-com/control-well-reacts.astm", 1, "a word that is not known"),
    ("biorad-ih-com/not-determined.astm", 2, "a word that is not known"),
    ("biorad-ih-com/summary-of-other-profiles.astm", 3, "a word that is not known"),
    ("biorad-ih-com/two-tubes.astm", 1, "two ids for one specimen"),
    ("biorad-ih-com/unknown-well.astm", 3, "a word that is not known"),
    ("davinci-quattro/block-missing.csv", 26, "a block is missing"),
    ("davinci-quattro/block-twice.csv", 31, "a block that is there twice"),
    ("davinci-quattro/no-assay.csv", 27, "a file without a line that it must have"),
    ("davinci-quattro/positions-shifted.csv", 29, "a well with another name"),
    ("davinci-quattro/result-without-id.csv", 1, "a result without the number of its specimen"),
    ("davinci-quattro/row-too-short.csv", 28, "a row of another length"),
    ("davinci-quattro/truncated.csv", 27, "a file that was cut off"),
    ("davinci-quattro/unknown-block.csv", 31, "a block that is not known"),
    ("davinci-quattro/unknown-label.csv", 1, "a kind of specimen that is not known"),
    ("diasorin-etimax-3000/block-missing.csv", 26, "a block is missing"),
    ("diasorin-etimax-3000/block-twice.csv", 31, "a block that is there twice"),
    ("diasorin-etimax-3000/no-assay.csv", 27, "a file without a line that it must have"),
    ("diasorin-etimax-3000/positions-shifted.csv", 29, "a well with another name"),
    (
        "diasorin-etimax-3000/result-without-id.csv",
        1,
        "a result without the number of its specimen",
    ),
    ("diasorin-etimax-3000/row-too-short.csv", 28, "a row of another length"),
    ("diasorin-etimax-3000/truncated.csv", 27, "a file that was cut off"),
    ("diasorin-etimax-3000/unknown-block.csv", 31, "a block that is not known"),
    ("diasorin-etimax-3000/unknown-label.csv", 1, "a kind of specimen that is not known"),
    ("diasorin-liaison-xl/unknown-flag-and-test.astm", 1, "a flag that is not known"),
    ("generic-astm/everything-else-holds.astm", 5, "a word that is not known"),
    ("generic-delimited-text/column-twice.csv", 3, "a title that is there twice"),
    ("generic-delimited-text/day-first.csv", 1, "a time in another form"),
    ("generic-delimited-text/extra-column.csv", 2, "a column that is not known"),
    ("generic-delimited-text/missing-column.csv", 3, "a title is missing"),
    ("generic-delimited-text/truncated.csv", 3, "a file that was cut off"),
    ("generic-hl7/everything-else-holds.mllp", 4, "a word that is not known"),
    ("generic-hl7/role-not-sent.mllp", 1, "a marking that was not sent"),
    ("generic-hl7/unknown-charset.mllp", 1, "a character set that is not known"),
    ("hitachi-7180/inquiry.block", 6, "the profile does not say how this analyser asks"),
    ("hitachi-7180/unknown-function.block", 1, "a kind of specimen that is not known"),
    ("hitachi-902/inquiry.block", 6, "the profile does not say how this analyser asks"),
    ("hologic-panther/unknown-aspect.astm", 1, "a part of a result that is not known"),
    ("hologic-panther/unknown-word-for-validity.astm", 1, "a word for validity that is not known"),
    ("immucor-echo/failed.astm", 1, "a word that is not known"),
    ("immucor-echo/grade-changed.astm", 3, "a word that is not known"),
    ("immucor-neo/failed.astm", 1, "a word that is not known"),
    ("immucor-neo/grade-changed.astm", 3, "a word that is not known"),
    ("mindray-bs/kind-not-known.mllp", 1, "a kind of specimen that is not known"),
    ("mindray-bs/statuses.mllp", 1, "a status that is not known"),
    ("mindray-bs/unknown-charset.mllp", 1, "a character set that is not known"),
    ("mindray-cl-hl7/changed-by-a-person.mllp", 1, "a value that a person changed"),
    ("mindray-cl-hl7/no-qualitative-result.mllp", 2, "a word that is not known"),
    ("mindray-cl/kind-not-known.astm", 1, "a kind of specimen that is not known"),
    ("ortho-vision/another-kind-of-specimen.astm", 1, "a kind of specimen that is not known"),
    ("ortho-vision/test-mode.astm", 2, "results of a test run"),
    ("ortho-vision/two-ids.astm", 1, "two ids for one specimen"),
    ("ortho-vitros-3600/another-body-fluid.astm", 1, "a kind of specimen that is not known"),
    ("procleix-nat2-export/behind-the-end.txt", 55, "a line behind the end of the file"),
    ("procleix-nat2-export/cut-inside-a-row.txt", 2, "a file that was cut off"),
    ("procleix-nat2-export/extra-column.txt", 57, "a row of another length"),
    ("procleix-nat2-export/truncated.txt", 3, "a file that was cut off"),
    ("procleix-nat2-export/unknown-tube-type.txt", 1, "a kind of specimen that is not known"),
    ("procleix-nat2-export/without-id.txt", 1, "a result without the number of its specimen"),
    ("roche-citm/masked.mllp", 4, "a word that is not known"),
    ("roche-citm/thirty-four.mllp", 1, "a word that is not known"),
    ("roche-citm/two-ids.mllp", 1, "two ids for one specimen"),
    ("roche-cobas-4800/escaped-id.mllp", 1, "a word that is not known"),
    ("roche-cobas-4800/no-result.mllp", 1, "an order without a result, and no word why"),
    ("roche-cobas-4800/quantitative-is-not-mapped.mllp", 1, "a word that is not known"),
    ("roche-cobas-6800-v25/overall-unknown-word.mllp", 1, "a word that is not known"),
    ("roche-cobas-6800/another-material.mllp", 1, "a kind of specimen that is not known"),
    ("roche-cobas-6800/code-of-another-system.mllp", 2, "a flag that is not known"),
    ("roche-cobas-6800/connection-test.mllp", 14, "a message that carries no result"),
    ("roche-cobas-6800/two-ids.mllp", 1, "two ids for one specimen"),
    ("roche-cobas-6800/unknown-role.mllp", 1, "a role of a specimen that is not known"),
    ("roche-cobas-c311/comment-about-the-specimen.astm", 1, "a comment about the specimen"),
    ("roche-cobas-c311/donor-high-among-seven.astm", 6, "a word that is not known"),
    ("roche-cobas-c311/unknown-kind-of-specimen.astm", 1, "a kind of specimen that is not known"),
    ("roche-cobas-e411/beyond-range.astm", 1, "a word that is not known"),
    ("roche-cobas-e601/beyond-range.astm", 1, "a word that is not known"),
    ("roche-cobas-e601/four-flags.astm", 3, "two alarms that the profile does not know"),
    ("roche-cobas-e601/photometry-beside.astm", 1, "a word that is not known"),
    ("roche-cobas-e601/preliminary-and-unknown-flag.astm", 1, "a flag that is not known"),
    ("roche-cobas-pro/no-bar-code.mllp", 1, "a kind of specimen that is not known"),
    ("roche-cobas-pro/sign-not-known.mllp", 1, "a word that is not known"),
    ("roche-modular/id-of-the-disk-layout.astm", 7, "places that the profile does not mention"),
    ("siemens-advia-centaur/comment.astm", 1, "a comment that says what nobody foresaw"),
    ("siemens-advia-centaur/several-statuses.astm", 1, "a status that is not known"),
    ("siemens-advia-centaur/unknown-aspect.astm", 1, "a part of a result that is not known"),
    ("snibe-maglumi/words-and-statuses.astm", 1, "a flag that is not known"),
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
    let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
    for fixture in fixtures(&["astm", "session", "mllp", "block", "bin", "txt", "csv"]) {
        let (analyser, name) = (analyser(fixture.profile), fixture.name());
        let mut coverage = Coverage::default();
        coverage.add(&analyser, &fixture.bytes);
        assert!(coverage.messages > 0, "{name}");
        let plain = name.replace(".session", ".astm");
        match ON_PURPOSE.iter().find(|(file, _, _)| *file == plain) {
            None if coverage.is_complete() => {}
            Some((file, fields, _)) if coverage.unaccounted.fields == *fields => {
                seen.insert(*file);
            }
            Some(_) | None => {
                let fields = coverage.unaccounted.fields;
                wrong.push(format!("{name}: {fields}: {:#?}", unaccounted(&coverage)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(seen.len(), ON_PURPOSE.len(), "a transcript of the list is gone");
}
