//! What an analyser asks for, and what it is told to do.
//!
//! A specimen gets tests only where its id is a donation number beyond doubt: every other kind of
//! id has its own word here, so that none of them can be taken for one.

use super::{Assay, DonationNumber};

/// One question of an analyser: what is to be done with these specimens?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// What it asks about.
    pub ask: Ask,
    /// Test codes that it asks for; empty: everything there is.
    pub codes: Vec<String>,
    /// What the answer must repeat unchanged and only the analyser's dialect understands (message
    /// ids, query tags, sequence numbers), by name.
    pub echo: Vec<(String, String)>,
}

/// What a query is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// These specimens, each once, in the order asked.
    Specimens(Vec<AskedSpecimen>),
    /// Every specimen whose id lies between these two.
    Range {
        /// The first id.
        from: String,
        /// The last id.
        to: String,
    },
    /// Everything that is waiting.
    All,
    /// The query before is withdrawn: it is not to be answered any more.
    Cancel,
}

/// A specimen in a query, at its own place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedSpecimen {
    /// Whose it is, as far as the scanned id tells.
    pub id: AskedId,
    /// Rack (carrier) as sent.
    pub rack: Option<String>,
    /// Position in the rack as sent.
    pub position: Option<String>,
    /// What the answer must repeat unchanged for this specimen, by name.
    pub echo: Vec<(String, String)>,
}

/// What the id of a specimen in a query is. Only a donation can be given tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskedId {
    /// A donation number.
    Donation(DonationNumber),
    /// Nothing was sent, or blanks.
    Blank,
    /// The analyser says that it could not read the bar code.
    Unread(String),
    /// A text that is no donation number of this site.
    Unknown(String),
    /// It may stand for more than one specimen: two ids that differ, an id that is also a rack's
    /// or stands in a rack with a donation's number, one id at two places, or any id in a query
    /// that was not understood completely.
    Ambiguous(String),
}

impl Ask {
    /// The word used in JSON.
    pub const fn id(&self) -> &'static str {
        match self {
            Ask::Specimens(_) => "specimens",
            Ask::Range { .. } => "range",
            Ask::All => "all",
            Ask::Cancel => "cancel",
        }
    }
}

impl AskedSpecimen {
    /// The name in `echo` of the id exactly as it was scanned, check characters and all: the
    /// answer must carry the same.
    pub const ID: &'static str = "id";

    /// What the answer repeats under this name.
    pub fn echoed(&self, name: &str) -> Option<&str> {
        self.echo.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    }
}

impl AskedId {
    /// The donation, where the id is one beyond doubt.
    pub const fn donation(&self) -> Option<&DonationNumber> {
        match self {
            AskedId::Donation(din) => Some(din),
            AskedId::Blank | AskedId::Unread(_) | AskedId::Unknown(_) | AskedId::Ambiguous(_) => {
                None
            }
        }
    }

    /// What stands there, where it is no donation number; nothing, where it is blank.
    pub fn text(&self) -> Option<&str> {
        match self {
            AskedId::Donation(_) | AskedId::Blank => None,
            AskedId::Unread(text) | AskedId::Unknown(text) | AskedId::Ambiguous(text) => Some(text),
        }
    }

    /// The word used in JSON.
    pub const fn kind(&self) -> &'static str {
        match self {
            AskedId::Donation(_) => "donation",
            AskedId::Blank => "blank",
            AskedId::Unread(_) => "unread",
            AskedId::Unknown(_) => "unknown",
            AskedId::Ambiguous(_) => "ambiguous",
        }
    }
}

/// What one specimen is to be tested for at one analyser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkOrder {
    /// The specimen: as it was asked about, or, where nobody asked, a donation without a place.
    pub specimen: AskedSpecimen,
    /// The tests; empty: there is nothing to do for it here. Always empty where the specimen is no
    /// donation beyond doubt.
    pub tests: Vec<OrderedTest>,
}

/// One test to be run, once or several times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderedTest {
    /// The assay.
    pub assay: Assay,
    /// One order id (AWOS id in IHE LAW) for each determination wanted; none was ever used before.
    pub order_ids: Vec<String>,
}

/// What an analyser said about an order that it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderReply {
    /// The order id; `None` where the reply is about the whole message.
    pub order_id: Option<String>,
    /// What it said.
    pub standing: OrderStanding,
    /// Its words or code, for people.
    pub text: String,
}

/// How an order stands at the analyser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderStanding {
    /// It will run the test.
    Accepted,
    /// It will not (LAW: UA).
    Refused,
    /// It does not know the specimen (LAW: AR).
    UnknownSpecimen,
    /// It took the message with the order in it, and says no more (LIS02).
    Delivered,
    /// It never took the message: refused, no answer, or the answer would have been too late.
    Undelivered,
}

impl OrderStanding {
    /// Every standing.
    pub const ALL: [OrderStanding; 5] = [
        OrderStanding::Accepted,
        OrderStanding::Refused,
        OrderStanding::UnknownSpecimen,
        OrderStanding::Delivered,
        OrderStanding::Undelivered,
    ];

    /// The standing written exactly so.
    pub fn from_id(id: &str) -> Option<OrderStanding> {
        OrderStanding::ALL.into_iter().find(|standing| standing.id() == id)
    }

    /// Whether the analyser has the order and has not said that it will not run it.
    pub const fn is_taken(self) -> bool {
        match self {
            OrderStanding::Accepted | OrderStanding::Delivered => true,
            OrderStanding::Refused
            | OrderStanding::UnknownSpecimen
            | OrderStanding::Undelivered => false,
        }
    }

    /// The word used in JSON and in the store.
    pub const fn id(self) -> &'static str {
        match self {
            OrderStanding::Accepted => "accepted",
            OrderStanding::Refused => "refused",
            OrderStanding::UnknownSpecimen => "unknown_specimen",
            OrderStanding::Delivered => "delivered",
            OrderStanding::Undelivered => "undelivered",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DonationNumberScheme;

    #[test]
    fn only_a_donation_number_is_a_donation() {
        let din = DonationNumberScheme::Isbt128.parse("G123417654321").unwrap().din;
        assert_eq!(AskedId::Donation(din.clone()).donation(), Some(&din));
        let text = || "G123417654321".to_owned();
        for other in [
            AskedId::Blank,
            AskedId::Unread(text()),
            AskedId::Unknown(text()),
            AskedId::Ambiguous(text()),
        ] {
            assert_eq!(other.donation(), None);
        }
    }
}
