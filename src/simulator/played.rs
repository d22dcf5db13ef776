//! Who is played: a make that is written out in this room, or any analyser whose profile says how
//! it sends.
//!
//! Refuses an analyser whose profile does not say it, or says what cannot be written. What is
//! played from a profile cannot find that profile out: for that there are the makes.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::asking::{Asked, HostSays, Order, Ordered};
use super::{ACKNOWLEDGEMENT_WAIT, Envelope, Load, Model, Outcome, PlannedResult, Specimen, Wire};
use crate::analyser::{
    Analyser, Framing, Heard, HeardOrder, HeardTest, Meant, MeantOutcome, MeantQuestion,
    MeantResult, MeantSpecimen, Profile, Stamp,
};
use crate::codec::block::Parameters;
use crate::domain::{Assay, Measure, Reading, SpecimenKind};
use crate::link::bare::Records;
use crate::link::lis01::Packing;
use crate::link::{Sending, bare, block, lis01, mllp};

/// Who is played.
#[derive(Clone, Debug)]
pub enum Played {
    /// A make that is written out here: a second statement, which no profile can mislead.
    Made(Model),
    /// An analyser as its profile says that it sends.
    Profiled(Arc<Analyser>),
}

/// The number of an analyser that is none of the makes.
const ORDINAL: u32 = 50;

impl Played {
    /// An analyser as its profile says that it sends.
    ///
    /// # Errors
    /// What the profile does not say, or says so that it cannot be written.
    pub fn profiled(analyser: Arc<Analyser>) -> Result<Played, String> {
        let name = analyser.profile().name();
        if !analyser.sends() {
            return Err(format!("{name} does not say how its analyser sends: it has no [upload]"));
        }
        let played = Played::Profiled(Arc::clone(&analyser));
        match analyser.unsendable() {
            None => Ok(played),
            Some(why) => Err(format!("{name}: {why}")),
        }
    }

    /// Name of the profile that reads it.
    pub fn name(&self) -> &str {
        match self {
            Played::Made(model) => model.profile(),
            Played::Profiled(analyser) => analyser.profile().name(),
        }
    }

    /// The make, if it is one.
    pub const fn made(&self) -> Option<Model> {
        match self {
            Played::Made(model) => Some(*model),
            Played::Profiled(_) => None,
        }
    }

    /// What carries its messages.
    pub fn wire(&self) -> Wire {
        match self {
            Played::Made(model) => model.wire(),
            Played::Profiled(analyser) => wire(analyser.profile()),
        }
    }

    /// The analyser of the profile, if it is played from one.
    pub const fn analyser(&self) -> Option<&Arc<Analyser>> {
        match self {
            Played::Made(_) => None,
            Played::Profiled(analyser) => Some(analyser),
        }
    }

    /// The assays it runs on this bench, in the order it reports them.
    pub fn assays(&self) -> Vec<Assay> {
        match self {
            Played::Made(model) => model.assays().to_vec(),
            Played::Profiled(analyser) => analyser.reports(),
        }
    }

    /// Whether it asks its host what to do with a tube, and understands the answer.
    pub fn asks(&self) -> bool {
        match self {
            Played::Made(model) => model.asks(),
            Played::Profiled(analyser) => analyser.asks(),
        }
    }

    /// Test codes that its configuration must name, on top of the profile's own.
    pub const fn site_tests(&self) -> &'static [(&'static str, Assay)] {
        match self {
            Played::Made(model) => model.site_tests(),
            Played::Profiled(_) => &[],
        }
    }

    /// Whether it can send a flag that nobody knows.
    pub const fn has_flags(&self) -> bool {
        match self {
            Played::Made(model) => model.has_flags(),
            Played::Profiled(_) => false,
        }
    }

    /// How long it waits for the answer to a question.
    pub(super) fn answer_patience(&self) -> Duration {
        match self {
            Played::Made(model) => model.answer_patience(),
            Played::Profiled(analyser) => analyser.answer_within().unwrap_or_default(),
        }
    }

    /// Whether its kits have a grey zone.
    pub(super) fn has_grey_zone(&self) -> bool {
        match self {
            Played::Made(model) => model.has_grey_zone(),
            Played::Profiled(analyser) => analyser.reports().into_iter().all(|assay| {
                let outcomes = analyser.outcomes(assay);
                let grey = |outcome: &MeantOutcome| {
                    matches!(outcome, MeantOutcome::Reading(Reading::GreyZone, _))
                };
                assay.measure() != Measure::Marker || outcomes.iter().any(grey)
            }),
        }
    }

    /// A number of its own, for seeds and rack numbers.
    pub(super) const fn ordinal(&self) -> u32 {
        match self {
            Played::Made(model) => model.ordinal(),
            Played::Profiled(_) => ORDINAL,
        }
    }

    /// Its end of a line, both directions.
    pub(super) fn link(&self) -> Box<dyn Sending> {
        match self {
            Played::Made(model) => made(*model),
            Played::Profiled(analyser) => profiled(analyser.profile()),
        }
    }
}

