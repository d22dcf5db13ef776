//! How each make asks what to do with a tube, and how it hears the answer.

use super::lis02::{numbered, one, parts, record, text};
use super::{
    alinity_i, architect, centaur, cobas_6800, cobas_e601, liaison_xl, maglumi, mindray_bs,
    mindray_cl, vision,
};
use crate::codec::lis02::{Field, RecordOut, read};
use crate::codec::{Delimiters, Message, Record};
use crate::domain::Assay;
use crate::simulator::asking::{Asked, HostSays, Order, Ordered, Standing};
use crate::simulator::{Model, Played, Wire, played};
use jiff::civil::DateTime;

/// Where things stand in the LIS02 dialect of a make.
pub(super) struct Places {
    /// Field of O with the specimen id, in its first component.
    pub id: usize,
    /// Component of O.5 with the test.
    pub code: usize,
    /// O.4 repeats sequence, rack and position.
    pub echoes_place: bool,
    /// What a test code orders.
    pub assays: fn(&str) -> Vec<Assay>,
}

/// The question, as this analyser writes it; nothing where it asks none.
pub(in crate::simulator) fn question(played: &Played, asked: &Asked, now: DateTime) -> Vec<u8> {
    let model = match played {
        Played::Made(model) => *model,
        Played::Profiled(analyser) => return played::question(analyser, asked, now),
    };
    match model {
        Model::Cobas6800 => cobas_6800::LAW.question(asked, now).into_bytes(),
        Model::AlinityI => alinity_i::LAW.question(asked, now).into_bytes(),
        Model::MindrayBs => mindray_bs::question(asked, now).into_bytes(),
        Model::CobasE601
        | Model::CobasE411
        | Model::Architect
        | Model::Maglumi
        | Model::Vision
        | Model::Centaur
        | Model::MindrayCl
        | Model::LiaisonXl => lis02_question(model, asked, now, "O"),
        Model::BeckmanPk7300 | Model::BeckmanAu680 | Model::Hitachi7180 => Vec::new(),
    }
}

/// The question withdrawn, by a make that says so.
pub(in crate::simulator) fn withdrawal(
    played: &Played,
    asked: &Asked,
    now: DateTime,
) -> Option<Vec<u8>> {
    let model = played.made()?;
    match model {
        Model::CobasE601 | Model::CobasE411 => Some(lis02_question(model, asked, now, "A")),
        Model::Architect
        | Model::Maglumi
        | Model::Vision
        | Model::Centaur
        | Model::MindrayCl
        | Model::LiaisonXl
        | Model::Cobas6800
        | Model::AlinityI
        | Model::BeckmanPk7300
        | Model::BeckmanAu680
        | Model::Hitachi7180
        | Model::MindrayBs => None,
    }
}

fn lis02_question(model: Model, asked: &Asked, now: DateTime, status: &str) -> Vec<u8> {
    let (header, id, tests) = match model {
        Model::CobasE601 => cobas_e601::question(&cobas_e601::E601, asked),
        Model::CobasE411 => cobas_e601::question(&cobas_e601::E411, asked),
        Model::Centaur => centaur::question(asked, now),
        Model::MindrayCl => mindray_cl::question(asked, now),
        Model::LiaisonXl => liaison_xl::question(asked),
        Model::Architect => architect::question(asked, now),
        Model::Maglumi => maglumi::question(asked, now),
        Model::Vision => vision::question(asked, now),
        Model::Cobas6800
        | Model::AlinityI
        | Model::MindrayBs
        | Model::BeckmanPk7300
        | Model::BeckmanAu680
        | Model::Hitachi7180 => return Vec::new(),
    };
    text(&[header, query(id, tests, status), end()]).into_bytes()
}

fn query(id: Field, tests: Field, status: &str) -> RecordOut {
    record("Q", [numbered(0), (3, id), (5, tests), (13, one(status))])
}

fn end() -> RecordOut {
    record("L", [numbered(0), (3, one("N"))])
}

/// An id in the second component, as most makes ask.
pub(super) fn second(id: &str) -> Field {
    parts(&["", id])
}

/// What a message of the host says to this make, or by the lines of the profile.
pub(in crate::simulator) fn hear(played: &Played, message: &[u8]) -> HostSays {
    let model = match played {
        Played::Made(model) => *model,
        Played::Profiled(analyser) => return played::hear(analyser, message),
    };
    let message = String::from_utf8_lossy(message);
    match model {
        Model::Cobas6800 => cobas_6800::LAW.hear(&message),
        Model::AlinityI => alinity_i::LAW.hear(&message),
        Model::MindrayBs => mindray_bs::hear(&message),
        Model::CobasE601 => lis02(&message, &cobas_e601::E601_PLACES),
        Model::CobasE411 => lis02(&message, &cobas_e601::E411_PLACES),
        Model::Centaur => lis02(&message, &centaur::PLACES),
        Model::MindrayCl => lis02(&message, &mindray_cl::PLACES),
        Model::LiaisonXl => lis02(&message, &liaison_xl::PLACES),
        Model::Architect => lis02(&message, &architect::PLACES),
        Model::Maglumi => lis02(&message, &maglumi::PLACES),
        Model::Vision => lis02(&message, &vision::PLACES),
        Model::BeckmanPk7300 | Model::BeckmanAu680 | Model::Hitachi7180 => HostSays::Nothing,
    }
}

