//! IHE LAW and QRY^Q02 over MLLP: query, reply in place of the acknowledgement, orders behind it.

use std::net::TcpStream;

use crate::bench::{BS, Bench, LISTEN};
use crate::wire::{Wire, acknowledged_id, acknowledgement_code, block};

const A: &str = "D0000000001";

pub const LAW: &str = r#"
[[analyser]]
id = "law"
profile = "abbott-alinity-i"
tests = { "7" = "hbsag", "8" = "tp" }
"#;

fn daemon() -> Bench {
    let bench = Bench::new(&format!("{LAW}{LISTEN}"));
    bench.register(A);
    bench
}

fn header(kind: &str, control_id: &str) -> String {
    format!(
        "MSH|^~\\&|ALINITY|||HOST|20260105120000+0800||{kind}|{control_id}|P|2.5.1|||NE|AL||\
         UNICODE UTF-8|||LAB-27^IHE\r"
    )
}

pub fn query(control_id: &str, id: &str) -> String {
    let header = header("QBP^Q11^QBP_Q11", control_id);
    format!("{header}QPD|WOS^Work Order Step^IHELAW|TAG0001|{id}\rRCP|I||R^^HL70394\r")
}

/// MSH-10.
pub fn control_id(message: &str) -> String {
    message.split('|').nth(9).unwrap().to_owned()
}

/// OBR-2 of each order.
pub fn order_ids(message: &str) -> Vec<String> {
    let orders = message.split('\r').filter(|segment| segment.starts_with("OBR|"));
    orders.map(|order| order.split('|').nth(2).unwrap().to_owned()).collect()
}

pub fn reply(to: &str, code: &str, rest: &str) -> Vec<u8> {
    let header = "MSH|^~\\&|ALINITY|||HEMOGATE|20260105120001+0800||ORL^O34^ORL_O42|R-1|P|2.5.1\
                  ||||||UNICODE UTF-8|||LAB-28^IHE\r";
    block(&format!("{header}MSA|{code}|{to}\r{rest}"))
}

/// Asks; what came in place of the acknowledgement, and the message with the orders.
fn ask(wire: &mut Wire<TcpStream>, id: &str, din: &str) -> (String, String) {
    wire.say(&block(&query(id, din)));
    (wire.hear_block(), wire.hear_block())
}

#[test]
fn a_query_is_answered_in_place_of_its_acknowledgement_and_the_orders_follow() {
    let bench = daemon();
    let mut wire = bench.wire("law");
    let (said, orders) = ask(&mut wire, "Q-1", A);
    assert!(said.contains("RSP^K11") && said.contains("QAK|TAG0001|OK|"), "{said}");
    assert_eq!((acknowledgement_code(&said), acknowledged_id(&said)), ("AA".into(), "Q-1".into()));
    assert!(orders.contains("OML^O33") && orders.contains(&format!("SAC|||{A}\r")), "{orders}");
    let ids = order_ids(&orders);
    assert_eq!(ids.len(), 4, "{orders}");
    let specimen = format!("SPM|1|||\"\"|||||||P^Patient specimen^HL70369\rSAC|||{A}\r");
    let each: String = (0..)
        .zip(&ids)
        .map(|(at, id)| {
            let standing = if at % 2 == 0 { "OK" } else { "UA" };
            format!("ORC|{standing}|{id}\r")
        })
        .collect();
    wire.say(&reply(&control_id(&orders), "AA", &format!("{specimen}{each}")));
    bench.until_orders(A, 2, "accepted");
    let refused = bench.standings(A).iter().filter(|own| *own != "accepted").count();
    assert_eq!(refused, 2, "{:?}", bench.orders(A));
    assert!(bench.standings(A).iter().all(|own| own != "open"));
}

