//! Looks after reagent lots: where more first results are reactive than the laboratory expects, the
//! alarm is raised once for each lot (FM-31). It holds nothing: every reactive result already does.

use std::collections::BTreeSet;

use crate::config::LotAlarm;
use crate::limits;
use crate::link::Moment;
use crate::store::{LotRate, Store};
use crate::telemetry::Telemetry;

/// The watch over lots.
pub(super) struct Lots {
    alarm: Option<LotAlarm>,
    due: Moment,
    /// Profile, test code and lot of what was told and is still so.
    told: BTreeSet<[String; 3]>,
}

impl Lots {
    /// A watch that looks for the first time now.
    pub(super) fn new(alarm: Option<LotAlarm>, now: Moment) -> Lots {
        Lots { alarm, due: now, told: BTreeSet::new() }
    }

    /// Looks where it is time to.
    pub(super) async fn look(&mut self, now: Moment, store: &Store, telemetry: &Telemetry) {
        let Some(alarm) = self.alarm.filter(|_| now >= self.due) else { return };
        self.due = now.plus(limits::LOT_RATES_EVERY);
        let store = store.clone();
        match tokio::task::spawn_blocking(move || store.lot_rates()).await {
            Ok(Ok(rates)) => self
                .news(alarm, &rates)
                .iter()
                .for_each(|rate| telemetry.lot_reactive(&words(rate))),
            Ok(Err(error)) => tracing::warn!(%error, "the rates of reagent lots were not read"),
            // The daemon ends.
            Err(_) => {}
        }
    }

    /// Lots above the limit that were not told yet; one that fell below may be told again.
    fn news<'r>(&mut self, alarm: LotAlarm, rates: &'r [LotRate]) -> Vec<&'r LotRate> {
        let above = rates.iter().filter(|rate| rate.is_above(alarm.percent, alarm.donations));
        let above: Vec<&LotRate> = above.collect();
        let now: BTreeSet<[String; 3]> = above.iter().map(|rate| key(rate)).collect();
        let told = std::mem::replace(&mut self.told, now);
        above.into_iter().filter(|rate| !told.contains(&key(rate))).collect()
    }
}

fn key(rate: &LotRate) -> [String; 3] {
    [rate.profile.clone(), rate.test_code.clone(), rate.lot.clone()]
}

fn words(rate: &LotRate) -> String {
    let LotRate { profile, test_code, lot, donations, reactive } = rate;
    format!(
        "reagent lot {lot} of test {test_code} ({profile}): {reactive} of {donations} first \
         results are reactive, more than expected: check its controls, and recall it where it is \
         at fault"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(lot: &str, reactive: u64) -> LotRate {
        let (profile, test_code) = ("p".to_owned(), "1".to_owned());
        LotRate { profile, test_code, lot: lot.to_owned(), donations: 100, reactive }
    }

    #[test]
    fn a_lot_is_told_once_until_it_falls_below_and_rises_again() {
        let alarm = LotAlarm { percent: "2".parse().unwrap(), donations: 100 };
        let mut lots = Lots::new(Some(alarm), Moment::default());
        let mut told = |rates: &[LotRate]| lots.news(alarm, rates).len();
        assert_eq!(told(&[rate("A", 3), rate("B", 2)]), 1);
        assert_eq!(told(&[rate("A", 3), rate("B", 3)]), 1);
        assert_eq!(told(&[rate("A", 2), rate("B", 3)]), 0);
        assert_eq!(told(&[rate("A", 3), rate("B", 3)]), 1);
    }
}
