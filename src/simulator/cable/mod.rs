//! A cable with faults, laid between an analyser's link and its real line.
//!
//! ```text
//!   link <--> near end | harm to what is sent  | far end <--> TCP or serial line <--> host
//!                      | harm to what is heard |
//! ```
//!
//! Exists so that a host can be rehearsed on a bad line from a seed: the same seed does the same
//! harm to the same transmissions. It does at most one kind of harm to one transmission, and keeps
//! the order of bytes. Where a fault changes the dialogue, it keeps the link's side of it true:
//!
//! * **etb-in-number**: the frame goes as two, the reply to the first is kept from the link, and
//!   the frames behind it are renumbered until the session ends.
//! * **repeated-frame**: the reply to the first copy is kept from the link, as if it had been lost.
//! * **missing-frame**: the link is told ACK, so that it goes on to the next frame. Refused for the
//!   last frame of a message: nobody could ever know of it.
//! * **late-ack**: everything behind the late reply is late too.
//! * **half-open**: nothing is carried any more; the near end closes after a while, so that the
//!   analyser dials again, and the far end stays open as long as its cable is kept.

mod harm;
mod units;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;

use self::units::{Unit, Units};
use super::paced::line_time;
use super::{Fault, Faults, Line, Opened, Tempo, Wire};
use crate::codec::lis01::{ACK, ENQ};
use crate::limits;
use crate::link::Moment;

/// How often each fault happened.
#[derive(Clone, Debug, Default)]
pub struct Tally(Arc<Mutex<BTreeMap<Fault, u64>>>);

/// A cable that was laid; it is there until it is taken up.
#[derive(Debug)]
pub struct Laid(JoinHandle<Option<Line>>);

struct Cable {
    near: DuplexStream,
    far: Opened,
    faults: SharedFaults,
    tally: Tally,
    tempo: Tempo,
    patience: Duration,
    wire: Wire,
    rng: Rng,
    outward: Units,
    homeward: Units,
    /// Sent when the reply to what went before comes; that reply is kept from the link.
    behind: VecDeque<Vec<u8>>,
    /// By how much frame numbers are ahead of the link's.
    ahead: u8,
    /// The last frame of the link's, and what was made of it.
    last: Option<(Vec<u8>, Vec<Vec<u8>>)>,
    late: Option<(Moment, Vec<u8>)>,
}

/// What becomes of the cable after a unit was carried.
enum Carried {
    On,
    Reset,
    Silent,
}

/// What a slow transmission goes at.
const SLOW_BAUD: u32 = 1_200;
/// How much later than the analyser's patience a late reply comes: at least, and more at most.
const LATE_BY: Duration = Duration::from_millis(200);
const LATE_MORE: Duration = Duration::from_millis(600);
/// How long an analyser looks at a silent connection before it dials again.
const SILENCE: Duration = Duration::from_secs(3);

/// On frames and blocks; which of them happens is rolled in this order.
const ON_TRANSMISSIONS: [Fault; 10] = [
    Fault::BadChecksum,
    Fault::CutFrame,
    Fault::EtbInNumber,
    Fault::RepeatedFrame,
    Fault::MissingFrame,
    Fault::Noise,
    Fault::WrongParity,
    Fault::SlowLine,
    Fault::HalfOpen,
    Fault::Reset,
];
const ON_REPLIES: [Fault; 2] = [Fault::LostAck, Fault::LateAck];

/// What is wrong with a line at present; it may change while the line is open.
#[derive(Clone, Debug, Default)]
pub struct SharedFaults(Arc<Mutex<Faults>>);

impl SharedFaults {
    /// These, until others are set.
    pub fn new(faults: Faults) -> SharedFaults {
        SharedFaults(Arc::new(Mutex::new(faults)))
    }

    /// These from now on.
    pub fn set(&self, faults: Faults) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    fn roll(&self, rng: &mut Rng, candidates: &[Fault]) -> Option<Fault> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).roll(rng, candidates)
    }
}

impl Tally {
    /// How often each happened, in the order of [`Fault::ALL`].
    pub fn counts(&self) -> Vec<(Fault, u64)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|(fault, count)| (*fault, *count)).collect()
    }

    /// How often this one happened.
    pub fn of(&self, fault: Fault) -> u64 {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.get(&fault).copied().unwrap_or_default()
    }

    pub(super) fn count(&self, fault: Fault) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(fault).or_default() += 1;
    }
}

impl Laid {
    /// Waits until everything has gone; a connection that was left silent and open is closed.
    pub async fn take_up(self) {
        // A cable that broke is a line that was lost: its link has heard of it.
        let _broken = self.0.await;
    }
}

