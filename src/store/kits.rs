//! Which kit a test of an analyser is bought as, for whoever loads its racks.

use super::{Store, StoreError, record_rows};
use crate::domain::{Kit, Record};

impl Store {
    /// The kit of a test now: what is on record about the analyser, else about its profile.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn kit(
        &self,
        analyser: &str,
        profile: &str,
        test_code: &str,
    ) -> Result<Option<Kit>, StoreError> {
        self.handle.readers.read(|connection| {
            for name in [analyser, profile] {
                let records = record_rows::about_test(connection, name, test_code)?;
                let latest = records.into_iter().rev().find_map(|row| match row.record {
                    Record::Kit(kit) => Some(kit.kit),
                    Record::Donation(..)
                    | Record::Lot(_)
                    | Record::Target(_)
                    | Record::ControlFailure(_)
                    | Record::Pool(_)
                    | Record::Rack(_)
                    | Record::Message(_)
                    | Record::Run(_)
                    | Record::Eqa(_) => None,
                });
                if latest.is_some() {
                    return Ok(latest);
                }
            }
            Ok(None)
        })
    }
}
