//! Racks for who looks at them: what stands where, what analysers reported, what is in doubt.

use jiff::Timestamp;
use rusqlite::Connection;

use super::errors::Trouble;
use super::rack_history::RackHistory;
use super::racks::{is_at, is_same_rack};
use super::{Store, StoreError};
use crate::domain::{DonationNumber, Grounds, PlaceFound, RackDoubt, RackPlan};
use crate::limits;

/// One use of one rack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loading {
    /// The loading: unique in the laboratory.
    pub loading: String,
    /// The rack's own bar code.
    pub rack: String,
    /// What it is for.
    pub plan: RackPlan,
    /// When it was begun, UTC.
    pub opened_at: Timestamp,
    /// Who began it.
    pub by: String,
    /// How far it is.
    pub state: LoadingState,
    /// Its tubes by position; those taken out again are not among them.
    pub tubes: Vec<LoadingTube>,
    /// Donations that the analyser reported in this rack and that are not on its manifest.
    pub extras: Vec<LoadingExtra>,
    /// What was in doubt of it, oldest first.
    pub doubts: Vec<LoadingDoubt>,
    /// What was proposed, oldest first.
    pub proposals: Vec<RackProposal>,
}

/// How far a loading is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadingState {
    /// Tubes are put in.
    Open,
    /// The manifest is fixed.
    Closed {
        /// Who closed it.
        by: String,
        /// When, UTC.
        at: Timestamp,
    },
    /// It is over.
    Ended {
        /// Who ended it.
        by: String,
        /// When, UTC.
        at: Timestamp,
        /// Why, in words.
        why: String,
    },
}

/// A tube of a loading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadingTube {
    /// Its donation.
    pub din: DonationNumber,
    /// From 1.
    pub position: u32,
    /// Who put it there.
    pub by: String,
    /// When, UTC.
    pub at: Timestamp,
    /// How it is known to stand there.
    pub found: PlaceFound,
    /// What the analyser reported of it while it stood there.
    pub reported: Vec<ReportedPlace>,
}

/// A place that an analyser reported, with a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedPlace {
    /// The analyser.
    pub analyser: String,
    /// The rack, as it was reported.
    pub rack: Option<String>,
    /// The position, as it was reported.
    pub position: Option<String>,
    /// The message.
    pub message: i64,
}

/// A donation that is in the rack by the analyser's word and not by the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadingExtra {
    /// The donation.
    pub din: DonationNumber,
    /// What was reported.
    pub reported: Vec<ReportedPlace>,
}

/// A doubt about a loading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadingDoubt {
    /// What differs.
    pub doubt: RackDoubt,
    /// When it was noticed, UTC.
    pub at: Timestamp,
    /// Who settled it: who proposed that, and who agreed.
    pub settled_by: Option<(String, String)>,
}

/// Somebody proposes to settle a doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RackProposal {
    /// Number of the record.
    pub record: i64,
    /// The analyser.
    pub analyser: String,
    /// Who.
    pub by: String,
    /// When, UTC.
    pub at: Timestamp,
    /// Why.
    pub grounds: Grounds,
    /// Who agreed to it or turned it down.
    pub decided: Option<ProposalDecided>,
}

/// What became of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalDecided {
    /// Number of the record.
    pub record: i64,
    /// Whether it was agreed to; turned down otherwise.
    pub agreed: bool,
    /// Who decided.
    pub by: String,
    /// When, UTC.
    pub at: Timestamp,
}

/// A loading in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadingSummary {
    /// The loading.
    pub loading: String,
    /// The rack's bar code.
    pub rack: String,
    /// What it is for.
    pub plan: RackPlan,
    /// When it was begun, UTC.
    pub opened_at: Timestamp,
    /// Who began it.
    pub by: String,
    /// How far it is.
    pub state: LoadingState,
    /// How many tubes stand in it.
    pub tubes: u32,
    /// Whether anything about it is in doubt and not settled.
    pub in_doubt: bool,
}

impl Store {
    /// A loading with its tubes and what analysers reported of them.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn loading(&self, loading: &str) -> Result<Option<Loading>, StoreError> {
        self.handle.readers.read(|connection| whole(connection, loading))
    }

    /// Loadings, the latest first; only those that are not ended, where asked. At most `limit`,
    /// never more than [`limits::LOADINGS_PAGE_MAX`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn loadings(&self, open_only: bool, limit: u64) -> Result<Vec<LoadingSummary>, StoreError> {
        let limit = limit.min(limits::LOADINGS_PAGE_MAX);
        if !open_only {
            return self.handle.readers.read(|connection| latest(connection, limit));
        }
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let in_use = self.handle.shared.racks_in_use();
        let loadings = in_use.iter().rev().take(most).cloned().collect();
        self.handle.readers.read(|connection| summaries(connection, loadings))
    }
}

