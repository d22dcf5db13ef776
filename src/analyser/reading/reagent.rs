//! The reagent that a result was made with: refuses one that had expired, and one of which nothing
//! is known where the profile requires it (FM-21).

use jiff::civil::Date;

use crate::domain::{Concern, Effect};

/// What was sent of a reagent.
pub(super) struct Reagent<'r> {
    pub(super) lot: Option<&'r str>,
    /// The last day on which it may be used.
    pub(super) expiry: Option<Date>,
    /// The day of the result.
    pub(super) used_on: Option<Date>,
}

impl Reagent<'_> {
    /// What is wrong with it.
    pub(super) fn concern(&self, is_required: bool) -> Option<Concern> {
        if let (Some(expiry), Some(day)) = (self.expiry, self.used_on)
            && expiry < day
        {
            let text = format!("the reagent could be used until {expiry}, the result is of {day}");
            return Some(held("REAGENT_EXPIRED", text));
        }
        let lacks = match (self.lot, self.expiry, self.used_on) {
            (None, _, _) => "the reagent's lot was not sent",
            (_, None, _) => "the day on which the reagent expires was not sent",
            (_, _, None) => "there is no day of the result to compare the reagent's expiry with",
            (Some(_), Some(_), Some(_)) => return None,
        };
        is_required.then(|| held("REAGENT_UNKNOWN", lacks.to_owned()))
    }
}

fn held(code: &str, text: String) -> Concern {
    Concern { code: code.to_owned(), effect: Effect::Holds, text }
}
