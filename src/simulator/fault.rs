//! What can go wrong, by name: on the line, where bytes are lost and changed, and on the bench,
//! where tubes are.
//!
//! Exists so that a laboratory can rehearse a bad day, and have the same bad day again from the
//! same seed. Refuses a fault that the analyser's line cannot have: a checksum cannot be wrong
//! where there is none.

use std::collections::BTreeMap;
use std::fmt;

use super::Wire;

/// A fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// A frame with a checksum that is not its own.
    BadChecksum,
    /// A reply of the host is lost.
    LostAck,
    /// A reply of the host comes after the analyser has stopped waiting for it.
    LateAck,
    /// A frame or block that ends in its middle.
    CutFrame,
    /// A frame cut in two inside a number.
    EtbInNumber,
    /// A frame or block sent again although it was acknowledged.
    RepeatedFrame,
    /// A frame or block that never arrives.
    MissingFrame,
    /// Bytes that nobody sent, before a frame or block.
    Noise,
    /// A frame or block as it looks when the two ends disagree about parity.
    WrongParity,
    /// A transmission at a true pace of 1 200 baud.
    SlowLine,
    /// The connection goes silent without being closed; the analyser dials again.
    HalfOpen,
    /// The connection is reset in the middle of a frame or block.
    Reset,
    /// Two tubes of a rack carry one donation number.
    DuplicateId,
    /// Results are reported one position too far.
    ShiftedRack,
    /// A result comes with a flag, and again without it.
    DroppedFlag,
    /// Two tubes of a rack stand in each other's place.
    SwappedTubes,
    /// What the analyser has sent, it sends a second time, byte for byte.
    DoubleSession,
    /// The bar code of a tube can't be read.
    UnreadId,
    /// The analyser does not wait for the answer to its question.
    Impatient,
    /// The analyser refuses an order.
    RefusedOrder,
    /// A file ends in its middle and stays so; what was in it comes whole in another.
    CutFile,
    /// A file is half written for a while.
    HalfFile,
    /// A file is written again under another name.
    FileTwice,
    /// A file has the name of the one before.
    SameName,
}

/// Where a fault happens, and therefore of what its rate is a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scene {
    /// On what the analyser sends: of frames and blocks.
    Transmissions,
    /// On what it hears: of the host's acknowledgements.
    Replies,
    /// On the bench: of racks.
    Racks,
    /// On the bench: of tubes.
    Tubes,
    /// In the analyser: of the sessions it sends.
    Sessions,
    /// In an analyser that asks: of its questions.
    Questions,
    /// In an analyser that asks: of the host's messages with orders.
    Orders,
    /// In a folder: of the files that an analyser exports.
    Files,
}

/// How often each fault happens, in 1 000.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(BTreeMap<Fault, u16>);

/// A rate that means "always".
pub const ALWAYS: u16 = 1_000;

impl Fault {
    /// Every fault, those of the line first.
    pub const ALL: [Fault; 24] = [
        Fault::BadChecksum,
        Fault::LostAck,
        Fault::LateAck,
        Fault::CutFrame,
        Fault::EtbInNumber,
        Fault::RepeatedFrame,
        Fault::MissingFrame,
        Fault::Noise,
        Fault::WrongParity,
        Fault::SlowLine,
        Fault::HalfOpen,
        Fault::Reset,
        Fault::DuplicateId,
        Fault::ShiftedRack,
        Fault::DroppedFlag,
        Fault::SwappedTubes,
        Fault::DoubleSession,
        Fault::UnreadId,
        Fault::Impatient,
        Fault::RefusedOrder,
        Fault::CutFile,
        Fault::HalfFile,
        Fault::FileTwice,
        Fault::SameName,
    ];

