//! Faults of the bench: tubes that are not what their place or label says, results that come
//! again without what they came with.
//!
//! Exists so that a laboratory can see what becomes of the donations concerned. Each mishap says
//! whom it concerns, and which of them must not become releasable whatever else arrives. Refuses
//! to claim more than can be known: two clean tubes in each other's place leave no trace on any
//! wire, and nothing is demanded of a host there.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;

use super::dialect::messages;
use super::{
    Envelope, Fault, Faults, Load, Morning, Outcome, PlannedResult, Rack, Session, Specimen, Tally,
    Tube,
};

/// Something that happened on the bench.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mishap {
    /// What.
    pub fault: Fault,
    /// In which rack.
    pub rack: u32,
    /// The donations whose results may not be their own, or not complete.
    pub concerned: Vec<String>,
    /// Those of them that must not become releasable.
    pub never_releasable: Vec<String>,
}

/// How long after the first sending a result comes again.
const AGAIN_AFTER: i64 = 40;
/// The flag that is there the first time.
const FLAG: &str = "X9";

impl Morning {
    /// Lets these faults happen on the bench; says what happened.
    pub fn befall(&mut self, faults: &Faults, seed: u64, tally: &Tally) -> Vec<Mishap> {
        let mut rng = Rng::with_seed(seed ^ 0x6D69_7368_6170);
        let mut mishaps = Vec::new();
        for rack in &mut self.racks {
            let on_rack = [Fault::DuplicateId, Fault::ShiftedRack, Fault::SwappedTubes];
            let happened = faults.roll(&mut rng, &on_rack);
            mishaps.extend(happened.and_then(|fault| befall_rack(rack, fault, &mut rng)));
            drop_flags(rack, faults, &mut rng, &mut mishaps);
            send_twice(rack, faults, &mut rng, &mut mishaps);
        }
        mishaps.iter().for_each(|mishap| tally.count(mishap.fault));
        mishaps
    }
}

fn befall_rack(rack: &mut Rack, fault: Fault, rng: &mut Rng) -> Option<Mishap> {
    let last = rack.dins.len().checked_sub(1).filter(|last| *last > 0)?;
    let one = rng.usize(0..last);
    let other = rng.usize(one + 1..=last);
    let dins = rack.dins.clone();
    let din = |place: usize| dins.get(place).cloned().unwrap_or_default();
    let (labels, concerned, never_releasable) = match fault {
        Fault::DuplicateId => {
            let labels = BTreeMap::from([(din(other), Some(din(one)))]);
            (labels, vec![din(one), din(other)], vec![din(one), din(other)])
        }
        Fault::SwappedTubes => {
            let labels =
                BTreeMap::from([(din(one), Some(din(other))), (din(other), Some(din(one)))]);
            (labels, vec![din(one), din(other)], vec![])
        }
        Fault::ShiftedRack => {
            // Each reports under the next one's number; nothing is reported for the first.
            let shifted = one..=last;
            let labels = shifted
                .clone()
                .map(|place| (din(place), (place < last).then(|| din(place + 1))))
                .collect();
            (labels, shifted.map(din).collect(), vec![din(one)])
        }
        Fault::BadChecksum
        | Fault::LostAck
        | Fault::LateAck
        | Fault::CutFrame
        | Fault::EtbInNumber
        | Fault::RepeatedFrame
        | Fault::MissingFrame
        | Fault::Noise
        | Fault::WrongParity
        | Fault::SlowLine
        | Fault::HalfOpen
        | Fault::Reset
        | Fault::DroppedFlag
        | Fault::DoubleSession
        | Fault::UnreadId
        | Fault::Impatient
        | Fault::RefusedOrder
        | Fault::CutFile
        | Fault::HalfFile
        | Fault::FileTwice
        | Fault::SameName => return None,
    };
    for session in rack.first.iter_mut().chain(&mut rack.repeats) {
        relabel(session, &labels);
    }
    let rack = rack.number;
    Some(Mishap { fault, rack, concerned, never_releasable })
}

