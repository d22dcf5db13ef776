//! Planned results in the words of each make of analyser. One file for one dialect; what each is
//! built from is said there.

mod alinity_i;
mod architect;
mod asking;
mod beckman_au680;
mod beckman_pk7300;
mod centaur;
mod cobas_6800;
mod cobas_e601;
mod hitachi_7180;
mod hl7;
mod law;
mod liaison_xl;
mod lis02;
mod maglumi;
mod mindray_bs;
mod mindray_cl;
mod vision;

use jiff::civil::DateTime;

pub(super) use asking::{bare_id, hear, is_same_id, place, question, reply, withdrawal};

use super::{Load, Model, Outcome, PlannedResult, Played, played};
use crate::domain::Assay;

/// What changes when the same results are sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Number of the first message; the next has the next number.
    pub serial: u32,
    /// When it is sent, by the analyser's clock.
    pub sent_at: DateTime,
}

/// The messages that report this load, in the order in which the analyser sends them. HL7 without
/// its MLLP block, LIS02 records without frames.
pub fn messages(load: &Load, envelope: Envelope) -> Vec<Vec<u8>> {
    match &load.model {
        Played::Made(model) => made(*model, load, envelope),
        Played::Profiled(analyser) => played::messages(analyser, load, envelope),
    }
}

fn made(model: Model, load: &Load, envelope: Envelope) -> Vec<Vec<u8>> {
    let texts = match model {
        Model::CobasE601 => cobas_e601::messages(&cobas_e601::E601, load, envelope),
        Model::Architect => architect::messages(load, envelope),
        Model::Maglumi => maglumi::messages(load, envelope),
        Model::Cobas6800 => cobas_6800::messages(load, envelope),
        Model::MindrayBs => mindray_bs::messages(load, envelope),
        Model::Vision => vision::messages(load, envelope),
        Model::CobasE411 => cobas_e601::messages(&cobas_e601::E411, load, envelope),
        Model::Centaur => centaur::messages(load, envelope),
        Model::MindrayCl => mindray_cl::messages(load, envelope),
        Model::LiaisonXl => liaison_xl::messages(load, envelope),
        Model::AlinityI => alinity_i::messages(load, envelope),
        Model::BeckmanPk7300 => beckman_pk7300::messages(load, envelope),
        Model::BeckmanAu680 => beckman_au680::messages(load),
        Model::Hitachi7180 => hitachi_7180::messages(load),
    };
    texts.into_iter().map(String::into_bytes).collect()
}

/// What a table has for an assay; nothing where the analyser does not run it.
fn of<T: Copy + Default>(table: &[(Assay, T)], assay: Assay) -> T {
    let row = table.iter().find(|(listed, _)| *listed == assay);
    row.map(|(_, value)| *value).unwrap_or_default()
}

/// The assay that a table has this code for.
fn assays_of(table: &[(Assay, &str)], code: &str) -> Vec<Assay> {
    let rows = table.iter().filter(|(_, listed)| *listed == code);
    rows.map(|(assay, _)| *assay).collect()
}

/// `YYYYMMDDHHMMSS`, as every one of these analysers writes a time.
fn stamp(time: DateTime) -> String {
    time.strftime("%Y%m%d%H%M%S").to_string()
}

/// A quantity with one decimal, as chemistry analysers with fixed widths print it; `?` where there
/// is no result.
fn tenths(result: &PlannedResult) -> String {
    match result.outcome {
        Outcome::Quantity(number) | Outcome::Marker(_, number) => format!("{number:.1}"),
        Outcome::Group(_) | Outcome::Failed => "?".to_owned(),
    }
}
