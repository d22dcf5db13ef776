//! Every transcript of the fixtures, as the snapshot of what it means.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use hemogate::analyser::{Analyser, Dialect, MessageReading, shipped_names};
use hemogate::domain::{Assay, Query};
use hemogate::shape::ObservationShape;

use crate::bench::{
    STAMP, analyser_with, lines, messages_of_blocks, messages_of_mllp, messages_of_session,
    records_by_message, work,
};

/// Codes that a site with these analysers would name.
const SITE: [(&str, &[(&str, Assay)]); 2] = [
    ("abbott-architect", &[("700", Assay::Hbsag)]),
    (
        "roche-cobas-pro",
        &[
            ("91001", Assay::Hbsag),
            ("91002", Assay::AntiHcv),
            ("91003", Assay::Hiv),
            ("91004", Assay::Tp),
            ("91005", Assay::AntiHbc),
            ("92001", Assay::Alt),
        ],
    ),
];

#[test]
fn transcripts_mean_what_their_snapshots_say() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for name in shipped_names() {
            let analyser = at_its_site(name);
            for file in transcripts(name) {
                let snapshot = format!("{name}__{}", file.file_stem().unwrap().to_str().unwrap());
                insta::assert_snapshot!(snapshot, told(&analyser, &file));
            }
        }
    });
}

#[test]
fn framed_and_bare_transcripts_say_the_same() {
    let mut compared = 0;
    for name in shipped_names() {
        for file in transcripts(name) {
            let session = file.with_extension("session");
            if !session.exists() {
                continue;
            }
            let bare = std::fs::read(&file).unwrap();
            let framed = messages_of_session(&std::fs::read(&session).unwrap());
            assert_eq!(framed.concat(), bare, "{}", session.display());
            compared += 1;
        }
    }
    assert!(compared > 20, "only {compared} transcripts have a framed twin");
}

/// An analyser at a site that names the codes which its transcripts carry.
pub fn at_its_site(name: &str) -> Analyser {
    let site = SITE.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, tests)| tests);
    analyser_with(name, site)
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/analysers").join(name)
}

/// The files of a profile that have a meaning, in order.
pub fn transcripts(name: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            extension.is_some_and(|e| ["astm", "mllp", "block", "txt", "csv"].contains(&e))
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{name} has no transcripts");
    files
}

/// The messages of one transcript.
pub fn messages_of(analyser: &Analyser, file: &Path) -> Vec<Vec<u8>> {
    let bytes = std::fs::read(file).unwrap();
    match analyser.profile().dialect() {
        Dialect::Lis02 => records_by_message(&bytes),
        Dialect::Hl7 => messages_of_mllp(&bytes),
        Dialect::Blocks => messages_of_blocks(analyser.profile(), &bytes),
        Dialect::Text => vec![bytes],
    }
}

fn told(analyser: &Analyser, file: &Path) -> String {
    let mut text = String::new();
    for message in messages_of(analyser, file) {
        let reading = analyser.read(&message);
        tell(&mut text, &reading);
        if let Some(query) = &reading.query {
            tell_answer(&mut text, analyser, query);
        }
    }
    text
}

fn tell(text: &mut String, reading: &MessageReading) {
    let donations: Vec<&str> = reading.donations.iter().map(|din| din.as_str()).collect();
    writeln!(text, "donations: {donations:?}").unwrap();
    for fault in &reading.faults {
        writeln!(text, "fault at {}: {}", fault.offset, fault.text).unwrap();
    }
    for reply in &reading.order_replies {
        writeln!(text, "order {:?} is {}: {}", reply.order_id, reply.standing.id(), reply.text)
            .unwrap();
    }
    for observation in &reading.observations {
        let shape = ObservationShape::from(observation);
        writeln!(text, "{}", serde_json::to_string_pretty(&shape).unwrap()).unwrap();
    }
}

/// A query, and what is answered where every test of this analyser is wanted once.
fn tell_answer(text: &mut String, analyser: &Analyser, query: &Query) {
    writeln!(text, "query: {query:#?}").unwrap();
    let answer = analyser.answer(query, &work(analyser, query), STAMP);
    if let Some(reply) = &answer.reply {
        writeln!(text, "reply:\n{}", lines(reply)).unwrap();
    }
    for message in &answer.messages {
        writeln!(text, "message for {:?}:\n{}", message.order_ids, lines(&message.bytes)).unwrap();
    }
}
