//! IHE LAW: LAB-27 query, LAB-28 orders and their acknowledgement, in HL7 2.5.1.

use jiff::civil::DateTime;

use super::asking::{ordered, value};
use super::hl7::{Field, one, parts, segment, text};
use super::stamp;
use crate::codec::hl7::{SegmentOut, read};
use crate::codec::{Message, Record};
use crate::domain::Assay;
use crate::simulator::asking::{Asked, HostSays, Order, Ordered, Standing};

/// One make's share in it.
pub(super) struct Law {
    /// MSH-3.
    pub sender: &'static str,
    /// What a test code orders.
    pub assays: fn(&str) -> Vec<Assay>,
}

impl Law {
    /// QBP^Q11.
    pub fn question(&self, asked: &Asked, now: DateTime) -> String {
        let tag = format!("TAG{:05}", asked.sequence);
        let id = format!("Q-{:05}", asked.sequence);
        let header = self.header(&["QBP", "Q11", "QBP_Q11"], &id, "LAB-27", now, true);
        let parameters = segment(
            "QPD",
            [
                (1, parts(&["WOS", "Work Order Step", "IHELAW"])),
                (2, one(tag)),
                (3, one(&asked.id)),
                (4, one(format!("S{:02}", asked.rack))),
                (5, one(asked.position.to_string())),
            ],
        );
        let control = segment("RCP", [(1, one("I")), (3, parts(&["R", "", "HL70394"]))]);
        text(&[header, parameters, control])
    }

    fn header(
        &self,
        what: &[&str],
        id: &str,
        transaction: &str,
        now: DateTime,
        asks: bool,
    ) -> SegmentOut {
        let (accept, application) = if asks { ("NE", "AL") } else { ("", "") };
        segment(
            "MSH",
            [
                (3, one(self.sender)),
                (5, one("HOST")),
                (7, one(format!("{}+0800", stamp(now)))),
                (9, parts(what)),
                (10, one(id)),
                (11, one("P")),
                (12, one("2.5.1")),
                (15, one(accept)),
                (16, one(application)),
                (18, one("UNICODE UTF-8")),
                (21, parts(&[transaction, "IHE"])),
            ],
        )
    }

    /// RSP^K11 and OML^O33.
    pub fn hear(&self, message: &str) -> HostSays {
        let transmission = read(message);
        let Some(message) = transmission.messages.first() else { return HostSays::Nothing };
        let header = message.records().next();
        let kind = header.map_or(String::new(), |header| value(message, &header, 9, 1));
        match kind.as_str() {
            "RSP" => said_of_query(message),
            "OML" => self.orders(message),
            _ => HostSays::Nothing,
        }
    }

    fn orders(&self, message: &Message<'_>) -> HostSays {
        let mut orders: Vec<Order> = Vec::new();
        let mut control = String::new();
        for record in message.records() {
            let component = |field, number| value(message, &record, field, number);
            match record.name() {
                "SPM" => {
                    orders.push(Order {
                        id: specimen(message, &record),
                        place: None,
                        tests: vec![],
                    });
                }
                "SAC" => {
                    let container = component(3, 1);
                    if let Some(order) = orders.last_mut().filter(|_| !container.is_empty()) {
                        order.id = container;
                    }
                }
                "ORC" => control = component(1, 1),
                "OBR" if control == "NW" => {
                    let id = Some(component(2, 1)).filter(|id| !id.is_empty());
                    if let Some(order) = orders.last_mut() {
                        order.tests.push(ordered(component(4, 1), id, self.assays));
                    }
                }
                _ => {}
            }
        }
        HostSays::Work(orders)
    }

    /// ORL^O34. Nothing where the message orders nothing that could be read.
    pub fn reply(
        &self,
        message: &str,
        serial: u32,
        now: DateTime,
        standing: &dyn Fn(&Ordered) -> Standing,
    ) -> Option<String> {
        let HostSays::Work(orders) = self.hear(message) else { return None };
        let transmission = read(message);
        let message = transmission.messages.first()?;
        let control_id = message.records().next()?.field(10).map_or("", |field| field.text);
        let id = format!("A-{serial:05}");
        let header = self.header(&["ORL", "O34", "ORL_O42"], &id, "LAB-28", now, false);
        let tests: Vec<&Ordered> = orders.iter().flat_map(|order| &order.tests).collect();
        if tests.iter().any(|test| standing(test) == Standing::UnknownSpecimen) {
            return Some(text(&[header, said("AR", control_id), unknown_specimen()]));
        }
        let mut segments = vec![header, said("AA", control_id)];
        for order in orders.iter().filter(|order| !order.tests.is_empty()) {
            segments.extend(specimen_segments(&order.id));
            segments.extend(order.tests.iter().map(|test| {
                let word = match standing(test) {
                    Standing::Accepted => "OK",
                    Standing::Refused | Standing::UnknownSpecimen => "UA",
                };
                let id = test.order_id.as_deref().unwrap_or_default();
                segment("ORC", [(1, one(word)), (2, one(id))])
            }));
        }
        Some(text(&segments))
    }
}

fn said_of_query(message: &Message<'_>) -> HostSays {
    let acknowledged = message.records().find(|record| record.name() == "QAK");
    match acknowledged.map(|record| value(message, &record, 2, 1)).as_deref() {
        Some("NF") => HostSays::NoWork,
        Some("AE" | "AR") => HostSays::Unanswerable("QAK-2 says error".to_owned()),
        _ => HostSays::Nothing,
    }
}

/// SPM-2, first sub-component: the specimen id proper.
fn specimen(message: &Message<'_>, record: &Record<'_>) -> String {
    let id = value(message, record, 2, 1);
    let id = id.split('&').next().unwrap_or_default();
    if id == "\"\"" { String::new() } else { id.to_owned() }
}

fn said(code: &str, control_id: &str) -> SegmentOut {
    segment("MSA", [(1, one(code)), (2, one(control_id))])
}

fn unknown_specimen() -> SegmentOut {
    segment("ERR", [(3, parts(&["204", "Unknown key identifier", "HL70357"])), (4, one("E"))])
}

fn specimen_segments(id: &str) -> [SegmentOut; 2] {
    let role: Field = parts(&["P", "Patient specimen", "HL70369"]);
    [segment("SPM", [(1, one("1")), (3, one("\"\"")), (11, role)]), segment("SAC", [(3, one(id))])]
}
