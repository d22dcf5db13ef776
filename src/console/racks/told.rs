//! What the pages say of a loading: its version, its tubes, what became of each place.

use sha2::{Digest, Sha256};

use crate::console::page::Page;
use crate::domain::{Assay, DonationNumber, PlaceFound};
use crate::rules::words;
use crate::store::{Loading, LoadingState};

/// Characters of a version.
const VERSION_LENGTH: usize = 12;

/// Another for each other state of a loading: what was put in, taken out, closed, proposed, and what
/// was reported otherwise than planned. That a tube was found at its place is no part of it: that
/// must not disturb whoever is at work.
pub(super) fn version(loading: &Loading) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text.as_bytes());
        hash.update([0]);
    };
    add(&loading.loading);
    add(state(&loading.state));
    for tube in &loading.tubes {
        add(&tube.position.to_string());
        add(tube.din.as_str());
        add(&tube.at.to_string());
        add(if tube.found == PlaceFound::Elsewhere { "elsewhere" } else { "" });
    }
    loading.extras.iter().for_each(|extra| add(extra.din.as_str()));
    for doubt in &loading.doubts {
        add(&doubt.doubt.message.to_string());
        add(if doubt.settled_by.is_some() { "settled" } else { "open" });
    }
    for proposal in &loading.proposals {
        add(&proposal.record.to_string());
        add(if proposal.decided.is_some() { "decided" } else { "open" });
    }
    let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    digest.chars().take(VERSION_LENGTH).collect()
}

/// A word for how far it is.
pub(super) const fn state(state: &LoadingState) -> &'static str {
    match state {
        LoadingState::Open => "open",
        LoadingState::Closed { .. } => "closed",
        LoadingState::Ended { .. } => "ended",
    }
}

/// An assay in words.
pub(super) fn assay_words(page: &Page, assay: Assay) -> &'static str {
    page.lang().of(words::assay(assay))
}

/// Positions and tubes.
pub(super) fn tubes(loading: &Loading) -> Vec<(u32, DonationNumber)> {
    loading.tubes.iter().map(|tube| (tube.position, tube.din.clone())).collect()
}

/// Whether anything about it is in doubt and not settled.
pub(super) fn in_doubt(loading: &Loading) -> bool {
    loading.doubts.iter().any(|doubt| doubt.settled_by.is_none())
}

/// Whether analysers have begun to report of it.
fn has_begun(loading: &Loading) -> bool {
    !loading.extras.is_empty() || loading.tubes.iter().any(|tube| tube.found != PlaceFound::Awaited)
}

/// What became of a tube's place: the word's id, the shape, the class of its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) id: &'static str,
    pub(super) mark: &'static str,
    pub(super) class: &'static str,
}

/// What became of a tube's place. One that nothing was reported of is missing once others of its
/// closed rack were reported.
pub(super) fn found(loading: &Loading, found: PlaceFound) -> Found {
    let is_compared = loading.plan.analyser.is_some();
    let is_over = !matches!(loading.state, LoadingState::Open) && has_begun(loading);
    let (id, mark, class) = match found {
        PlaceFound::Awaited if !is_compared => ("placed", "●", "wait"),
        PlaceFound::Awaited if is_over => ("missing", "▲", "warn"),
        PlaceFound::Awaited => ("awaited", "…", "wait"),
        PlaceFound::Confirmed => ("confirmed", "✔", "good"),
        PlaceFound::NotReported => ("not_reported", "?", "warn"),
        PlaceFound::Elsewhere => ("elsewhere", "✖", "bad"),
        PlaceFound::Extra => ("extra", "＋", "bad"),
    };
    Found { id, mark, class }
}
