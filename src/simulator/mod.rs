//! Virtual analysers and a seeded morning in a blood centre. Speaks the wire only.
//!
//! A [`Morning`] plans donations, what each will yield and what must become of it; the dialects
//! turn planned results into the bytes that each make of analyser would send; a [`Player`] sends
//! them over any stream. The same seed gives the same bytes.
//!
//! An analyser is one of the makes written out here, a second statement of how each sends, or any
//! other, played from its profile.
//!
//! Refuses: to know the rules. What a scenario must lead to is stated by the plan itself (see
//! [`Scenario::intent`]), so that the daemon can be wrong and be found out.

mod asking;
mod bench;
mod cable;
mod course;
mod day;
mod dialect;
mod exporter;
mod fault;
mod instrument;
mod line;
mod mishap;
mod model;
mod morning;
mod numbers;
mod paced;
mod played;
mod player;
mod rack;
mod scenario;
mod script;
mod tempo;
mod wired;

pub use asking::{Account, AnswerOutcome, Asker, Turn};
pub use bench::{Load, Outcome, PlannedResult, Specimen, Tube};
pub use cable::{Laid, SharedFaults, Tally, lay};
pub use day::{Act, Chapter, Day, DayDonation};
pub use dialect::{Envelope, messages};
pub use exporter::Exporter;
pub use fault::{ALWAYS, Fault, Faults, Scene, parse_fault};
pub use instrument::{Instrument, Setup};
pub use line::{Line, Opened, Stream};
pub use mishap::Mishap;
pub use model::{Model, Wire};
pub use morning::{Morning, PlannedDonation};
pub use numbers::donation_numbers;
pub use paced::{BITS_PER_CHARACTER, Paced, line_time};
pub use played::Played;
pub use player::{Failed, Player, Progress};
pub use rack::{Rack, Session};
pub use scenario::{Intent, Scenario};
pub use script::{Expected, Question, Script, Step};
pub use tempo::Tempo;

use std::time::Duration;

/// How long an analyser waits for an HL7 acknowledgement.
const ACKNOWLEDGEMENT_WAIT: Duration = Duration::from_secs(10);
