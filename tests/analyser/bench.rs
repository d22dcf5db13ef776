//! A bench with one analyser on it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hemogate::analyser::{Analyser, MessageReading, Profile, Stamp, shipped};
use hemogate::domain::{
    Ask, AskedId, AskedSpecimen, Assay, DonationNumber, DonationNumberScheme, Observation,
    OrderedTest, Query, WorkOrder,
};
use hemogate::link::{Answer, Event, Moment, block};
use jiff::Timestamp;

/// A shipped profile.
pub fn profile(name: &str) -> Arc<Profile> {
    let text = shipped(name).unwrap_or_else(|| panic!("{name} is not shipped"));
    match Profile::parse(&format!("{name}.toml"), text) {
        Ok(profile) => Arc::new(profile),
        Err(faults) => {
            let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
            panic!("{}", lines.join("\n"));
        }
    }
}

/// An analyser at a site that uses ISBT 128, with the site's own codes.
pub fn analyser_with(name: &str, site: &[(&str, Assay)]) -> Analyser {
    try_analyser(name, site).unwrap()
}

/// The same without site codes.
pub fn analyser(name: &str) -> Analyser {
    analyser_with(name, &[])
}

/// Text of each message of a LIS01 session, its checksums verified. Only for these fixtures: no
/// retransmission, no noise.
pub fn messages_of_session(bytes: &[u8]) -> Vec<Vec<u8>> {
    assert_eq!((bytes[0], bytes[bytes.len() - 1]), (0x05, 0x04), "ENQ .. EOT");
    let mut text = Vec::new();
    let mut rest = &bytes[1..bytes.len() - 1];
    let mut number = 1;
    while !rest.is_empty() {
        assert_eq!(rest[0], 0x02, "STX");
        let end = rest.iter().position(|byte| [0x03, 0x17].contains(byte)).unwrap();
        let sum = rest[1..=end].iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        assert_eq!(format!("{sum:02X}\r\n").as_bytes(), &rest[end + 1..end + 5]);
        assert_eq!(rest[1], b'0' + number, "frame number");
        number = (number + 1) % 8;
        text.extend_from_slice(&rest[2..end]);
        rest = &rest[end + 5..];
    }
    records_by_message(&text)
}

/// Splits bare records into messages, H to L.
pub fn records_by_message(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut messages: Vec<Vec<u8>> = Vec::new();
    for record in bytes.split_inclusive(|byte| *byte == b'\r') {
        match messages.last_mut() {
            Some(message) if record[0] != b'H' => message.extend_from_slice(record),
            Some(_) | None => messages.push(record.to_vec()),
        }
    }
    messages
}

/// Content of each MLLP block.
pub fn messages_of_mllp(bytes: &[u8]) -> Vec<Vec<u8>> {
    let blocks = bytes.split(|byte| *byte == 0x0B).filter(|block| !block.is_empty());
    blocks.map(|block| block.strip_suffix(b"\x1C\r").unwrap().to_vec()).collect()
}

