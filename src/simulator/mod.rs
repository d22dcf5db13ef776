//! Virtual analysers and a seeded morning in a blood centre. Speaks the wire only.
//!
//! A [`Morning`] plans donations, what each will yield and what must become of it; the dialects
//! turn planned results into the bytes that each make of analyser would send; a [`Player`] sends
//! them over any stream. The same seed gives the same bytes.
//!
//! Refuses: to know the rules. What a scenario must lead to is stated by the plan itself (see
//! [`Scenario::intent`]), so that the daemon can be wrong and be found out.

mod bench;
mod course;
mod dialect;
mod model;
mod morning;
mod numbers;
mod player;
mod rack;
mod scenario;

pub use bench::{Load, Outcome, PlannedResult, Specimen, Tube};
pub use dialect::{Envelope, messages};
pub use model::{Model, Wire};
pub use morning::{Morning, PlannedDonation};
pub use numbers::donation_numbers;
pub use player::{Failed, Line, Player, Progress, Stream};
pub use rack::{Rack, Session};
pub use scenario::{Intent, Scenario};