#[test]
fn what_was_accepted_is_not_ordered_again_and_without_work_the_order_says_so() {
    let bench = daemon();
    let mut wire = bench.wire("law");
    let (_, orders) = ask(&mut wire, "Q-1", A);
    let each: String = order_ids(&orders).iter().map(|id| format!("ORC|OK|{id}\r")).collect();
    wire.say(&reply(&control_id(&orders), "AA", &format!("SAC|||{A}\r{each}")));
    bench.until_orders(A, 4, "accepted");
    let (said, orders) = ask(&mut wire, "Q-2", A);
    assert!(said.contains("QAK|TAG0001|NF|"), "{said}");
    assert!(orders.contains("ORC|DC|") && order_ids(&orders).is_empty(), "{orders}");
    wire.say(&reply(&control_id(&orders), "AA", ""));
    assert_eq!(bench.standings(A), ["accepted"; 4]);
}

#[test]
fn a_message_that_is_refused_whole_refuses_each_order_and_asked_again_gives_new_ids() {
    let bench = daemon();
    let mut wire = bench.wire("law");
    let (_, first) = ask(&mut wire, "Q-1", A);
    wire.say(&reply(&control_id(&first), "AR", "ERR|||204^Unknown key identifier^HL70357|E\r"));
    bench.until("none is open", |bench| bench.standings(A).iter().all(|own| own != "open"));
    assert!(!bench.standings(A).contains(&"accepted".to_owned()), "{:?}", bench.orders(A));
    let (_, second) = ask(&mut wire, "Q-2", A);
    let (first, second) = (order_ids(&first), order_ids(&second));
    assert_eq!((first.len(), second.len()), (4, 4));
    assert!(first.iter().all(|id| !second.contains(id)));
}

