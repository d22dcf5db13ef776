//! How a decision is put on record: by a person who proves again who it is, about the verdict that
//! was looked at. Where another one is in force meanwhile, nothing is written (FM-02, FM-38).

use tokio::sync::oneshot;

use crate::console::putting::committed;
use crate::console::sign;
use crate::console::state::ConsoleState;
use crate::console::trouble::Trouble;
use crate::console::visitor::Visitor;
use crate::domain::{DonationNumber, Record, Statement};
use crate::store::PutOnRecord;

/// Somebody at the page decides something about a donation.
pub(super) struct Act<'a> {
    pub(super) visitor: &'a Visitor,
    pub(super) din: &'a DonationNumber,
    /// Version of the verdict that the page showed.
    pub(super) version: i64,
    /// The password, typed for this.
    pub(super) password: &'a str,
}

impl Act<'_> {
    /// Puts it on record, or refuses it as a whole.
    pub(super) async fn put(
        &self,
        state: &ConsoleState,
        statement: Statement,
    ) -> Result<(), Trouble> {
        let signed = sign::check(state, self.visitor, self.password).await?;
        let record = Record::Donation(self.din.clone(), statement);
        put_seen(state, self, signed.by(), record).await
    }
}

async fn put_seen(
    state: &ConsoleState,
    act: &Act<'_>,
    by: &str,
    record: Record,
) -> Result<(), Trouble> {
    let (tell, told) = oneshot::channel();
    let reply = move |outcome| {
        // Who does not wait any more has been told so.
        let _gone = tell.send(outcome);
    };
    let records = vec![(record, by.to_owned())];
    state.store.put_seen(act.din.clone(), act.version, records, Box::new(reply));
    let outcomes = committed(told).await?;
    outcomes.into_iter().try_for_each(became)
}

/// Nothing was written where the page was old, or the record contradicts another one.
fn became(outcome: PutOnRecord) -> Result<(), Trouble> {
    match outcome {
        PutOnRecord::New { .. } | PutOnRecord::Same { .. } => Ok(()),
        PutOnRecord::Conflict { why, .. } => Err(Trouble::Refused("decision-conflict", why)),
        PutOnRecord::Stale { version } => Err(Trouble::Stale(version)),
    }
}
