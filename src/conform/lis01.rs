//! The words of LIS01 that scripts use: bidding, frames, sessions of the peer's.

use std::time::Duration;

use super::case::{Failure, Played};
use super::probe::Probe;
use crate::codec::lis01::{ACK, CR, ENQ, EOT, End, LF, STX, encode_frame, frame, next_number};
use crate::limits;
use crate::link::lis01::{BUSY_PAUSE, FRAME_REPLY};

/// How long a receiver may take to reply (T6, LIS01-A2 6.5.2.5).
pub(super) const REPLY: Duration = FRAME_REPLY;
/// What a peer's timers may be late or early, by its clock and the line.
pub(super) const TOLERANCE: Duration = Duration::from_millis(1_500);
/// Long enough to see that nothing is sent.
pub(super) const QUIET: Duration = Duration::from_millis(600);
/// The standard's pause after a refused bid (T2).
pub(super) const REFUSED_PAUSE: Duration = BUSY_PAUSE;

/// The shortest message there is; it carries no result.
pub(super) const HEADER: &str = "H|\\^&|||conformance|||||||P|1\r";
/// A record that means nothing.
pub(super) const COMMENT: &str = "C|1|I|conformance test, no result|G\r";
/// The end of a message.
pub(super) const TERMINATOR: &str = "L|1|N\r";

/// A frame of the peer's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) number: u8,
    pub(super) text: Vec<u8>,
    pub(super) end: End,
    /// As it was on the line.
    pub(super) bytes: Vec<u8>,
}

impl Probe {
    /// One transmission has one reply: a second one would be taken for the reply to the next.
    fn one_reply_only(&self) -> Played {
        let more: Vec<u8> = self.unread().iter().copied().take_while(|b| *b != ENQ).collect();
        self.check(more.is_empty(), "one reply to each transmission, and nothing after it", &more)
    }

    /// Bids for the line and gets it.
    pub(super) async fn bid(&mut self) -> Played {
        self.one_reply_only()?;
        self.send(&[ENQ]).await?;
        self.expect(ACK, REPLY).await
    }

    /// Sends a frame and returns the reply.
    pub(super) async fn offer(&mut self, bytes: &[u8]) -> Result<u8, Failure> {
        self.send(bytes).await?;
        let reply = self.byte(REPLY).await;
        reply.ok_or_else(|| self.failure("a reply to the frame within 15 s", &[]))
    }

    /// Sends an end frame that must be acknowledged.
    pub(super) async fn record(&mut self, number: u8, text: &str) -> Played {
        self.one_reply_only()?;
        self.send(&encode_frame(number, text.as_bytes(), End::Etx)).await?;
        self.expect(ACK, REPLY).await
    }

    /// Sends records, a frame each, from this number on; returns the number that comes next.
    pub(super) async fn records(&mut self, first: u8, texts: &[&str]) -> Result<u8, Failure> {
        let mut number = first;
        for text in texts {
            self.record(number, text).await?;
            number = next_number(number);
        }
        Ok(number)
    }

    /// A whole session with one message.
    pub(super) async fn session(&mut self, texts: &[&str]) -> Played {
        self.bid().await?;
        self.records(1, texts).await?;
        self.send(&[EOT]).await
    }

    /// Waits for the peer's bid and grants it.
    pub(super) async fn grant(&mut self, within: Duration) -> Played {
        self.expect(ENQ, within).await?;
        self.send(&[ACK]).await
    }

    /// The peer's next frame, whose every byte must be in its place; `None`: EOT.
    pub(super) async fn frame_or_end(&mut self, within: Duration) -> Result<Option<Seen>, Failure> {
        match self.byte(within).await {
            Some(EOT) => Ok(None),
            Some(STX) => self.frame_body().await.map(Some),
            other => {
                let got: Vec<u8> = other.into_iter().collect();
                Err(self.failure("a frame that begins with <STX>, or <EOT>", &got))
            }
        }
    }

    async fn frame_body(&mut self) -> Result<Seen, Failure> {
        let what = "the rest of the frame, to <CR><LF>";
        let mut bytes = vec![STX];
        while !bytes.ends_with(&[CR, LF]) || bytes.len() < 7 {
            bytes.extend(self.until(LF, limits::COMMIT_WAIT, what).await?);
        }
        let read = frame(&bytes);
        let Ok(read) = read else {
            let expected = "a frame: <STX> number text <ETX> or <ETB>, two upper-case hexadecimal \
                            digits of the checksum, <CR><LF>";
            return Err(self.failure(expected, &bytes));
        };
        let (number, text, end) = (read.number, read.text.to_vec(), read.end);
        Ok(Seen { number, text, end, bytes })
    }

    /// Acknowledges frames until EOT; returns them. Numbers must follow each other from 1.
    pub(super) async fn frames(&mut self) -> Result<Vec<Seen>, Failure> {
        let mut seen: Vec<Seen> = Vec::new();
        let mut expected = 1;
        while let Some(frame) = self.frame_or_end(REPLY).await? {
            let words = format!("frame number {expected} (from 1, one more each, 7 then 0)");
            self.check(frame.number == expected, &words, &frame.bytes)?;
            expected = next_number(expected);
            seen.push(frame);
            self.check(seen.len() <= limits::FAULTS_MAX, "the end of the session", &[])?;
            self.send(&[ACK]).await?;
        }
        Ok(seen)
    }

    /// The same frame must come again.
    pub(super) async fn again(&mut self, frame: &[u8]) -> Played {
        let repeated = self.frame_or_end(REPLY).await?;
        let bytes = repeated.map_or(vec![EOT], |frame| frame.bytes);
        self.check(bytes == frame, "the same frame again, unchanged", &bytes)
    }

    /// Acknowledges the frame that waits and what is left of the session.
    pub(super) async fn rest_of_session(&mut self) -> Played {
        self.send(&[ACK]).await?;
        while self.frame_or_end(REPLY).await?.is_some() {
            self.send(&[ACK]).await?;
        }
        Ok(())
    }

    /// Accepts this frame with EOT in place of ACK: the peer may give the line away or go on with
    /// the next frame, never repeat the one accepted (6.3.5).
    pub(super) async fn interrupt(&mut self, accepted: &[u8]) -> Played {
        self.send(&[EOT]).await?;
        let Some(next) = self.frame_or_end(REPLY).await? else { return Ok(()) };
        let other = next.bytes != accepted;
        self.check(other, "<EOT> or the next frame, not the same one", &next.bytes)?;
        self.rest_of_session().await
    }

    /// EOT comes after so long, not much earlier or later.
    pub(super) async fn ends_after(&mut self, after: Duration) -> Played {
        let words = format!("<EOT> after {} s, nothing before", after.as_secs());
        self.silence(after.saturating_sub(TOLERANCE), &words).await?;
        self.expect(EOT, TOLERANCE * 2).await
    }

    /// The text of a whole session of the peer's.
    pub(super) async fn hear(&mut self, within: Duration) -> Result<Vec<u8>, Failure> {
        self.grant(within).await?;
        Ok(self.frames().await?.into_iter().flat_map(|frame| frame.text).collect())
    }
}

/// The records of a message.
pub(super) fn records_of(text: &[u8]) -> Vec<String> {
    let records = text.split(|byte| *byte == CR).filter(|record| !record.is_empty());
    records.map(|record| String::from_utf8_lossy(record).into_owned()).collect()
}