    /// The name used on the command line and in scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Fault::BadChecksum => "bad-checksum",
            Fault::LostAck => "lost-ack",
            Fault::LateAck => "late-ack",
            Fault::CutFrame => "cut-frame",
            Fault::EtbInNumber => "etb-in-number",
            Fault::RepeatedFrame => "repeated-frame",
            Fault::MissingFrame => "missing-frame",
            Fault::Noise => "noise",
            Fault::WrongParity => "wrong-parity",
            Fault::SlowLine => "slow-line",
            Fault::HalfOpen => "half-open",
            Fault::Reset => "reset",
            Fault::DuplicateId => "duplicate-id",
            Fault::ShiftedRack => "shifted-rack",
            Fault::DroppedFlag => "dropped-flag",
            Fault::SwappedTubes => "swapped-tubes",
            Fault::DoubleSession => "double-session",
            Fault::UnreadId => "unread-id",
            Fault::Impatient => "impatient",
            Fault::RefusedOrder => "refused-order",
            Fault::CutFile => "cut-file",
            Fault::HalfFile => "half-file",
            Fault::FileTwice => "file-twice",
            Fault::SameName => "same-name",
        }
    }

    /// The fault of this name.
    pub fn from_name(name: &str) -> Option<Fault> {
        Fault::ALL.into_iter().find(|fault| fault.name() == name)
    }

    /// What it does, in one line.
    pub const fn what(self) -> &'static str {
        match self {
            Fault::BadChecksum => "one checksum digit of a frame is wrong",
            Fault::LostAck => "the host's acknowledgement is lost on the way",
            Fault::LateAck => "the host's acknowledgement comes after the analyser gave up",
            Fault::CutFrame => "a frame or block ends in its middle; the rest never comes",
            Fault::EtbInNumber => "a frame is cut in two (ETB) inside a number",
            Fault::RepeatedFrame => "a frame or block is sent again although it was acknowledged",
            Fault::MissingFrame => "a frame or block is skipped as if it had been acknowledged",
            Fault::Noise => "bytes nobody sent come before a frame or block",
            Fault::WrongParity => "top bits change as when the ends disagree about parity",
            Fault::SlowLine => "a frame or block goes at a true pace of 1200 baud",
            Fault::HalfOpen => "the connection goes silent unclosed; the analyser dials again",
            Fault::Reset => "the connection is reset in the middle of a frame or block",
            Fault::DuplicateId => "two tubes of a rack carry one donation number",
            Fault::ShiftedRack => "from some position on, results are reported one tube too far",
            Fault::DroppedFlag => "a result is sent with a flag, then again without it",
            Fault::SwappedTubes => "two tubes of a rack stand in each other's place",
            Fault::DoubleSession => "what was sent is sent a second time, byte for byte",
            Fault::UnreadId => {
                "the bar code of a tube can't be read; it is asked about all the same"
            }
            Fault::Impatient => "the analyser does not wait for the answer to its question",
            Fault::RefusedOrder => "the analyser refuses what the host orders (UA, AR or NAK)",
            Fault::CutFile => "a file ends in its middle; then it is written whole beside it",
            Fault::HalfFile => "a file stands half written for a while before it is completed",
            Fault::FileTwice => "a file is written a second time under another name",
            Fault::SameName => "a file has the name of the one before, which is gone by then",
        }
    }

    /// Where it happens.
    pub const fn scene(self) -> Scene {
        match self {
            Fault::BadChecksum
            | Fault::CutFrame
            | Fault::EtbInNumber
            | Fault::RepeatedFrame
            | Fault::MissingFrame
            | Fault::Noise
            | Fault::WrongParity
            | Fault::SlowLine
            | Fault::HalfOpen
            | Fault::Reset => Scene::Transmissions,
            Fault::LostAck | Fault::LateAck => Scene::Replies,
            Fault::DuplicateId | Fault::ShiftedRack | Fault::SwappedTubes => Scene::Racks,
            Fault::DroppedFlag => Scene::Tubes,
            Fault::DoubleSession => Scene::Sessions,
            Fault::UnreadId | Fault::Impatient => Scene::Questions,
            Fault::RefusedOrder => Scene::Orders,
            Fault::CutFile | Fault::HalfFile | Fault::FileTwice | Fault::SameName => Scene::Files,
        }
    }

    /// Whether this wire can have it.
    pub const fn is_possible_on(self, wire: Wire) -> bool {
        match (self, wire) {
            (Fault::BadChecksum | Fault::EtbInNumber, Wire::Mllp) => false,
            // What is done to replies needs a reply that can be told from a text; Hitachi has none.
            (
                Fault::EtbInNumber | Fault::RepeatedFrame | Fault::LostAck | Fault::LateAck,
                Wire::Blocks(_),
            ) => false,
            // Files need a folder, and have no line.
            (_, Wire::Files) => !self.scene().is_line() && !self.needs_questions(),
            (Fault::CutFile | Fault::HalfFile | Fault::FileTwice | Fault::SameName, _) => false,
            // Nothing divides such a stream, and nothing in it is answered.
            (_, Wire::Records) => !self.scene().is_line(),
            (_, Wire::Lis01 | Wire::Mllp | Wire::Blocks(_)) => true,
        }
    }

    /// Whether only an analyser that asks can have it.
    pub const fn needs_questions(self) -> bool {
        match self.scene() {
            Scene::Questions | Scene::Orders => true,
            Scene::Transmissions
            | Scene::Replies
            | Scene::Racks
            | Scene::Tubes
            | Scene::Sessions
            | Scene::Files => false,
        }
    }

    /// Whether it needs a connection that can be opened again.
    pub const fn needs_a_network(self) -> bool {
        matches!(self, Fault::HalfOpen | Fault::Reset)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Scene {
    /// Of what the rate is a part.
    pub const fn of_what(self) -> &'static str {
        match self {
            Scene::Transmissions => "frames or blocks",
            Scene::Replies => "replies of the host",
            Scene::Racks => "racks",
            Scene::Tubes => "tubes",
            Scene::Sessions => "sessions",
            Scene::Questions => "questions, with --query",
            Scene::Orders => "messages with orders, with --query",
            Scene::Files => "files, with --connect folder:PATH",
        }
    }

    /// Whether it is on the line.
    pub const fn is_line(self) -> bool {
        match self {
            Scene::Transmissions | Scene::Replies => true,
            Scene::Racks | Scene::Tubes | Scene::Sessions => false,
            Scene::Questions | Scene::Orders | Scene::Files => false,
        }
    }
}

