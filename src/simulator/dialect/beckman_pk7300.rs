//! Beckman PK7300: one fixed-width text for each tube: reaction signs of 23 channels, four
//! interpretations under the names of the one transmission its profile is built on, the control
//! channel. The texts around a run (SB, DB, DE, machine, reagents) are left out: they carry no
//! result. Transcripts: `fixtures/analysers/beckman-pk7300`.

use super::Envelope;
use crate::domain::{AboGroup, Reading, RhdType};
use crate::simulator::{Load, Outcome, Specimen, Tube};

/// As in the one transmission.
const DEVICE_AND_RUN: &str = "152101";
/// Channels of one tube.
const CHANNELS: usize = 23;
/// What the analyser says of the control channel and of what the bench does not use.
const RH_PHENOTYPE: &str = "CcEe";
const KELL: &str = "KELL -";
const CONTROL_CHANNEL: &str = "CONTR-";

pub(super) fn messages(load: &Load, envelope: Envelope) -> Vec<String> {
    load.tubes.iter().map(|tube| text(load, tube, envelope)).collect()
}

fn text(load: &Load, tube: &Tube, envelope: Envelope) -> String {
    let (code, id) = match &tube.specimen {
        Specimen::Donor(din) => ("D ", din),
        Specimen::Control(lot) | Specimen::Calibrator(lot) => ("DQ", lot),
    };
    let date = envelope.sent_at.strftime("%Y%m%d");
    let (rack, position) = (load.rack % 10_000, tube.position % 10_000);
    let (abo, rhd) = groups(tube);
    let (signs, group, kind) = (signs(abo, rhd), abo.map_or("", AboGroup::id), word(rhd));
    let odd = tube.results.iter().find_map(|result| result.odd_flag);
    let mark = odd.and_then(|flag| flag.chars().next()).unwrap_or('M');
    let interpretations = format!(
        "{:<5}{group:<8}{:<5}{RH_PHENOTYPE:<8}{:<5}{kind:<8}{:<5}{KELL:<8}",
        "ABO2", "CE-2", "D-2", "K-2"
    );
    let control = format!("{:<5}{CONTROL_CHANNEL:<7}{mark}", "RhC2");
    format!(
        "{code}{DEVICE_AND_RUN}{date}{id:>27}{rack:04}{position:04}  EE     \
         {signs}{interpretations}{control}0141037012346"
    )
}

/// What was found; nothing where the analyser was not asked for it.
fn groups(tube: &Tube) -> (Option<AboGroup>, Option<RhdType>) {
    let (mut abo, mut rhd) = (None, None);
    for result in &tube.results {
        match result.outcome {
            Outcome::Group(Reading::Abo(group)) => abo = Some(group),
            Outcome::Group(Reading::Rhd(kind)) => rhd = Some(kind),
            Outcome::Group(_) | Outcome::Marker(..) | Outcome::Quantity(_) | Outcome::Failed => {}
        }
    }
    (abo, rhd)
}

fn word(rhd: Option<RhdType>) -> &'static str {
    match rhd {
        Some(RhdType::Positive) => "RH+",
        Some(RhdType::Negative) => "RH-",
        None => "",
    }
}

/// A mark and a sign for each channel: anti-A, anti-B, anti-D and the others of the plate.
fn signs(abo: Option<AboGroup>, rhd: Option<RhdType>) -> String {
    let (a, b) = match abo {
        Some(AboGroup::A) => (true, false),
        Some(AboGroup::B) => (false, true),
        Some(AboGroup::Ab) => (true, true),
        Some(AboGroup::O) | None => (false, false),
    };
    let d = rhd == Some(RhdType::Positive);
    let reactions = [a, b, d, false, true, true, true, !(a && b), false];
    let signs: String = reactions.map(|reacts| if reacts { " +" } else { " -" }).concat();
    format!("{signs:<width$}", width = 2 * CHANNELS)
}
