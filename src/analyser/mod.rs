//! One analyser's dialect, read from a profile: wire values to observations and queries, work to
//! the messages that order it.
//!
//! Every byte of a result or a query ends in one of three places: mapped by the profile, ignored
//! by the profile by name, or listed as unaccounted. There is no fourth.

mod explain;
mod hearing;
mod kept;
mod profile;
mod proof;
mod reading;
mod shipped;
mod upload;
mod work;
mod writing;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use explain::{Became, Explained};
pub use hearing::{Heard, HeardOrder, HeardTest};
pub use kept::Kept;
pub use profile::{
    Confidence, Dialect, Families, FileHabits, Framing, LineKind, LinkHabits, Parity, Profile,
    UsualLine,
};
pub use proof::Proof;
pub use shipped::{shipped, shipped_names};
pub use upload::{Meant, MeantOutcome, MeantQuestion, MeantResult, MeantSpecimen, Unsendable};
pub use work::{OrderMessage, OrderMessages, Stamp};

use crate::domain::{Assay, DonationNumber, DonationNumberScheme, Observation, OrderReply, Query};

/// One analyser at this site: a profile, the site's test codes, the site's donation numbers.
#[derive(Clone, Debug)]
pub struct Analyser {
    id: String,
    profile: Arc<Profile>,
    tests: BTreeMap<String, Assay>,
    scheme: Arc<DonationNumberScheme>,
}

/// What was understood of one message, and what was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageReading {
    /// One for each result, in order, of whatever kind.
    pub observations: Vec<Observation>,
    /// What could not be read and belongs to no observation; offsets in the message's bytes.
    pub faults: Vec<MessageFault>,
    /// The question it asks, if it asks one.
    pub query: Option<Query>,
    /// What it says about orders that the analyser was sent.
    pub order_replies: Vec<OrderReply>,
    /// Every donation the message names, whether or not a result of it was understood.
    pub donations: Vec<DonationNumber>,
    /// SHA-256 over what the message says, without what changes when it is sent again
    /// (control id, message time). Equal keys mean the same message.
    pub content_key: [u8; 32],
    /// The same over each record after the header, so that a cut transfer can be recognised as
    /// the beginning of a later complete one: `body` starts with the cut one's `body`.
    pub body: Vec<u8>,
}

/// Something in a message that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageFault {
    /// Byte offset in the message.
    pub offset: usize,
    /// What was found, in words.
    pub text: String,
}

impl Analyser {
    /// Joins a profile with the site's test codes. The site's codes come on top of the profile's:
    /// an assay that the site names is known by the site's code only.
    ///
    /// # Errors
    /// Every fault of the map at once: two codes for one assay at this analyser (FM-15), a code
    /// that is empty.
    pub fn new(
        id: String,
        profile: Arc<Profile>,
        site_tests: &BTreeMap<String, Assay>,
        scheme: Arc<DonationNumberScheme>,
    ) -> Result<Analyser, Vec<String>> {
        let tests = joined_tests(&profile, site_tests)?;
        Ok(Analyser { id, profile, tests, scheme })
    }

    /// The analyser's id in the configuration.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its profile.
    pub fn profile(&self) -> &Arc<Profile> {
        &self.profile
    }

    /// Test codes known here, and what they mean.
    pub fn tests(&self) -> &BTreeMap<String, Assay> {
        &self.tests
    }

    /// The donation number in a text of this analyser, if it is one of this site; none where the
    /// text is one number with a prefix of the profile and another without.
    pub fn donation_number(&self, text: &str) -> Option<DonationNumber> {
        let text = text.trim();
        let bare = without_prefix(text, self.profile.id_prefixes());
        let number = |text| self.scheme.parse(text).ok().map(|scanned| scanned.din);
        match (number(bare), number(text)) {
            (Some(one), Some(other)) => (one == other).then_some(one),
            (one, other) => one.or(other),
        }
    }

    /// Reads one delivered message. Never fails: what is not understood is said.
    pub fn read(&self, bytes: &[u8]) -> MessageReading {
        reading::read(self, bytes)
    }
}

/// A specimen id without what its profile says analysers put in front of it: the longest prefix
/// that fits, once.
fn without_prefix(text: &str, prefixes: impl Iterator<Item = impl AsRef<str>>) -> &str {
    let rests = prefixes.filter_map(|prefix| text.strip_prefix(prefix.as_ref()));
    rests.min_by_key(|rest| rest.len()).map_or(text, str::trim)
}

/// The site's codes on top of the profile's; each assay keeps one code (FM-15).
fn joined_tests(
    profile: &Profile,
    site_tests: &BTreeMap<String, Assay>,
) -> Result<BTreeMap<String, Assay>, Vec<String>> {
    let mut faults = Vec::new();
    let mut named: BTreeMap<Assay, &str> = BTreeMap::new();
    for (code, assay) in site_tests {
        if code.trim().is_empty() {
            faults.push(format!("the test code for {assay} is empty"));
        }
        if code.trim() != code {
            faults.push(format!("the test code {code:?} has blanks around it"));
        }
        if let Some(other) = named.insert(*assay, code) {
            faults.push(format!(
                "{assay} has two codes, {other:?} and {code:?}: one analyser reports an assay \
                 under one code"
            ));
        }
        if !profile.reads(*assay) {
            let name = profile.name();
            faults.push(format!("the profile {name} cannot read a result of {assay} ({code:?})"));
        }
    }
    let inherited =
        profile.tests().iter().filter(|(_, assay)| !site_tests.values().any(|own| own == *assay));
    let mut tests: BTreeMap<String, Assay> =
        inherited.map(|(code, assay)| (code.clone(), *assay)).collect();
    tests.extend(site_tests.iter().map(|(code, assay)| (code.clone(), *assay)));
    if faults.is_empty() { Ok(tests) } else { Err(faults) }
}