/// Every message in blocks, through the daemon's own link, each stored at once.
pub fn messages_of_blocks(profile: &Profile, bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut parameters = profile.blocks().unwrap().clone();
    parameters.reply_after = Some(Duration::ZERO);
    let mut link = block::open(&parameters, block::Role::Host);
    let now = Moment::default();
    let mut messages = Vec::new();
    link.receive(now, bytes);
    loop {
        link.expire(now);
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

/// An analyser whose site codes may be wrong.
pub fn try_analyser(name: &str, site: &[(&str, Assay)]) -> Result<Analyser, Vec<String>> {
    let tests: BTreeMap<String, Assay> =
        site.iter().map(|(code, assay)| ((*code).to_owned(), *assay)).collect();
    let scheme = Arc::new(DonationNumberScheme::Isbt128);
    Analyser::new("bench".to_owned(), profile(name), &tests, scheme)
}

/// The only observation of a message.
pub fn one(reading: &MessageReading) -> &Observation {
    assert_eq!(reading.observations.len(), 1, "{reading:?}");
    &reading.observations[0]
}

/// When everything on this bench is written: 2026-01-05 12:00:00 UTC, as number 7.
pub const STAMP: Stamp = Stamp { time: Timestamp::constant(1_767_614_400, 0), serial: 7 };

/// An ISBT 128 donation number.
pub fn din(text: &str) -> DonationNumber {
    DonationNumberScheme::Isbt128.parse(text).unwrap().din
}

/// Every test of an analyser once, for every specimen asked about; where nobody asked for a
/// specimen, for one donation.
pub fn work(analyser: &Analyser, query: &Query) -> Vec<WorkOrder> {
    let specimens = match &query.ask {
        Ask::Specimens(specimens) => specimens.clone(),
        Ask::Range { .. } | Ask::All => vec![unplaced("G123498654321")],
        Ask::Cancel => Vec::new(),
    };
    let mut next = 0;
    let mut id = || {
        next += 1;
        format!("A-{next}")
    };
    let mut tests = || {
        let once = |assay| OrderedTest { assay, order_ids: vec![id()] };
        analyser.assays().into_iter().map(once).collect()
    };
    specimens.into_iter().map(|specimen| WorkOrder { specimen, tests: tests() }).collect()
}

/// A donation that nobody scanned.
pub fn unplaced(number: &str) -> AskedSpecimen {
    let id = AskedId::Donation(din(number));
    AskedSpecimen { id, rack: None, position: None, echo: Vec::new() }
}

/// Records of a message, one a line.
pub fn lines(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap().replace('\r', "\n")
}

/// A shipped analyser at a site with its own donation numbers.
pub fn at_site(name: &str, pattern: &str) -> Analyser {
    let scheme = Arc::new(DonationNumberScheme::site(pattern).unwrap());
    Analyser::new("bench".to_owned(), profile(name), &BTreeMap::new(), scheme).unwrap()
}

/// The messages of an analyser's transcripts whose file names begin so.
pub fn transcript_texts(name: &str, beginning: &str) -> Vec<String> {
    let folder = format!("{}/fixtures/analysers/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.file_name().unwrap().to_str().unwrap().starts_with(beginning) {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let messages = match path.extension().and_then(|extension| extension.to_str()) {
            Some("astm") => records_by_message(&bytes),
            Some("mllp") => messages_of_mllp(&bytes),
            _ => Vec::new(),
        };
        texts.extend(messages.into_iter().map(|message| String::from_utf8(message).unwrap()));
    }
    texts
}

/// Every message of an analyser's transcripts, with the name of its file.
pub fn transcript_messages(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = format!("{}/fixtures/analysers/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut all = Vec::new();
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        let messages = match path.extension().and_then(|extension| extension.to_str()) {
            Some("astm") => records_by_message(&bytes),
            Some("mllp") => messages_of_mllp(&bytes),
            Some("block") => messages_of_blocks(&profile(name), &bytes),
            _ => Vec::new(),
        };
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        all.extend(messages.into_iter().map(|message| (file.clone(), message)));
    }
    all
}

/// A small analyser that asks, but for what a test has in place of it; without a place for the
/// specimen it does not ask.
pub fn inline(specimen_id: &str, answer: &str) -> Analyser {
    let query = match specimen_id {
        "" => String::new(),
        id => format!("[query]\nanswer_within_s = 10\n{id}\ncodes = \"Q.5.4\"\n"),
    };
    let answer = match (specimen_id, answer) {
        ("", _) => "",
        (_, "") => USUAL_ANSWER,
        (_, own) => own,
    };
    profiled(&format!("{SMALL}{query}{answer}"))
}

/// An analyser with this profile at a site that uses ISBT 128.
pub fn profiled(text: &str) -> Analyser {
    let profile = match Profile::parse("small.toml", text) {
        Ok(profile) => Arc::new(profile),
        Err(faults) => panic!("{faults:#?}"),
    };
    let scheme = Arc::new(DonationNumberScheme::Isbt128);
    Analyser::new("small".to_owned(), profile, &BTreeMap::new(), scheme).unwrap()
}

pub const USUAL_ANSWER: &str = r#"
[answer]
header = ['H|\^&', 'P|1']
specimen = ['O|{n}|{id}||{codes}']
footer = ['L|1|N']
code = '^^^{code}'
duplicates = "each"
"#;

pub const SMALL: &str = r#"
name = "small"
version = "1"
date = 2026-01-15
title = "Small"
dialect = "lis02"
charset = "iso-8859-1"
confidence = "low"
built_from = "nothing"
missing = ["everything"]
unread_id_prefixes = ["@"]

[tests]
"1" = "hbsag"
"2" = "alt"

[fields]
specimen_id = ["O.3"]
test_code = "R.3.4"
value = "R.4"

[[kind]]
path = "O.12"
codes = { "" = "donor", Q = "control" }

[status]
path = "R.9"
codes = { F = "final" }

[[verdict]]
path = "R.4.1"
marker = { N = "nonreactive", R = "reactive" }

[[ignore]]
paths = ["H.5", "H.10", "H.12", "H.13"]
why = "names"

"#;
