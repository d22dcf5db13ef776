//! Whole transcripts of results as a host sees them, and exports that are no messages at all.

use hemogate::domain::{Assay, Reading};
use hemogate::link::lis01::{Duplex, Settings};
use hemogate::link::{Answer, Event, Link, Moment};

use crate::bench::{analyser, at_site};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// What the daemon's own link delivers of a session, each message stored at once.
fn delivered(session: &[u8]) -> Vec<Vec<u8>> {
    let (mut link, now) = (Duplex::new(Settings::host()), Moment::default());
    let mut messages = Vec::new();
    link.receive(now, session);
    loop {
        while link.transmit().is_some() {}
        match link.event() {
            Some(Event::Message { token, bytes }) => {
                messages.push(bytes);
                link.answer(now, token, Answer::Stored);
            }
            Some(other) => panic!("{other:?}"),
            None => return messages,
        }
    }
}

/// The first ETB falls right before `0.035`: no checksum or frame number may leak into the value.
#[test]
fn a_panel_cut_at_240_characters_means_what_the_analyser_said() {
    let messages = delivered(&fixture("analysers/roche-cobas-e601/sample-results.bin"));
    assert_eq!(messages.len(), 1);
    let read = at_site("roche-cobas-e601", "S[0-9]{7}A").read(&messages[0]);
    assert_eq!(read.faults, []);
    let results: Vec<_> = read
        .observations
        .iter()
        .map(|o| (o.assay.unwrap(), o.reading.unwrap(), o.number.unwrap().to_string()))
        .collect();
    let clean = |assay, number: &str| (assay, Reading::Nonreactive, number.to_owned());
    assert_eq!(
        results,
        [
            clean(Assay::AntiHcv, "0.035"),
            clean(Assay::Hiv, "0.188"),
            clean(Assay::Hbsag, "0.493"),
            clean(Assay::Tp, "0.054"),
        ]
    );
    assert!(read.observations.iter().all(|o| o.unaccounted.is_empty()), "{read:?}");
}

/// `<0.03` is below every limit; a number over the cut-off is reactive, whatever the flag says.
#[test]
fn a_session_with_one_reactive_marker_among_four() {
    let messages = delivered(&fixture("analysers/diasorin-liaison-xl/sample-results.bin"));
    assert_eq!(messages.len(), 1);
    let read = at_site("diasorin-liaison-xl", "D[0-9]{10}").read(&messages[0]);
    assert_eq!(read.faults, []);
    let results: Vec<_> =
        read.observations.iter().map(|o| (o.assay.unwrap(), o.reading.unwrap())).collect();
    assert_eq!(
        results,
        [
            (Assay::Hbsag, Reading::Nonreactive),
            (Assay::AntiHcv, Reading::Nonreactive),
            (Assay::Hiv, Reading::Nonreactive),
            (Assay::Tp, Reading::Reactive),
        ]
    );
}

/// A file that somebody sends over a line: nothing in it may be taken for a result, and nothing of
/// it is taken for a message that was understood.
#[test]
fn an_export_file_on_a_line_is_read_as_nothing_and_says_so() {
    for file in ["codec/procleix-nat2-export.txt", "codec/davinci-etimax-platemap.csv"] {
        for name in ["roche-cobas-e601", "mindray-bs"] {
            let read = analyser(name).read(&fixture(file));
            assert_eq!(read.observations, [], "{file} as {name}");
            assert!(!read.faults.is_empty(), "{file} as {name}");
        }
    }
}
