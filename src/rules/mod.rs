//! Rule sets as data, and the one function that concludes from facts: [`decide`].
//!
//! Facts answer the questions that tables may ask ([`Judges`]), tables say what follows, the worst
//! wins. Refuses: rule sets that are not proved to be safe over all answers that facts can give
//! ([`Proof`]), that name what is not there, and in which an assay is judged by nobody. A verdict
//! starts at *pending*; only positive evidence moves it to *releasable*.
//!
//! ```text
//! Facts ─► accord: what two people agreed on
//!            casefile: results by assay, copies dropped          integrity: one tube, one moment,
//!            gates: reagent, run, specimen of each                │       everything understood
//!              │                                                  │
//!              ├─ donation: registration, donor, process, signature ─┐
//!              ├─ course, rounds, pool ── marker                     │ tables   worst wins
//!              ├─ quantity                                           ├────────► Docket ─► Decision
//!              └─ group: ABO, RhD                                   ─┘
//! ```

mod accord;
pub mod canary;
mod casefile;
mod content;
mod core_antibody;
mod course;
mod danger;
mod decide;
mod determination;
mod diff;
pub mod doc;
mod docket;
mod donation;
mod gates;
mod group;
mod integrity;
pub mod life;
mod marker;
mod mutation;
mod place;
mod pool;
mod proof;
mod quantity;
mod question;
mod rack;
mod read;
mod rounds;
mod rule_set;
mod shipped;
mod table;
mod trace;
mod westgard;
mod wording;
pub mod words;
mod work;

pub use accord::{Pact, are_two, can_be_amended, corrected};
pub use content::{
    CheckRule, Clause, Confidence, Content, Determinations, Ignored, Limit, Need, Switch,
};
pub use danger::{Danger, When};
pub use decide::{decide, derive};
pub use diff::{Change, Diff, TableDiff, ValueDiff, diff};
pub use mutation::{Fate, Mutant, Run, Score, Sort, Tally, fate, mutants, score};
pub use proof::{Magnitude, Passing, Proof, Refusal, TableProof, Tie, Tongue, Warning};
pub use question::{Answer, Judges, Question};
pub use rule_set::{OtherChoice, RuleSet, SiteRefused};
pub use shipped::{shipped, shipped_names};
pub use table::{Answers, Row, Table, Then};
pub use trace::{DecidingRow, Derivation, PactFound, PactStanding, Ruling};
pub use westgard::{ControlPoint, marks_at_last, violations, violations_at_last};
pub use work::{Wanted, wanted};
