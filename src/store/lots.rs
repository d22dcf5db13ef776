//! How often first results are reactive, by reagent lot: a raised rate is the lot's before it is
//! the donors' (FM-31). Looked at are the latest results, so that the answer takes no longer as the
//! store grows.

use std::collections::{BTreeMap, HashSet};

use rusqlite::Connection;
use rust_decimal::Decimal;

use super::errors::Trouble;
use crate::domain::Reading;
use crate::limits;

/// The first results of donations with one lot of one test, among the latest results on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotRate {
    /// Profile whose test code it is.
    pub profile: String,
    /// The analyser's test code.
    pub test_code: String,
    /// The lot, as results name it.
    pub lot: String,
    /// Donations of which the first result of this test was made with it.
    pub donations: u64,
    /// Those of them whose first result was reactive or in the grey zone.
    pub reactive: u64,
}

impl LotRate {
    /// Whether more than so many in a hundred are reactive, of `least` donations or more.
    pub fn is_above(&self, percent: Decimal, least: u64) -> bool {
        let share = Decimal::from(self.reactive).checked_mul(Decimal::ONE_HUNDRED);
        let limit = percent.checked_mul(Decimal::from(self.donations));
        self.donations >= least && share > limit
    }
}

const LATEST: &str = "SELECT m.profile, o.din, json_extract(o.payload, '$.test_code'), \
                      json_extract(o.payload, '$.reagent_lot'), \
                      json_extract(o.payload, '$.reading') \
                      FROM (SELECT id, message, din, payload FROM observation WHERE din <> '' \
                            ORDER BY id DESC LIMIT ?1) o \
                      JOIN message m ON m.id = o.message ORDER BY o.id";

/// The rates of all lots among the last [`limits::LOT_RESULTS`] results, by test and lot.
pub(super) fn rates(connection: &Connection) -> Result<Vec<LotRate>, Trouble> {
    let mut seen: HashSet<(String, String, String)> = HashSet::new();
    let mut rates: BTreeMap<(String, String, String), (u64, u64)> = BTreeMap::new();
    let mut statement = connection.prepare_cached(LATEST)?;
    let mut rows = statement.query([limits::LOT_RESULTS])?;
    while let Some(row) = rows.next()? {
        let (profile, din, test_code): (String, String, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let (lot, reading): (Option<String>, Option<String>) = (row.get(3)?, row.get(4)?);
        let reading = reading.as_deref().and_then(Reading::from_id);
        let Some(is_reactive) = reading.and_then(is_reactive) else { continue };
        let is_first = seen.insert((profile.clone(), test_code.clone(), din));
        if let Some(lot) = lot.filter(|_| is_first) {
            let (donations, reactive) = rates.entry((profile, test_code, lot)).or_default();
            *donations += 1;
            *reactive += u64::from(is_reactive);
        }
    }
    let rate = |((profile, test_code, lot), (donations, reactive))| LotRate {
        profile,
        test_code,
        lot,
        donations,
        reactive,
    };
    Ok(rates.into_iter().map(rate).collect())
}

/// `None` for what is no result of a marker.
const fn is_reactive(reading: Reading) -> Option<bool> {
    match reading {
        Reading::Nonreactive => Some(false),
        Reading::Reactive | Reading::GreyZone => Some(true),
        Reading::Invalid | Reading::Abo(_) | Reading::Rhd(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_above_where_it_is_more_and_there_are_enough() {
        let rate = |donations, reactive| LotRate {
            profile: String::new(),
            test_code: String::new(),
            lot: String::new(),
            donations,
            reactive,
        };
        let percent = "1.5".parse().unwrap();
        assert!(!rate(200, 3).is_above(percent, 100), "exactly as many are not more");
        assert!(rate(200, 4).is_above(percent, 100));
        assert!(rate(100, 2).is_above(percent, 100) && !rate(99, 2).is_above(percent, 100));
        assert!(!rate(0, 0).is_above(percent, 0));
    }
}
