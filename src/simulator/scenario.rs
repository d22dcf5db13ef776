//! What can happen to a donation in a morning, and what must become of it: stated here by hand,
//! never computed by the rules that the demonstration puts to the test.

use fastrand::Rng;

use crate::domain::{Assay, ReasonCode, Verdict};

/// What happens to one donation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scenario {
    /// Every result is there and acceptable.
    Clean,
    /// ALT above 50 U/L.
    AltHigh,
    /// First result reactive, both repeats non-reactive.
    ReactiveCleared(Assay),
    /// First result reactive, at least one repeat reactive.
    RepeatReactive(Assay),
    /// First result reactive, the repeats are not back.
    RepeatsOpen(Assay),
    /// First result reactive, one of two repeats is back.
    OneRepeatOpen(Assay),
    /// A result in the grey zone, not repeated.
    GreyZone(Assay),
    /// The nucleic acid test was reactive, both repeats non-reactive: never taken for clear.
    NatReactiveOnce,
    /// The nucleic acid test failed and was run again with success.
    NatFailedThenRun,
    /// The nucleic acid test failed and was not run again.
    NatFailed,
    /// No nucleic acid result came.
    NatMissing,
    /// One result carries a flag that the profile does not know.
    UnknownFlag(Assay),
    /// ABO differs from the group on record.
    AboMismatch,
    /// RhD differs from the type on record.
    RhdMismatch,
    /// The donor is deferred.
    Deferred,
}

/// What must become of a donation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Intent {
    /// The verdict once every result is in.
    pub verdict: Verdict,
    /// The one reason code it must name.
    pub code: ReasonCode,
}

/// Cards in the deck that scenarios are dealt from: about two thirds of a morning is unremarkable.
const DECK: usize = 40;

impl Scenario {
    /// What must become of such a donation under the rules for China (each rule with its source:
    /// `config/rules/cn.toml`).
    pub const fn intent(self) -> Intent {
        let (verdict, code) = match self {
            Scenario::Clean | Scenario::ReactiveCleared(_) | Scenario::NatFailedThenRun => {
                (Verdict::Releasable, ReasonCode::AllOk)
            }
            Scenario::AltHigh => (Verdict::Reject, ReasonCode::AltHigh),
            Scenario::RepeatReactive(Assay::Nat) | Scenario::NatReactiveOnce => {
                (Verdict::Reject, ReasonCode::NatReactive)
            }
            Scenario::RepeatReactive(_) => (Verdict::Reject, ReasonCode::RepeatReactive),
            Scenario::RepeatsOpen(_) => (Verdict::Pending, ReasonCode::InitialReactive),
            Scenario::OneRepeatOpen(_) => (Verdict::Pending, ReasonCode::RetestIncomplete),
            Scenario::GreyZone(_) => (Verdict::Pending, ReasonCode::GreyZone),
            Scenario::NatFailed => (Verdict::Pending, ReasonCode::Invalid),
            Scenario::NatMissing => (Verdict::Pending, ReasonCode::Missing),
            Scenario::UnknownFlag(_) => (Verdict::Pending, ReasonCode::Unaccounted),
            Scenario::AboMismatch => (Verdict::Hold, ReasonCode::AboHistoryMismatch),
            Scenario::RhdMismatch => (Verdict::Hold, ReasonCode::RhdHistoryMismatch),
            Scenario::Deferred => (Verdict::Reject, ReasonCode::DonorDeferred),
        };
        Intent { verdict, code }
    }

    /// Deals scenarios to so many donations: each kind at least once in every full deck.
    pub(super) fn deal(rng: &mut Rng, donations: usize) -> Vec<Scenario> {
        let mut dealt = Vec::with_capacity(donations + DECK);
        while dealt.len() < donations {
            dealt.append(&mut deck(rng));
        }
        dealt.truncate(donations);
        dealt
    }
}

fn deck(rng: &mut Rng) -> Vec<Scenario> {
    let mut deck = vec![
        Scenario::AltHigh,
        Scenario::AltHigh,
        Scenario::ReactiveCleared(marker(rng)),
        Scenario::NatReactiveOnce,
        Scenario::RepeatReactive(marker(rng)),
        Scenario::RepeatReactive(Assay::Nat),
        Scenario::RepeatsOpen(marker(rng)),
        Scenario::OneRepeatOpen(marker(rng)),
        Scenario::GreyZone(marker(rng)),
        Scenario::NatFailedThenRun,
        Scenario::NatFailed,
        Scenario::NatMissing,
        Scenario::UnknownFlag(marker(rng)),
        Scenario::AboMismatch,
        Scenario::RhdMismatch,
        Scenario::Deferred,
    ];
    deck.resize(DECK, Scenario::Clean);
    rng.shuffle(&mut deck);
    deck
}

fn marker(rng: &mut Rng) -> Assay {
    rng.choice([Assay::Hbsag, Assay::AntiHcv, Assay::Hiv, Assay::Tp]).unwrap_or(Assay::Hbsag)
}
