//! The words of MLLP and HL7 that scripts use: blocks, segments, fields.

use std::time::Duration;

use super::case::{Failure, Played};
use super::probe::Probe;
use crate::codec::mllp::{CR, FS, VT, wrap};

/// A message as segments of fields; the usual delimiters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    /// The message, block removed.
    pub(super) text: Vec<u8>,
    segments: Vec<Vec<String>>,
}

impl Heard {
    fn new(text: Vec<u8>) -> Heard {
        let words = String::from_utf8_lossy(&text).into_owned();
        let segments = words.split(['\r', '\n']).filter(|segment| !segment.is_empty());
        let fields = |segment: &str| segment.split('|').map(str::to_owned).collect();
        Heard { segments: segments.map(fields).collect(), text }
    }

    /// A field of the first segment of this name; empty where there is none. MSH counts as HL7
    /// counts it.
    pub(super) fn field(&self, name: &str, number: usize) -> &str {
        let segment = self.segments.iter().find(|fields| has_name(fields, name));
        segment.map_or("", |fields| field(fields, number))
    }

    /// This field of every segment of this name.
    pub(super) fn fields(&self, name: &str, number: usize) -> Vec<&str> {
        let segments = self.segments.iter().filter(|fields| has_name(fields, name));
        segments.map(|fields| field(fields, number)).collect()
    }

    /// MSH-9.1 and MSH-9.2.
    pub(super) fn is(&self, kind: &str) -> bool {
        self.field("MSH", 9).starts_with(kind)
    }
}

fn has_name(fields: &[String], name: &str) -> bool {
    fields.first().is_some_and(|first| first == name)
}

fn field(fields: &[String], number: usize) -> &str {
    let is_header = has_name(fields, "MSH");
    let at = if is_header { number.saturating_sub(1) } else { number };
    fields.get(at).map_or("", String::as_str)
}

/// A request of ours: MSH and these segments. `modes` are MSH-15 and MSH-16.
pub(super) fn request(kind: &str, id: &str, modes: [&str; 2], segments: &[&str]) -> Vec<u8> {
    let [accept, application] = modes;
    let header = format!(
        "MSH|^~\\&|conformance|bench|host||20260101120000||{kind}|{id}|P|2.5.1|||{accept}|\
         {application}||UNICODE UTF-8"
    );
    let all = std::iter::once(header.as_str()).chain(segments.iter().copied());
    all.flat_map(|segment| [segment, "\r"]).collect::<String>().into_bytes()
}

impl Probe {
    /// Sends a block.
    pub(super) async fn block(&mut self, message: &[u8]) -> Played {
        self.send(&wrap(message)).await
    }

    /// The next block of the peer, whose every byte must be in its place.
    pub(super) async fn heard(&mut self, within: Duration) -> Result<Heard, Failure> {
        self.expect(VT, within).await?;
        let what = "the rest of the block, to <FS><CR>";
        let mut text = self.until(FS, within, what).await?;
        self.expect(CR, within).await?;
        text.pop();
        let heard = Heard::new(text);
        let begins = heard.text.starts_with(b"MSH");
        self.check(begins, "a block that begins with MSH", &heard.text)?;
        Ok(heard)
    }

    /// The acknowledgement of the request with this id, with one of these codes in MSA-1.
    pub(super) async fn acknowledged(
        &mut self,
        id: &str,
        codes: &[&str],
        within: Duration,
    ) -> Result<Heard, Failure> {
        let heard = self.heard(within).await?;
        let answers = heard.field("MSA", 2) == id;
        self.check(answers, &format!("an acknowledgement with {id} in MSA-2"), &heard.text)?;
        let code = heard.field("MSA", 1);
        let words = format!("{} in MSA-1", codes.join(" or "));
        self.check(codes.contains(&code), &words, &heard.text)?;
        Ok(heard)
    }
}