fn whole(connection: &Connection, loading: &str) -> Result<Option<Loading>, Trouble> {
    let Some(history) = RackHistory::load(connection, loading)? else { return Ok(None) };
    let places = Places {
        analyser: history.plan.analyser.as_deref(),
        to: history.ended_after.unwrap_or(i64::MAX),
    };
    let mut tubes = Vec::new();
    for (position, tube) in &history.tubes {
        let reported = places.reported(connection, &tube.din, tube.placed.after_observation)?;
        tubes.push(LoadingTube {
            din: tube.din.clone(),
            position: *position,
            by: tube.placed.by.clone(),
            at: tube.placed.at,
            found: found(&reported, &history, *position),
            reported,
        });
    }
    let doubted = history.doubts.iter().flat_map(|doubt| &doubt.donations);
    let mut extras: Vec<LoadingExtra> = Vec::new();
    for din in doubted.filter(|din| !history.ever.contains(din)) {
        if extras.iter().all(|extra| extra.din != *din) {
            let reported = places.reported(connection, din, history.opened.after_observation)?;
            extras.push(LoadingExtra { din: din.clone(), reported });
        }
    }
    let RackHistory { rack, plan, opened, state, doubts, proposals, .. } = history;
    Ok(Some(Loading {
        loading: loading.to_owned(),
        rack,
        plan,
        opened_at: opened.at,
        by: opened.by,
        state,
        tubes,
        extras,
        doubts: doubts.into_iter().map(|doubt| doubt.what).collect(),
        proposals,
    }))
}

/// Whose word about places is looked for, and up to which observation.
struct Places<'a> {
    analyser: Option<&'a str>,
    to: i64,
}

impl Places<'_> {
    /// The places reported of a donation after an observation, each once.
    fn reported(
        &self,
        connection: &Connection,
        din: &DonationNumber,
        after: i64,
    ) -> Result<Vec<ReportedPlace>, Trouble> {
        let mut statement = connection.prepare_cached(
            "SELECT m.analyser, json_extract(o.payload, '$.rack'), \
             json_extract(o.payload, '$.position'), min(o.message) \
             FROM observation o JOIN message m ON m.id = o.message \
             WHERE o.din = ?1 AND o.id > ?2 AND o.id <= ?3 AND (?4 IS NULL OR m.analyser = ?4) \
             GROUP BY 1, 2, 3 ORDER BY 4",
        )?;
        let key = (din.as_str(), after, self.to, self.analyser);
        let places = statement.query_map(key, |row| {
            Ok(ReportedPlace {
                analyser: row.get(0)?,
                rack: row.get(1)?,
                position: row.get(2)?,
                message: row.get(3)?,
            })
        })?;
        Ok(places.collect::<Result<_, _>>()?)
    }
}

/// The worst of what was reported; what is reported in another rack after the place was confirmed
/// says nothing of it.
fn found<'p>(reported: &'p [ReportedPlace], history: &'p RackHistory, position: u32) -> PlaceFound {
    let planned = (history.rack.as_str(), position);
    let at = |place: &ReportedPlace| {
        history.plan.analyser.as_ref()?;
        is_at(place.rack.as_deref(), place.position.as_deref(), planned)
    };
    let confirmed = reported.iter().position(|place| at(place) == Some(true));
    let here = |reported: &'p [ReportedPlace]| {
        reported.iter().enumerate().filter_map(move |(index, place)| {
            let is_later = confirmed.is_some_and(|confirmed| index > confirmed);
            let rack = place.rack.as_deref();
            let is_elsewhere = rack.is_some_and(|rack| !is_same_rack(rack, planned.0));
            (!is_later || !is_elsewhere).then_some(place)
        })
    };
    if reported.is_empty() {
        PlaceFound::Awaited
    } else if here(reported).any(|place| at(place) == Some(false)) {
        PlaceFound::Elsewhere
    } else if reported.iter().any(|place| at(place) == Some(true)) {
        PlaceFound::Confirmed
    } else {
        PlaceFound::NotReported
    }
}

fn latest(connection: &Connection, limit: u64) -> Result<Vec<LoadingSummary>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT subject FROM record WHERE kind = 'rack' AND test_code = 'opened' \
         ORDER BY id DESC LIMIT ?1",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let found = statement.query_map([limit], |row| row.get(0))?;
    let loadings: Vec<String> = found.collect::<Result<_, _>>()?;
    summaries(connection, loadings)
}

fn summaries(
    connection: &Connection,
    loadings: Vec<String>,
) -> Result<Vec<LoadingSummary>, Trouble> {
    let mut found = Vec::new();
    for loading in loadings {
        let Some(history) = RackHistory::load(connection, &loading)? else { continue };
        let in_doubt = history.doubts.iter().any(|doubt| doubt.what.settled_by.is_none());
        let RackHistory { rack, plan, opened, state, tubes, .. } = history;
        found.push(LoadingSummary {
            loading,
            rack,
            plan,
            opened_at: opened.at,
            by: opened.by,
            state,
            tubes: u32::try_from(tubes.len()).unwrap_or(u32::MAX),
            in_doubt,
        });
    }
    Ok(found)
}
