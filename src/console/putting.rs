//! Puts on record what somebody did, and waits for the commit.

use tokio::sync::oneshot;

use super::state::ConsoleState;
use super::trouble::Trouble;
use crate::domain::Record;
use crate::limits;
use crate::store::{PutOnRecord, StoreError};

impl ConsoleState {
    /// Puts records on record under this user id; answers after the commit.
    pub(super) async fn put(
        &self,
        by: &str,
        records: Vec<Record>,
    ) -> Result<Vec<PutOnRecord>, Trouble> {
        let records = records.into_iter().map(|record| (record, by.to_owned())).collect();
        let (tell, told) = oneshot::channel();
        self.store.put_on_record(
            records,
            Box::new(move |outcome| {
                // Who does not wait any more has been told so.
                let _gone = tell.send(outcome);
            }),
        );
        committed(told).await
    }
}

/// What the writer says, if it does in time.
pub(super) async fn committed<T>(
    told: oneshot::Receiver<Result<T, StoreError>>,
) -> Result<T, Trouble> {
    match tokio::time::timeout(limits::RECORDS_COMMIT_WAIT, told).await {
        Ok(Ok(outcome)) => outcome.map_err(Trouble::Store),
        Ok(Err(_)) => Err(Trouble::Stopping),
        Err(_) => Err(Trouble::Store(StoreError::Failed("it did not answer in time".to_owned()))),
    }
}
