//! A bench with one analyser on it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hemogate::analyser::{Analyser, MessageReading, Profile, shipped};
use hemogate::domain::{Assay, DonationNumberScheme, Observation};
use hemogate::link::{Answer, Event, Moment, block};

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
