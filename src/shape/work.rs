//! What an analyser asks for and what it says about its orders, as JSON: printed by `decode`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{Ask, AskedSpecimen, OrderReply, Query};

/// A query as JSON. The fields are those of [`Query`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryShape {
    /// Always `query`.
    pub kind: String,
    /// `specimens`, `range`, `all` or `cancel`.
    pub ask: String,
    /// The specimens asked about, in the order asked; empty for every other kind of query.
    pub specimens: Vec<AskedSpecimenShape>,
    /// The first id of a range, as sent.
    pub from: Option<String>,
    /// The last id of a range, as sent.
    pub to: Option<String>,
    /// Test codes asked for; empty: everything there is.
    pub codes: Vec<String>,
    /// What the answer must repeat unchanged, by name.
    pub echo: BTreeMap<String, String>,
}

/// A specimen in a query, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedSpecimenShape {
    /// `donation`, `blank`, `unread`, `unknown` or `ambiguous`: only a donation gets tests.
    pub id_kind: String,
    /// The id as it was scanned, padding removed; null where it is blank.
    pub id: Option<String>,
    /// Donation number in canonical form, where the id is one beyond doubt.
    pub din: Option<String>,
    /// Rack as sent.
    pub rack: Option<String>,
    /// Position as sent.
    pub position: Option<String>,
    /// What the answer must repeat unchanged for this specimen, by name.
    pub echo: BTreeMap<String, String>,
}

/// What an analyser said about an order, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderReplyShape {
    /// Always `order_reply`.
    pub kind: String,
    /// The order id; null where the reply is about the whole message.
    pub order_id: Option<String>,
    /// `accepted`, `refused`, `unknown_specimen`, `delivered` or `undelivered`.
    pub standing: String,
    /// Its words or code, for people.
    pub text: String,
}

impl From<&Query> for QueryShape {
    fn from(query: &Query) -> Self {
        let (specimens, from, to) = match &query.ask {
            Ask::Specimens(specimens) => (specimens.as_slice(), None, None),
            Ask::Range { from, to } => (&[][..], Some(from.clone()), Some(to.clone())),
            Ask::All | Ask::Cancel => (&[][..], None, None),
        };
        QueryShape {
            kind: "query".to_owned(),
            ask: query.ask.id().to_owned(),
            specimens: specimens.iter().map(AskedSpecimenShape::from).collect(),
            from,
            to,
            codes: query.codes.clone(),
            echo: query.echo.iter().cloned().collect(),
        }
    }
}

impl From<&AskedSpecimen> for AskedSpecimenShape {
    fn from(asked: &AskedSpecimen) -> Self {
        let scanned = asked.echoed(AskedSpecimen::ID).map(str::trim);
        AskedSpecimenShape {
            id_kind: asked.id.kind().to_owned(),
            id: scanned.or(asked.id.text()).filter(|id| !id.is_empty()).map(str::to_owned),
            din: asked.id.donation().map(|din| din.as_str().to_owned()),
            rack: asked.rack.clone(),
            position: asked.position.clone(),
            echo: asked.echo.iter().cloned().collect(),
        }
    }
}

impl From<&OrderReply> for OrderReplyShape {
    fn from(reply: &OrderReply) -> Self {
        OrderReplyShape {
            kind: "order_reply".to_owned(),
            order_id: reply.order_id.clone(),
            standing: reply.standing.id().to_owned(),
            text: reply.text.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AskedId;

    #[test]
    fn an_id_that_is_no_donation_has_no_number_however_it_looks() {
        let text = || "G123417654321".to_owned();
        for (id, kind, shown) in [
            (AskedId::Blank, "blank", None),
            (AskedId::Unread(text()), "unread", Some(text())),
            (AskedId::Unknown(text()), "unknown", Some(text())),
            (AskedId::Ambiguous(text()), "ambiguous", Some(text())),
        ] {
            let asked = AskedSpecimen { id, rack: None, position: None, echo: Vec::new() };
            let shape = AskedSpecimenShape::from(&asked);
            assert_eq!((shape.id_kind.as_str(), shape.id, shape.din), (kind, shown, None));
        }
    }

    #[test]
    fn a_range_shows_its_ends_and_a_withdrawal_nothing() {
        let query = |ask| QueryShape::from(&Query { ask, codes: Vec::new(), echo: Vec::new() });
        let range = query(Ask::Range { from: "1".to_owned(), to: "9".to_owned() });
        let (from, to) = (range.from.as_deref(), range.to.as_deref());
        assert_eq!((range.ask.as_str(), from, to), ("range", Some("1"), Some("9")));
        let cancel = query(Ask::Cancel);
        assert_eq!((cancel.ask.as_str(), cancel.from, cancel.to), ("cancel", None, None));
        assert!(cancel.specimens.is_empty());
    }
}