/// Lays a cable on a line; the near end is what the link is to be driven on.
pub fn lay(
    far: Opened,
    wire: Wire,
    faults: SharedFaults,
    seed: u64,
    tally: Tally,
    tempo: Tempo,
) -> (Line, Laid) {
    let (link, near) = duplex(limits::LINK_BACKLOG_MAX);
    let cable = Cable {
        near,
        far,
        faults,
        tally,
        tempo,
        patience: wire.reply_patience(),
        wire,
        rng: Rng::with_seed(seed),
        outward: Units::of(wire),
        homeward: Units::of(wire),
        behind: VecDeque::new(),
        ahead: 0,
        last: None,
        late: None,
    };
    (Box::new(link), Laid(tokio::spawn(cable.run())))
}

impl Cable {
    /// Carries until one end closes; returns the far end where it is to stay open in silence.
    async fn run(mut self) -> Option<Line> {
        match self.carry().await {
            Ok(Carried::On) | Err(_) => None,
            Ok(Carried::Reset) => {
                self.far.reset();
                None
            }
            Ok(Carried::Silent) => {
                self.tempo.sleep(SILENCE).await;
                Some(self.far.line)
            }
        }
    }

    async fn carry(&mut self) -> io::Result<Carried> {
        let (mut sent, mut heard) = (vec![0; limits::READ_CHUNK], vec![0; limits::READ_CHUNK]);
        loop {
            let late = self.late.as_ref().map(|(due, _)| *due);
            tokio::select! {
                read = self.near.read(&mut sent) => {
                    let length = read?;
                    if length == 0 {
                        return self.close().await;
                    }
                    self.outward.take(sent.get(..length).unwrap_or_default());
                }
                read = self.far.line.read(&mut heard) => {
                    let length = read?;
                    if length == 0 {
                        return Ok(Carried::On);
                    }
                    self.homeward.take(heard.get(..length).unwrap_or_default());
                }
                () = self.tempo.sleep_until(late.unwrap_or_default()), if late.is_some() => {
                    self.deliver_late().await?;
                }
            }
            while let Some(unit) = self.outward.next() {
                match self.send(unit).await? {
                    Carried::On => {}
                    over @ (Carried::Reset | Carried::Silent) => return Ok(over),
                }
            }
            while let Some(unit) = self.homeward.next() {
                self.hear(unit).await?;
            }
        }
    }

    async fn close(&mut self) -> io::Result<Carried> {
        let rest = self.outward.rest();
        self.put(&rest).await?;
        self.far.line.shutdown().await?;
        Ok(Carried::On)
    }