/// What takes the place of the acknowledgement of a message with orders; `None`: the ordinary one.
pub(in crate::simulator) fn reply(
    played: &Played,
    message: &[u8],
    serial: u32,
    now: DateTime,
    standing: &dyn Fn(&Ordered) -> Standing,
) -> Option<Vec<u8>> {
    let model = played.made()?;
    match (model, model.wire()) {
        (Model::Cobas6800 | Model::AlinityI, _) => {
            let is_alinity = model == Model::AlinityI;
            let law = if is_alinity { alinity_i::LAW } else { cobas_6800::LAW };
            let message = String::from_utf8_lossy(message);
            Some(law.reply(&message, serial, now, standing)?.into_bytes())
        }
        (_, Wire::Lis01 | Wire::Records | Wire::Mllp | Wire::Blocks(_) | Wire::Files) => None,
    }
}

/// Sequence, rack and position as the host must repeat them, where this make insists.
pub(in crate::simulator) fn place(played: &Played, asked: &Asked) -> Option<[String; 3]> {
    match played.made()? {
        Model::CobasE601 | Model::CobasE411 => Some(cobas_e601::place(asked)),
        Model::Architect
        | Model::Maglumi
        | Model::Vision
        | Model::Centaur
        | Model::MindrayCl
        | Model::LiaisonXl
        | Model::Cobas6800
        | Model::AlinityI
        | Model::BeckmanPk7300
        | Model::BeckmanAu680
        | Model::Hitachi7180
        | Model::MindrayBs => None,
    }
}

/// Whether this is the same specimen: padding apart, and apart from what a scanner adds.
pub(in crate::simulator) fn is_same_id(one: &str, other: &str) -> bool {
    bare_id(one) == bare_id(other)
}

/// `=G...00` is `G...`: data identifier and flags of ISBT 128 are the scanner's.
pub(in crate::simulator) fn bare_id(id: &str) -> &str {
    let id = id.trim();
    let number = id.strip_prefix('=').and_then(|rest| rest.get(..rest.len().checked_sub(2)?));
    number.unwrap_or(id)
}

fn lis02(text: &str, places: &Places) -> HostSays {
    let transmission = read(text);
    let Some(message) = transmission.messages.first() else { return HostSays::Nothing };
    let mut orders: Vec<Order> = Vec::new();
    for record in message.records() {
        match record.name() {
            "O" => {
                let order = order(message, &record, places);
                match orders.iter_mut().find(|known| known.id == order.id) {
                    Some(known) => known.tests.extend(order.tests),
                    None => orders.push(order),
                }
            }
            "Q" if value(message, &record, 13, 1) == "X" => return HostSays::NoWork,
            "L" if orders.is_empty() => return last_word(&value(message, &record, 3, 1)),
            _ => {}
        }
    }
    if orders.is_empty() { HostSays::Nothing } else { HostSays::Work(orders) }
}

fn last_word(code: &str) -> HostSays {
    match code {
        "I" => HostSays::NoWork,
        "Q" => HostSays::Unanswerable("L.3 is Q: the question was not understood".to_owned()),
        _ => HostSays::Nothing,
    }
}

fn order(message: &Message<'_>, record: &Record<'_>, places: &Places) -> Order {
    let delimiters = message.delimiters();
    let component = |field, number| value(message, record, field, number);
    let place = places.echoes_place.then(|| [component(4, 1), component(4, 2), component(4, 3)]);
    let tests = record.field(5).filter(|field| !field.is_empty());
    let codes = tests.into_iter().flat_map(|field| field.repeats(delimiters)).filter_map(|test| {
        let code = test.components(delimiters).nth(places.code - 1)?;
        let code = unescaped(code, delimiters);
        (!code.is_empty()).then_some(code)
    });
    let tests = codes.map(|code| ordered(code, None, places.assays)).collect();
    Order { id: component(places.id, 1), place, tests }
}

pub(super) fn ordered(
    code: String,
    order_id: Option<String>,
    assays: fn(&str) -> Vec<Assay>,
) -> Ordered {
    Ordered { assays: assays(&code), code, order_id }
}

/// A component of the first repeat of a field, padding removed.
pub(super) fn value(
    message: &Message<'_>,
    record: &Record<'_>,
    field: usize,
    component: usize,
) -> String {
    let delimiters = message.delimiters();
    let piece = record.field(field).and_then(|field| field.component(delimiters, component));
    piece.map_or(String::new(), |piece| unescaped(piece, delimiters))
}

fn unescaped(piece: crate::codec::Piece<'_>, delimiters: &Delimiters) -> String {
    let text = piece.unescaped(delimiters);
    text.as_deref().unwrap_or(piece.text).trim().to_owned()
}
