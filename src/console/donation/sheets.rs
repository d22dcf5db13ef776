//! Pages of donations as they were made last: an open page is looked at again with every commit,
//! and made anew only where something about its donation changed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::limits;
use crate::rules::words::Lang;
use crate::store::DonationRecord;

/// What was made last; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(in crate::console) struct Sheets(Arc<Mutex<HashMap<Key, Made>>>);

/// The language and the donation.
type Key = (Lang, String);
/// The record, and what was made of it.
type Made = (DonationRecord, String);

impl Sheets {
    /// What was made of exactly this record.
    pub(super) fn of(&self, lang: Lang, record: &DonationRecord) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, html) = kept.get(&(lang, record.din.to_string()))?;
        (known == record).then(|| html.clone())
    }

    /// Keeps what was made of it; where there is no room, everything is forgotten first.
    pub(super) fn keep(&self, lang: Lang, record: DonationRecord, html: String) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (lang, record.din.to_string());
        if kept.len() >= limits::CONSOLE_SHEETS_KEPT && !kept.contains_key(&key) {
            kept.clear();
        }
        kept.insert(key, (record, html));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DonationNumber;
    use crate::shape::DecisionShape;

    fn record(number: usize, version: i64) -> DonationRecord {
        DonationRecord {
            din: DonationNumber::restored(number.to_string()),
            registration: None,
            observations: Vec::new(),
            statements: Vec::new(),
            pools: Vec::new(),
            orders: Vec::new(),
            decision: DecisionShape {
                verdict: "pending".to_owned(),
                reasons: Vec::new(),
                passed: Vec::new(),
                next_steps: Vec::new(),
                remarks: Vec::new(),
                labels: Vec::new(),
                donor: Vec::new(),
            },
            version,
        }
    }

    #[test]
    fn a_page_is_shown_again_only_of_exactly_the_same_record() {
        let sheets = Sheets::default();
        sheets.keep(Lang::En, record(1, 1), "one".to_owned());
        assert_eq!(sheets.of(Lang::En, &record(1, 1)).as_deref(), Some("one"));
        assert_eq!(sheets.of(Lang::En, &record(1, 2)), None);
        assert_eq!(sheets.of(Lang::ZhCn, &record(1, 1)), None);
    }

    #[test]
    fn so_many_pages_are_kept_and_not_one_more() {
        let sheets = Sheets::default();
        for number in 0..limits::CONSOLE_SHEETS_KEPT {
            sheets.keep(Lang::En, record(number, 1), String::new());
        }
        assert!(sheets.of(Lang::En, &record(0, 1)).is_some());
        sheets.keep(Lang::En, record(limits::CONSOLE_SHEETS_KEPT, 1), String::new());
        assert!(sheets.of(Lang::En, &record(0, 1)).is_none());
    }
}