/// Reports the results of each tube under another number, or not at all.
fn relabel(session: &mut Session, labels: &BTreeMap<String, Option<String>>) {
    session.load.tubes.retain_mut(|tube| match &mut tube.specimen {
        Specimen::Donor(din) => match labels.get(din.as_str()) {
            Some(Some(label)) => {
                label.clone_into(din);
                true
            }
            Some(None) => false,
            None => true,
        },
        Specimen::Control(_) | Specimen::Calibrator(_) => true,
    });
    session.messages = messages(&session.load, session.envelope);
}

/// A result with a flag; then the same result again, and the flag is gone.
fn drop_flags(rack: &mut Rack, faults: &Faults, rng: &mut Rng, mishaps: &mut Vec<Mishap>) {
    let number = rack.number;
    for sessions in [&mut rack.first, &mut rack.repeats] {
        let mut again = Vec::new();
        for session in sessions.iter_mut().filter(|session| !session.sent_before) {
            let hit = flagged(&session.load, faults, rng);
            if hit.is_empty() {
                continue;
            }
            set_flag(&mut session.load, &hit, None);
            again.push(resent(&session.load, session.envelope));
            set_flag(&mut session.load, &hit, Some(FLAG));
            session.messages = messages(&session.load, session.envelope);
            mishaps.extend(hit.into_iter().map(|din| Mishap {
                fault: Fault::DroppedFlag,
                rack: number,
                concerned: vec![din.clone()],
                never_releasable: vec![din],
            }));
        }
        sessions.extend(again);
    }
}

fn flagged(load: &Load, faults: &Faults, rng: &mut Rng) -> BTreeSet<String> {
    let can_be = |tube: &&Tube| load.model.has_flags() && tube.results.iter().any(has_value);
    let donors = load.tubes.iter().filter(can_be).filter_map(|tube| match &tube.specimen {
        Specimen::Donor(din) => Some(din.clone()),
        Specimen::Control(_) | Specimen::Calibrator(_) => None,
    });
    donors.filter(|_| faults.roll(rng, &[Fault::DroppedFlag]).is_some()).collect()
}

/// Sets the flag of one result of each of these donations; the others have none.
fn set_flag(load: &mut Load, hit: &BTreeSet<String>, flag: Option<&'static str>) {
    for tube in &mut load.tubes {
        let is_hit = matches!(&tube.specimen, Specimen::Donor(din) if hit.contains(din));
        if !is_hit {
            continue;
        }
        tube.results.iter_mut().for_each(|result| result.odd_flag = None);
        if let Some(result) = tube.results.iter_mut().find(|result| has_value(result)) {
            result.odd_flag = flag;
        }
    }
}

/// What has no result has no flag either.
fn has_value(result: &PlannedResult) -> bool {
    result.outcome != Outcome::Failed
}

fn resent(load: &Load, envelope: Envelope) -> Session {
    let sent_at = envelope.sent_at.saturating_add(jiff::ToSpan::seconds(AGAIN_AFTER));
    let envelope = Envelope { serial: envelope.serial + 50, sent_at };
    let messages = messages(load, envelope);
    Session { load: load.clone(), messages, sent_before: true, envelope }
}

/// What was sent is sent again, byte for byte.
fn send_twice(rack: &mut Rack, faults: &Faults, rng: &mut Rng, mishaps: &mut Vec<Mishap>) {
    for sessions in [&mut rack.first, &mut rack.repeats] {
        for session in std::mem::take(sessions) {
            let twice = faults.roll(rng, &[Fault::DoubleSession]).is_some();
            sessions.push(session.clone());
            if twice {
                sessions.push(Session { sent_before: true, ..session });
                mishaps.push(Mishap {
                    fault: Fault::DoubleSession,
                    rack: rack.number,
                    concerned: Vec::new(),
                    never_releasable: Vec::new(),
                });
            }
        }
    }
}