#[test]
fn what_an_analyser_says_of_its_orders_is_kept_although_the_store_takes_nothing_then() {
    let bench = daemon();
    let mut wire = bench.wire("law");
    let (_, orders) = ask(&mut wire, "Q-1", A);
    let other = rusqlite::Connection::open(bench.store_path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let each: String = order_ids(&orders).iter().map(|id| format!("ORC|OK|{id}\r")).collect();
    wire.say(&reply(&control_id(&orders), "AA", &format!("SAC|||{A}\r{each}")));
    bench.until("not ready", |bench| bench.get("/readyz").0 == 503);
    assert_eq!(bench.standings(A), ["open"; 4]);
    other.execute_batch("ROLLBACK").unwrap();
    bench.until_orders(A, 4, "accepted");
}

#[test]
fn order_ids_are_never_used_again_over_a_restart() {
    let mut bench = daemon();
    let mut seen = std::collections::BTreeSet::new();
    for start in 1..=3 {
        let (_, orders) = ask(&mut bench.wire("law"), "Q-1", A);
        seen.extend(order_ids(&orders));
        assert_eq!(seen.len(), 4 * start, "{seen:?}");
        bench.stop();
        bench.start(&format!("{LAW}{LISTEN}")).unwrap();
    }
}

/// The sender is the daemon: an acknowledgement that comes late, for the message before, closes
/// the line, and is credited neither to it nor to the one in flight.
#[test]
fn fm_41_a_late_acknowledgement_is_credited_to_nothing_and_closes_the_connection() {
    let mut bench = Bench::stopped();
    let impatient = ("[query]\n", "[link]\nacknowledgement_wait_s = 1\n\n[query]\n");
    let profile = bench.profile("abbott-alinity-i", &[impatient]);
    let law = LAW.replace("abbott-alinity-i", &profile);
    bench.start(&format!("{law}{LISTEN}")).unwrap();
    bench.register(A);
    let mut wire = bench.wire("law");
    let (_, first) = ask(&mut wire, "Q-1", A);
    bench.until_orders(A, 4, "undelivered");
    assert!(wire.is_ended(), "no acknowledgement in time");

    let mut wire = bench.wire("law");
    let (_, second) = ask(&mut wire, "Q-2", A);
    let each: String = order_ids(&first).iter().map(|id| format!("ORC|OK|{id}\r")).collect();
    wire.say(&reply(&control_id(&first), "AA", &each));
    assert!(wire.is_ended(), "an answer to another message");
    assert_ne!(control_id(&first), control_id(&second));
    bench.until_orders(A, 8, "undelivered");
    assert_eq!(bench.sent("law", "delivered"), 0);
}

#[test]
fn results_that_nobody_ordered_are_taken_also_when_they_come_again() {
    let bench = daemon();
    let mut wire = bench.wire("law");
    let obx = |number: &str, kind: &str, code: &str, value: &str, unit: &str| {
        format!(
            "OBX|{number}|{kind}|{code}^Anti-HCV^99ABT|1|{value}|{unit}||\"\"|||F|||||Admin~Admin||\
             Alinity i^Abbott~Ai00001^Abbott|20260101122800||||||||||RSLT\r"
        )
    };
    let results = |control_id: &str| {
        let header = header("OUL^R22^OUL_R22", control_id);
        format!(
            "{header}SPM|1|||SER^Serum^HL70487|||||||P^Patient specimen^HL70369\r\
             SAC|||{A}|||||||K2462|1\rOBR||A0||161^Anti-HCV^99ABT\rORC|SC||||CM\r{}{}",
            obx("1", "NM", "161", "0.06", "S/CO"),
            obx("2", "ST", "161.I", "Nonreactive", "")
        )
    };
    for id in ["U-1", "U-2"] {
        assert_eq!(wire.send_block(&results(id)), "AA", "{:?}", bench.unread());
    }
    assert_eq!(bench.observations(A).len(), 1);
    // While our orders wait for their answer a result is stored and answered too.
    let (_, orders) = ask(&mut wire, "Q-1", A);
    assert_eq!(order_ids(&orders).len(), 3, "{orders}");
    assert_eq!(wire.send_block(&results("U-3")), "AA");
    wire.say(&reply(&control_id(&orders), "AA", &format!("SAC|||{A}\r")));
    bench.until("settled", |bench| bench.standings(A).iter().all(|own| own != "open"));
}

#[test]
fn a_mindray_query_is_answered_by_qck_and_dsr() {
    let bench = Bench::new(&format!("{BS}{LISTEN}"));
    bench.register(A);
    let mut wire = bench.wire("bs");
    let query = |id: &str, din: &str| {
        format!(
            "MSH|^~\\&|Mindray|BS-480|||20260105141530||QRY^Q02|{id}|P|2.3.1||||||ASCII|||\r\
             QRD|20260105141530|R|D|1|||RD|{din}|OTH|||T|\r\
             QRF|BS-480|20260105141530|20260105141530|||RCT|COR|ALL||\r"
        )
    };
    wire.say(&block(&query("17", A)));
    let said = wire.hear_block();
    assert!(said.contains("QCK^Q02") && said.contains("QAK|SR|OK|"), "{said}");
    assert_eq!(acknowledged_id(&said), "17");
    let work = wire.hear_block();
    assert!(work.contains("DSR^Q03") && work.contains(&format!("DSP|21||{A}|||")), "{work}");
    assert!(work.contains("DSP|29||13^^^|||\r"), "{work}");
    let ack = format!(
        "MSH|^~\\&|Mindray|BS-480|||20260105141531||ACK^Q03|18|P|2.3.1||||0||ASCII|||\r\
         MSA|AA|{}|Message accepted|||0|\rERR|0|\r",
        control_id(&work)
    );
    wire.say(&block(&ack));
    bench.until("settled", |bench| bench.standings(A).iter().all(|own| own != "open"));
    assert_eq!(bench.standings(A), ["delivered"], "{:?}", bench.orders(A));
    wire.say(&block(&query("19", "D0000000002")));
    assert!(wire.hear_block().contains("QAK|SR|NF|"));
    assert!(bench.unread().is_empty(), "{:?}", bench.unread());
}