    async fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.far.line.write_all(bytes).await?;
        self.far.line.flush().await
    }

    // What the analyser sends.

    async fn send(&mut self, unit: Unit) -> io::Result<Carried> {
        match unit {
            Unit::Byte(byte) => {
                if unit.is_turn() {
                    self.behind.clear();
                }
                if byte == ENQ {
                    (self.ahead, self.last) = (0, None);
                }
                self.put(&[byte]).await?;
                Ok(Carried::On)
            }
            Unit::Frame(frame) => {
                let harm = self.faults.roll(&mut self.rng, &ON_TRANSMISSIONS);
                let parts = self.parts(frame, harm);
                self.transmit(parts, harm).await
            }
            Unit::Block(block) => {
                let harm = self.faults.roll(&mut self.rng, &ON_TRANSMISSIONS);
                self.transmit(vec![block], harm).await
            }
        }
    }

    /// The frame as it goes over the line: under its number here, or cut in two. A frame that is
    /// sent again goes as it went before.
    fn parts(&mut self, frame: Vec<u8>, harm: Option<Fault>) -> Vec<Vec<u8>> {
        self.behind.clear();
        if let Some((last, parts)) = &self.last
            && *last == frame
        {
            return parts.clone();
        }
        let numbered = harm::renumbered(&frame, self.ahead);
        let split = harm
            .filter(|harm| *harm == Fault::EtbInNumber)
            .and_then(|_| harm::split_in_number(&numbered, &mut self.rng));
        let parts = match split {
            Some(two) => {
                self.tally.count(Fault::EtbInNumber);
                self.ahead = self.ahead.wrapping_add(1);
                two.to_vec()
            }
            None => vec![numbered],
        };
        self.last = Some((frame, parts.clone()));
        parts
    }

    async fn transmit(&mut self, parts: Vec<Vec<u8>>, harm: Option<Fault>) -> io::Result<Carried> {
        let mut parts = VecDeque::from(parts);
        let Some(first) = parts.pop_front() else { return Ok(Carried::On) };
        self.behind = parts;
        match harm {
            None | Some(Fault::EtbInNumber) => self.put(&first).await?,
            Some(harm) => return self.transmit_harmed(first, harm).await,
        }
        Ok(Carried::On)
    }

    async fn transmit_harmed(&mut self, bytes: Vec<u8>, harm: Fault) -> io::Result<Carried> {
        let mut bytes = bytes;
        if harm == Fault::MissingFrame && !self.may_be_missed(&bytes) {
            self.put(&bytes).await?;
            return Ok(Carried::On);
        }
        self.tally.count(harm);
        match harm {
            Fault::BadChecksum => match self.wire {
                Wire::Lis01 | Wire::Records | Wire::Mllp | Wire::Files => {
                    harm::bad_checksum(&mut bytes, &mut self.rng);
                }
                Wire::Blocks(_) => harm::bad_check_byte(&mut bytes),
            },
            Fault::CutFrame => bytes.truncate(harm::cut(&bytes, &mut self.rng)),
            Fault::RepeatedFrame => self.behind.push_front(bytes.clone()),
            Fault::MissingFrame => return self.miss().await,
            Fault::Noise => bytes.splice(0..0, harm::noise(&mut self.rng)).for_each(drop),
            Fault::WrongParity => harm::parity(&mut bytes, &mut self.rng),
            Fault::SlowLine => return self.put_slowly(&bytes).await,
            Fault::HalfOpen => return Ok(Carried::Silent),
            Fault::Reset => {
                self.put(harm::middle(&bytes)).await?;
                return Ok(Carried::Reset);
            }
            Fault::EtbInNumber
            | Fault::LostAck
            | Fault::LateAck
            | Fault::DuplicateId
            | Fault::ShiftedRack
            | Fault::DroppedFlag
            | Fault::SwappedTubes
            | Fault::DoubleSession
            | Fault::UnreadId
            | Fault::Impatient
            | Fault::RefusedOrder
            | Fault::CutFile
            | Fault::HalfFile
            | Fault::FileTwice
            | Fault::SameName => {}
        }
        self.put(&bytes).await?;
        Ok(Carried::On)
    }

    /// A block that is missed is missed by its acknowledgement; a frame by the next frame.
    fn may_be_missed(&self, bytes: &[u8]) -> bool {
        match self.wire {
            Wire::Lis01 => self.behind.is_empty() && harm::message_goes_on(bytes),
            Wire::Records | Wire::Mllp | Wire::Blocks(_) | Wire::Files => true,
        }
    }

    async fn miss(&mut self) -> io::Result<Carried> {
        if self.wire == Wire::Lis01 {
            self.near.write_all(&[ACK]).await?;
        }
        Ok(Carried::On)
    }

    async fn put_slowly(&mut self, bytes: &[u8]) -> io::Result<Carried> {
        let begins = self.tempo.now();
        for (before, byte) in bytes.iter().enumerate() {
            self.tempo.sleep_until(begins.plus(line_time(SLOW_BAUD, before + 1))).await;
            self.put(&[*byte]).await?;
        }
        Ok(Carried::On)
    }

    // What the analyser hears.

    async fn hear(&mut self, unit: Unit) -> io::Result<()> {
        if let Some((_, late)) = &mut self.late {
            late.extend_from_slice(unit.bytes());
            return Ok(());
        }
        if !unit.is_reply() {
            return self.near.write_all(unit.bytes()).await;
        }
        if unit == Unit::Byte(ACK) || matches!(unit, Unit::Block(_)) {
            if let Some(next) = self.behind.pop_front() {
                return self.put(&next).await;
            }
        } else {
            self.behind.clear();
        }
        match self.faults.roll(&mut self.rng, &ON_REPLIES) {
            Some(Fault::LostAck) => self.tally.count(Fault::LostAck),
            Some(Fault::LateAck) => {
                self.tally.count(Fault::LateAck);
                let more = LATE_MORE.mul_f64(self.rng.f64());
                let due = self.tempo.now().plus(self.patience).plus(LATE_BY).plus(more);
                self.late = Some((due, unit.bytes().to_vec()));
            }
            Some(_) | None => self.near.write_all(unit.bytes()).await?,
        }
        Ok(())
    }

    async fn deliver_late(&mut self) -> io::Result<()> {
        match self.late.take() {
            Some((_, late)) => self.near.write_all(&late).await,
            None => Ok(()),
        }
    }
}
