//! Why a tube is not taken, and what to do about it; in words of both languages.

use crate::console::text::Text;
use crate::domain::{Container, DonationNumber};

/// Why a tube is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the texts say what each field is
pub(super) enum Refusal {
    Blank,
    NotOpen,
    InDoubt,
    Stale,
    OtherScan,
    RackCode { text: String },
    NotANumber { text: String },
    WrongCheck { text: String },
    Here { tube: DonationNumber, position: u32 },
    InRack { tube: DonationNumber, rack: String, position: u32, by: String },
    Unknown { tube: DonationNumber },
    Deferred { tube: DonationNumber },
    WrongContainer { tube: DonationNumber, is: Container, wanted: Container },
    WrongForKit { tube: DonationNumber, is: Container, kit: String },
    NoSuchPosition { text: String, most: u32 },
    PositionUsed { position: u32, tube: DonationNumber },
    Full { most: u32 },
    NotTaken { why: String },
}

impl Refusal {
    /// What happened, and what to do.
    pub(super) fn told(&self, text: &Text) -> [String; 2] {
        let [what, todo] = self.keys();
        let values = self.values(text);
        [text.with_all(what, &values), text.with_all(todo, &values)]
    }

    const fn keys(&self) -> [&'static str; 2] {
        match self {
            Refusal::Blank => ["scan-blank", "scan-blank-do"],
            Refusal::NotOpen => ["scan-not-open", "scan-not-open-do"],
            Refusal::InDoubt => ["scan-in-doubt", "scan-in-doubt-do"],
            Refusal::Stale => ["scan-stale", "scan-stale-do"],
            Refusal::OtherScan => ["scan-other", "scan-other-do"],
            Refusal::RackCode { .. } => ["scan-rack-code", "scan-rack-code-do"],
            Refusal::NotANumber { .. } => ["scan-no-number", "scan-no-number-do"],
            Refusal::WrongCheck { .. } => ["scan-wrong-check", "scan-wrong-check-do"],
            Refusal::Here { .. } => ["scan-here", "scan-here-do"],
            Refusal::InRack { .. } => ["scan-in-rack", "scan-in-rack-do"],
            Refusal::Unknown { .. } => ["scan-unknown", "scan-unknown-do"],
            Refusal::Deferred { .. } => ["scan-deferred", "scan-deferred-do"],
            Refusal::WrongContainer { .. } => ["scan-wrong-tube", "scan-wrong-tube-do"],
            Refusal::WrongForKit { .. } => ["scan-wrong-for-kit", "scan-wrong-for-kit-do"],
            Refusal::NoSuchPosition { .. } => ["scan-no-position", "scan-no-position-do"],
            Refusal::PositionUsed { .. } => ["scan-position-used", "scan-position-used-do"],
            Refusal::Full { .. } => ["scan-full", "scan-full-do"],
            Refusal::NotTaken { .. } => ["scan-not-taken", "scan-not-taken-do"],
        }
    }

    fn values(&self, text: &Text) -> Vec<(&'static str, String)> {
        let word = |container: &Container| text.word("rack-container", container.id());
        match self {
            Refusal::Blank
            | Refusal::NotOpen
            | Refusal::InDoubt
            | Refusal::Stale
            | Refusal::OtherScan => Vec::new(),
            Refusal::RackCode { text }
            | Refusal::NotANumber { text }
            | Refusal::WrongCheck { text } => vec![("text", text.clone())],
            Refusal::Here { tube, position } | Refusal::PositionUsed { position, tube } => {
                vec![("tube", tube.to_string()), ("position", position.to_string())]
            }
            Refusal::InRack { tube, rack, position, by } => vec![
                ("tube", tube.to_string()),
                ("rack", rack.clone()),
                ("position", position.to_string()),
                ("by", by.clone()),
            ],
            Refusal::Unknown { tube } | Refusal::Deferred { tube } => {
                vec![("tube", tube.to_string())]
            }
            Refusal::WrongContainer { tube, is, wanted } => {
                vec![("tube", tube.to_string()), ("is", word(is)), ("wanted", word(wanted))]
            }
            Refusal::WrongForKit { tube, is, kit } => {
                vec![("tube", tube.to_string()), ("is", word(is)), ("kit", kit.clone())]
            }
            Refusal::NoSuchPosition { text, most } => {
                vec![("text", text.clone()), ("most", most.to_string())]
            }
            Refusal::Full { most } => vec![("most", most.to_string())],
            Refusal::NotTaken { why } => vec![("why", why.clone())],
        }
    }
}
