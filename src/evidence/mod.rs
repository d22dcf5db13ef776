//! Why a donation was let go or kept, as one file that anybody can check without the database and
//! without trusting whoever hands it over: raw messages, profiles, facts, rule set, verdicts,
//! hashes, signed with the site's key.
//!
//! ```text
//! Dossier ── seal ──> { content, hashes, signature } ── verify ──> Report
//!                                                       │ canonical? signed? by whom? hashes?
//!                                                       │ bytes ── profile ──> observations
//!                                                       │ records ──> circumstances
//!                                                       │ facts ── rule set ──> decision
//!                                                       └ each compared with what the file says
//! ```
//!
//! Verifying refutes rather than repairs, and says what differs. What a bundle cannot prove: that
//! nothing was left out of it by whoever holds the key; its ledger hashes can be held against the
//! database or a copy of it.

mod canonical;
mod compare;
mod decoded;
mod dossier;
mod form;
mod hashes;
mod hex;
mod key;
mod past;
mod pooled;
mod seal;
mod standing;
mod verify;

pub use dossier::{Commit, Dossier, KeptRecord, KeptText, KeptVerdict, RawMessage};
pub use key::{KeyError, PublicKey, SiteKey};
pub use seal::{Unsealable, seal};
pub use verify::{Finding, Report, Verifier, verify};