impl From<Model> for Played {
    fn from(model: Model) -> Played {
        Played::Made(model)
    }
}

impl PartialEq for Played {
    /// Two that are read by one profile, byte for byte, and are of one make or none.
    fn eq(&self, other: &Played) -> bool {
        match (self, other) {
            (Played::Made(one), Played::Made(other)) => one == other,
            (Played::Profiled(one), Played::Profiled(other)) => {
                one.profile().sha256() == other.profile().sha256() && one.tests() == other.tests()
            }
            (Played::Made(_), Played::Profiled(_)) | (Played::Profiled(_), Played::Made(_)) => {
                false
            }
        }
    }
}

impl Eq for Played {}

impl PartialEq<Model> for Played {
    fn eq(&self, other: &Model) -> bool {
        self.made() == Some(*other)
    }
}

fn wire(profile: &Profile) -> Wire {
    match (profile.blocks(), profile.link().framing) {
        (Some(blocks), _) => Wire::Blocks(blocks.protocol),
        (None, Framing::Lis01 | Framing::Blocks) => Wire::Lis01,
        (None, Framing::BareRecords | Framing::StxEtx) => Wire::Records,
        (None, Framing::Files) => Wire::Files,
        (None, Framing::Mllp | Framing::MllpCommit) => Wire::Mllp,
    }
}

fn made(model: Model) -> Box<dyn Sending> {
    match model.wire() {
        Wire::Lis01 => {
            let standard = lis01::Settings::instrument();
            let packing = model.packing();
            Box::new(lis01::Duplex::new(lis01::Settings { packing, ..standard }))
        }
        Wire::Records | Wire::Files => records(bare::Envelope::None),
        Wire::Mllp => {
            let settings = mllp::Settings::new(analysers_time, ACKNOWLEDGEMENT_WAIT);
            Box::new(mllp::Duplex::new(settings))
        }
        Wire::Blocks(protocol) => {
            block::open(&Parameters::usual(protocol), block::Role::Instrument)
        }
    }
}

/// The other end of what the profile says of its line.
fn profiled(profile: &Profile) -> Box<dyn Sending> {
    if let Some(blocks) = profile.blocks() {
        return block::open(blocks, block::Role::Instrument);
    }
    let habits = profile.link();
    match habits.framing {
        Framing::Lis01 | Framing::Blocks => Box::new(lis01::Duplex::new(lis01::Settings {
            frame_text_max: habits.frame_text_max,
            packing: if habits.packed { Packing::Packed } else { Packing::RecordPerFrame },
            acknowledge_contention: habits.acknowledge_contention,
            honour_interrupt: habits.yields_to_interrupt,
            ..lis01::Settings::instrument()
        })),
        Framing::BareRecords | Framing::Files => records(bare::Envelope::None),
        Framing::StxEtx => records(bare::Envelope::StxEtx),
        Framing::Mllp | Framing::MllpCommit => {
            let usual = mllp::Settings::new(analysers_time, ACKNOWLEDGEMENT_WAIT);
            let commit = habits.framing == Framing::MllpCommit;
            let charsets = profile.charsets();
            Box::new(mllp::Duplex::new(mllp::Settings { commit, charsets, ..usual }))
        }
    }
}