impl Faults {
    /// These faults, each with its rate in 1 000.
    pub fn of<const N: usize>(rates: [(Fault, u16); N]) -> Faults {
        Faults(rates.into_iter().collect())
    }

    /// Sets one rate, in 1 000; 0 switches the fault off.
    pub fn set(&mut self, fault: Fault, rate: u16) {
        self.0.insert(fault, rate.min(ALWAYS));
    }

    /// How often it happens, in 1 000.
    pub fn rate(&self, fault: Fault) -> u16 {
        self.0.get(&fault).copied().unwrap_or_default()
    }

    /// Those that can happen, in order.
    pub fn switched_on(&self) -> impl Iterator<Item = Fault> {
        self.0.iter().filter(|(_, rate)| **rate > 0).map(|(fault, _)| *fault)
    }

    /// Whether any of them is on the line.
    pub fn touch_the_line(&self) -> bool {
        self.switched_on().any(|fault| fault.scene().is_line())
    }

    /// Which of these candidates happens this time; at most one does.
    pub(super) fn roll(&self, rng: &mut fastrand::Rng, candidates: &[Fault]) -> Option<Fault> {
        let mut dice = rng.u16(..ALWAYS);
        for fault in candidates {
            let rate = self.rate(*fault);
            if dice < rate {
                return Some(*fault);
            }
            dice -= rate;
        }
        None
    }
}

/// Reads `NAME=RATE`: the rate in 1 000, or in 100 with a percent sign.
///
/// # Errors
/// What is wrong with it, for people.
pub fn parse_fault(text: &str) -> Result<(Fault, u16), String> {
    let (name, rate) = text.split_once('=').ok_or("write NAME=RATE, or list")?;
    let fault = Fault::from_name(name)
        .ok_or_else(|| format!("no fault is called {name:?}; --fault list names them all"))?;
    let (number, scale) = match rate.strip_suffix('%') {
        Some(number) => (number, 10),
        None => (rate, 1),
    };
    let rate = number.trim().parse::<u16>().ok().and_then(|number| number.checked_mul(scale));
    match rate.filter(|rate| *rate <= ALWAYS) {
        Some(rate) => Ok((fault, rate)),
        None => Err(format!("{name}: the rate is a number from 0 to 1000, or from 0% to 100%")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_a_name_of_its_own_and_is_found_by_it() {
        for fault in Fault::ALL {
            assert_eq!(Fault::from_name(fault.name()), Some(fault));
            assert!(!fault.what().is_empty());
        }
        assert_eq!(Fault::from_name("gremlin"), None);
    }

    #[test]
    fn a_rate_is_in_1_000_or_with_a_sign_in_100() {
        assert_eq!(parse_fault("noise=20"), Ok((Fault::Noise, 20)));
        assert_eq!(parse_fault("noise=2%"), Ok((Fault::Noise, 20)));
        assert_eq!(parse_fault("reset=0"), Ok((Fault::Reset, 0)));
        assert_eq!(parse_fault("reset=1000"), Ok((Fault::Reset, 1_000)));
        assert_eq!(parse_fault("reset=100%"), Ok((Fault::Reset, 1_000)));
        for wrong in ["noise", "noise=", "noise=1001", "noise=101%", "noise=-1", "gremlin=1"] {
            assert!(parse_fault(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_fault_happens_as_often_as_its_rate_says() {
        let faults = Faults::of([(Fault::Noise, 100), (Fault::Reset, 50)]);
        let mut rng = fastrand::Rng::with_seed(1);
        let both = [Fault::Noise, Fault::Reset];
        let rolled: Vec<_> = (0..20_000).map(|_| faults.roll(&mut rng, &both)).collect();
        let count = |fault| rolled.iter().filter(|rolled| **rolled == Some(fault)).count();
        assert!((1_800..2_200).contains(&count(Fault::Noise)), "{}", count(Fault::Noise));
        assert!((850..1_150).contains(&count(Fault::Reset)), "{}", count(Fault::Reset));
    }

    #[test]
    fn what_has_no_checksum_cannot_have_a_wrong_one() {
        assert!(Fault::BadChecksum.is_possible_on(Wire::Lis01));
        assert!(!Fault::BadChecksum.is_possible_on(Wire::Mllp));
        assert!(!Fault::EtbInNumber.is_possible_on(Wire::Mllp));
    }
}
