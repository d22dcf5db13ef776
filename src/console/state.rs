//! What the pages need; cheap to clone.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::decisions::Waiting;
use super::donation::Sheets;
use super::door::Door;
use super::floor::Floor;
use super::glance::Glance;
use super::live::Live;
use super::racks::RackDesk;
use super::trouble::Trouble;
use crate::analyser::Analyser;
use crate::clock;
use crate::domain::DonationNumberScheme;
use crate::intake::Intake;
use crate::limits;
use crate::manifest::{self, Layout};
use crate::rules::RuleSet;
use crate::store::{Statistics, Store, StoreError};
use crate::traffic::Board;

/// What the pages need.
#[derive(Clone)]
pub struct ConsoleState {
    pub(super) store: Store,
    pub(super) scheme: Arc<DonationNumberScheme>,
    pub(super) rules: Arc<RuleSet>,
    pub(super) board: Board,
    /// The analysers of the configuration, by id.
    pub(super) desks: Arc<BTreeMap<String, Desk>>,
    pub(super) floor: Floor,
    pub(super) live: Live,
    pub(super) glance: Glance,
    pub(super) statistics: Statistics,
    /// Proposals that wait for a second person.
    pub(super) waiting: Waiting,
    /// Pages of donations as they were made last.
    pub(super) sheets: Sheets,
    pub(super) door: Door,
    pub(super) racks: RackDesk,
    /// How files of sorters and robots are read.
    pub(super) layouts: Arc<Vec<Layout>>,
    /// Reads of the store at once.
    reads: Arc<Semaphore>,
}

/// An analyser as the console knows it.
#[derive(Clone)]
pub struct Desk {
    /// Its dialect.
    pub analyser: Arc<Analyser>,
    /// Where its messages are taken in; for reading one again.
    pub intake: Intake,
}

impl ConsoleState {
    /// Joins what the pages need.
    pub fn new(
        store: Store,
        scheme: Arc<DonationNumberScheme>,
        rules: Arc<RuleSet>,
        board: Board,
        desks: BTreeMap<String, Desk>,
        door: Door,
    ) -> ConsoleState {
        let floor = Floor::new(&store);
        ConsoleState {
            statistics: Statistics::new(&store, clock::utc),
            live: Live::new(),
            glance: Glance::default(),
            waiting: Waiting::gathering(&store),
            sheets: Sheets::default(),
            floor,
            door,
            racks: RackDesk::default(),
            layouts: Arc::new(shipped_layouts().collect()),
            store,
            scheme,
            rules,
            board,
            desks: Arc::new(desks),
            reads: Arc::new(Semaphore::new(limits::STORE_READERS)),
        }
    }

    /// Reads files of sorters and robots by these layouts of the site's own as well.
    pub fn with_layouts(mut self, own: Vec<Layout>) -> ConsoleState {
        self.layouts = Arc::new(shipped_layouts().chain(own).collect());
        self
    }

    /// Asks the store something without holding up the other requests.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Trouble> {
        let Ok(_permit) = Arc::clone(&self.reads).acquire_owned().await else {
            return Err(Trouble::Stopping);
        };
        let store = self.store.clone();
        match tokio::task::spawn_blocking(move || ask(&store)).await {
            Ok(answer) => answer.map_err(Trouble::Store),
            Err(_) => Err(Trouble::Stopping),
        }
    }
}

/// Every layout that comes with the program; each is held to be good by the tests.
fn shipped_layouts() -> impl Iterator<Item = Layout> {
    let texts = manifest::shipped_names().filter_map(|name| Some((name, manifest::shipped(name)?)));
    texts.filter_map(|(name, text)| Layout::parse(name, text).ok())
}
