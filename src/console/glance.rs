//! What live pages ask the store for, once for everybody: racks in progress, what waits for a
//! person.
//!
//! Regions are rendered twice a second and in two languages; the store is asked at most every
//! `limits::GLANCE_EVERY`, and only when something was committed. Refuses to hold more than the
//! latest racks.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::decisions::Waiting;
use super::state::ConsoleState;
use super::trouble::Trouble;
use crate::domain::DonationNumber;
use crate::store::{Loading, Store, StoreError};
use crate::{clock, limits};

/// The last look; cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Glance(Arc<Mutex<Option<Looked>>>);

struct Looked {
    at: Duration,
    commits: u64,
    seen: Arc<Seen>,
}

/// What was seen.
#[derive(Debug)]
pub(super) struct Seen {
    /// Racks in progress, the latest first.
    pub(super) loadings: Vec<Loading>,
    /// There are more.
    pub(super) more_racks: bool,
    /// Messages that could not be read and that nobody judged.
    pub(super) unread: usize,
    /// There are more.
    pub(super) more_unread: bool,
    /// Proposals that wait for a second person; `None` while they are being counted.
    pub(super) proposals: Option<usize>,
}

impl Glance {
    /// What the store says, at most as old as a page may be.
    pub(super) async fn look(&self, state: &ConsoleState) -> Result<Arc<Seen>, Trouble> {
        let mut looked = self.0.lock().await;
        let (now, commits) = (clock::moment().since_start(), state.store.counters().commits);
        if let Some(last) = looked.as_ref() {
            let is_fresh = now.saturating_sub(last.at) < limits::GLANCE_EVERY;
            if is_fresh || commits == last.commits {
                return Ok(Arc::clone(&last.seen));
            }
        }
        let waiting = state.waiting.clone();
        let seen = Arc::new(state.read(move |store| see(store, &waiting)).await?);
        *looked = Some(Looked { at: now, commits, seen: Arc::clone(&seen) });
        Ok(seen)
    }
}

impl Seen {
    /// Where a donation's tube stands: the loading, its rack and the position.
    pub(super) fn place(&self, din: &DonationNumber) -> Option<(&Loading, u32)> {
        self.loadings.iter().find_map(|loading| {
            let tube = loading.tubes.iter().find(|tube| tube.din == *din)?;
            Some((loading, tube.position))
        })
    }
}

fn see(store: &Store, waiting: &Waiting) -> Result<Seen, StoreError> {
    let (loadings, more_racks) = loadings(store)?;
    let page = store.unread(0, limits::UNREAD_PAGE_MAX)?;
    let more_unread = match page.last() {
        Some(last) => !store.unread(last.message, 1)?.is_empty(),
        None => false,
    };
    let known = waiting.catch_up(store)?;
    let proposals = known.is_whole.then_some(known.open.len());
    Ok(Seen { loadings, more_racks, unread: page.len(), more_unread, proposals })
}

fn loadings(store: &Store) -> Result<(Vec<Loading>, bool), StoreError> {
    let mut list = store.loadings(true, limits::GLANCE_RACKS_MAX + 1)?;
    let most = usize::try_from(limits::GLANCE_RACKS_MAX).unwrap_or(usize::MAX);
    let more = list.len() > most;
    list.truncate(most);
    let mut loadings = Vec::with_capacity(list.len());
    for summary in list {
        loadings.extend(store.loading(&summary.loading)?);
    }
    Ok((loadings, more))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tempfile::TempDir;

    use super::*;
    use crate::domain::{RackPlan, RackRecord, RackStep, Record};
    use crate::rules::{self, RuleSet};
    use crate::store::Options;

    fn begin(store: &Store, number: u64) {
        let plan = RackPlan {
            analyser: None,
            assays: Vec::new(),
            container: None,
            positions: 5,
            file: None,
        };
        let (loading, rack) = (format!("L{number}"), format!("R{number}"));
        let record = RackRecord { loading, rack, step: RackStep::Opened(plan) };
        let (tell, told) = mpsc::channel();
        let reply = move |outcome: Result<_, StoreError>| tell.send(outcome.map(drop)).unwrap();
        store.put_on_record(vec![(Record::Rack(record), "mei".to_owned())], Box::new(reply));
        told.recv().unwrap().unwrap();
    }

    #[test]
    fn so_many_racks_are_seen_and_it_says_when_there_are_more() {
        let folder = TempDir::new().unwrap();
        let rules = RuleSet::parse("cn.toml", rules::shipped("cn").unwrap()).unwrap();
        let path = folder.path().join("hemogate.db");
        let options = Options { path, rules: Arc::new(rules), utc: clock::utc };
        let store = Store::open(options).unwrap();
        (0..limits::GLANCE_RACKS_MAX).for_each(|number| begin(&store, number));
        let count = || loadings(&store).map(|(racks, more)| (racks.len() as u64, more)).unwrap();
        assert_eq!(count(), (limits::GLANCE_RACKS_MAX, false));
        begin(&store, limits::GLANCE_RACKS_MAX);
        assert_eq!(count(), (limits::GLANCE_RACKS_MAX, true));
    }
}