fn records(envelope: bare::Envelope) -> Box<dyn Sending> {
    Box::new(Records::new(envelope, ACKNOWLEDGEMENT_WAIT))
}

/// MSH-7 of acknowledgements: somewhere in the morning of the plan.
fn analysers_time() -> String {
    "20260302080000".to_owned()
}

/// The messages of an analyser that is played from its profile. Calibrators are left out: profiles
/// do not say how they are sent.
pub(super) fn messages(analyser: &Analyser, load: &Load, envelope: Envelope) -> Vec<Vec<u8>> {
    let specimens = load.tubes.iter().filter_map(|tube| {
        let (id, kind) = match &tube.specimen {
            Specimen::Donor(din) => (din, SpecimenKind::Donor),
            Specimen::Control(lot) => (lot, SpecimenKind::Control),
            Specimen::Calibrator(_) => return None,
        };
        let results = tube.results.iter().map(|result| meant(analyser, result)).collect();
        let (rack, position) = analyser.place_sent(load.rack, tube.position);
        let (rack, position) = (Some(rack), Some(position));
        Some(MeantSpecimen { id: id.clone(), kind, rack, position, results })
    });
    let meant = Meant { specimens: specimens.collect() };
    let stamp = stamp(envelope.sent_at, envelope.serial);
    // What cannot be sent was refused when the part was taken.
    analyser.upload(&meant, stamp).unwrap_or_default()
}

/// The question about a tube; nothing where the profile does not say how it is asked.
pub(super) fn question(analyser: &Analyser, asked: &Asked, now: DateTime) -> Vec<u8> {
    let (rack, position) = analyser.place_sent(asked.rack, asked.position);
    let (rack, position) = (Some(rack), Some(position));
    let meant = MeantQuestion { id: asked.id.clone(), rack, position };
    // What cannot be asked was refused when the part was taken.
    analyser.question(&meant, stamp(now, asked.sequence)).ok().flatten().unwrap_or_default()
}

/// What a message of the host says, by the profile's own lines.
pub(super) fn hear(analyser: &Analyser, message: &[u8]) -> HostSays {
    let test = |test: HeardTest| {
        let HeardTest { code, assays, order_id } = test;
        Ordered { code, assays, order_id }
    };
    let order = |order: HeardOrder| {
        let tests = order.tests.into_iter().map(test).collect();
        Order { id: order.id, place: None, tests }
    };
    match analyser.hear(message) {
        Heard::Work(orders) => HostSays::Work(orders.into_iter().map(order).collect()),
        Heard::NoWork => HostSays::NoWork,
        Heard::Unanswerable => HostSays::Unanswerable("the host cannot answer it".to_owned()),
        Heard::Nothing => HostSays::Nothing,
    }
}

fn stamp(time: DateTime, serial: u32) -> Stamp {
    let time = time.to_zoned(TimeZone::UTC).map(|time| time.timestamp()).unwrap_or_default();
    Stamp { time, serial: i64::from(serial) }
}

fn meant(analyser: &Analyser, result: &PlannedResult) -> MeantResult {
    let assay = result.assay;
    let outcome = match result.outcome {
        Outcome::Marker(reading, ratio) => {
            MeantOutcome::Reading(reading, number(analyser, assay, reading, ratio))
        }
        Outcome::Quantity(number) => MeantOutcome::Quantity(number),
        Outcome::Group(reading) => MeantOutcome::Reading(reading, None),
        Outcome::Failed => MeantOutcome::Failed,
    };
    let completed: DateTime = result.completed;
    MeantResult {
        assay,
        outcome,
        completed,
        replicate: Some("1".to_owned()),
        lot: Some("LOT26A".to_owned()),
        operator: Some("OPER01".to_owned()),
        wording: 0,
    }
}

/// The plan counts in cut-offs; the number is one that the analyser's kit would give.
fn number(analyser: &Analyser, assay: Assay, reading: Reading, ratio: Decimal) -> Option<Decimal> {
    let range = analyser.numbers(assay, reading)?;
    let number = (ratio * analyser.cut_off(assay).unwrap_or(Decimal::ONE)).round_dp(3);
    Some(number.clamp(*range.start(), *range.end()))
}
