//! Host queries over LIS01 frames: the answer, exactly; and nothing where nothing may be said.

use std::net::TcpStream;

use hemogate::codec::lis01::{End, encode_frame};

use crate::bench::{Bench, E601, LISTEN};
use crate::wire::{ACK, ENQ, EOT, NAK, Wire, frames};

const A: &str = "D0000000001";
const B: &str = "D0000000002";

/// An immunology analyser that asks.
pub const ARC: &str = r#"
[[analyser]]
id = "arc"
profile = "abbott-architect"
tests = { "1" = "hbsag", "2" = "anti-hcv", "3" = "hiv" }
"#;

fn daemon() -> Bench {
    let bench = Bench::new(&format!("{ARC}{LISTEN}"));
    bench.register(A);
    bench.register(B);
    bench
}

/// The same with an analyser that waits only so long for an answer.
fn impatient(seconds: &str) -> Bench {
    let mut bench = Bench::stopped();
    let wait = format!("answer_within_s = {seconds}");
    let profile = bench.profile("abbott-architect", &[("answer_within_s = 10", &wait)]);
    let analyser = ARC.replace("abbott-architect", &profile);
    bench.start(&format!("{analyser}{LISTEN}")).unwrap();
    bench.register(A);
    bench
}

pub fn query_in(id: &str, status: &str) -> String {
    format!("H|\\^&|||ARCHITECT|||||||P|1\rQ|1|^{id}||^^^ALL||||||||{status}\rL|1\r")
}

fn query(id: &str) -> Vec<Vec<u8>> {
    frames(1, &query_in(id, "O"))
}

/// One result, as an ARCHITECT sends it: number and words.
pub fn result(din: &str, code: &str, value: &str, words: &str) -> String {
    let test = format!("^^^{code}^X^UNDILUTED^P^12345LF00^00612^");
    let end = "|||F||ADMIN^ADMIN||20260105121500|i2SR01234";
    format!(
        "H|\\^&|||ARCHITECT|||||||P|1\rP|1\r\
         O|1|{din}|{din}^W483^2|^^^{code}^X^UNDILUTED^P|R||||||||||||||||||||F\r\
         R|1|{test}^F|{value}|S/CO|{end}\rR|2|{test}^I|{words}||{end}\rL|1\r"
    )
}

/// One record for each frame, from number 1 on.
fn framed(records: &[String]) -> Vec<u8> {
    let numbered = (1..).zip(records);
    let frame = |(number, record): (u8, &String)| {
        encode_frame(number, format!("{record}\r").as_bytes(), End::Etx)
    };
    numbered.flat_map(frame).collect()
}

/// What is to be sent about a donation with these tests.
fn answer(id: &str, codes: &[&str]) -> Vec<u8> {
    let codes: Vec<String> = codes.iter().map(|code| format!("^^^{code}")).collect();
    framed(&[
        r"H|\^&|||HEMOGATE|||||ARCHITECT||P|1".to_owned(),
        "P|1".to_owned(),
        format!("O|1|{id}||{}|R||||||N||||||||||||||Q", codes.join("\\")),
        "L|1|N".to_owned(),
    ])
}

/// That there is nothing to do.
fn nothing(id: &str) -> Vec<u8> {
    framed(&[
        r"H|\^&|||HEMOGATE|||||ARCHITECT||P|1".to_owned(),
        format!("Q|1|^{id}||^^^ALL||||||||X"),
        "L|1|N".to_owned(),
    ])
}

fn asked(bench: &Bench, id: &str) -> Wire<TcpStream> {
    let mut wire = bench.wire("arc");
    wire.send_session(&query(id));
    wire
}

fn text(frames: &[u8]) -> String {
    String::from_utf8_lossy(frames).into_owned()
}

#[test]
fn a_query_is_answered_with_what_is_to_be_tested_frame_by_frame() {
    let bench = daemon();
    let heard = asked(&bench, A).hear_session();
    assert_eq!(text(&heard), text(&answer(A, &["1", "2", "3", "380"])));
    bench.until_orders(A, 4, "delivered");
    assert_eq!(bench.sent("arc", "delivered"), 1);
    assert!(bench.orders(B).is_empty());
}

#[test]
fn sequence_rack_and_position_are_echoed_unchanged() {
    let bench = Bench::new(&format!("{E601}{LISTEN}"));
    bench.register(A);
    let mut wire = bench.wire("e601");
    let query = format!(
        "H|\\^&|||cobas6000^1|||||host|TSREQ^REAL|P|1\r\
         Q|1|^^{A:>22}^40^5007^5^^S1^SC||ALL||||||||O\rL|1|N\r"
    );
    wire.send_session(&frames(1, &query));
    let message = format!(
        "H|\\^&|||host^1|||||cobas6000|TSDWN^REPLY|P|1\rP|1\r\
         O|1|{A}|40^5007^5^^S1^SC|^^^286^\\^^^111^\\^^^515^\\^^^149^|R||||||A||||1||||||||||O\r\
         L|1|N\r"
    );
    assert_eq!(text(&wire.hear_session()), text(&frames(1, &message).concat()));
}

#[test]
fn what_is_no_registered_donation_beyond_doubt_gets_no_tests() {
    let bench = daemon();
    let mut wire = bench.wire("arc");
    for id in ["", "D0000000003", "NOREAD", "D000000001", "D00000000010"] {
        wire.send_session(&query(id));
        assert_eq!(text(&wire.hear_session()), text(&nothing(id)), "{id}");
    }
    assert!(bench.orders(A).is_empty() && bench.orders(B).is_empty());
}

#[test]
fn a_donation_that_was_just_asked_for_elsewhere_gets_no_tests_and_is_held() {
    let second = ARC.replace("\"arc\"", "\"arc2\"");
    let bench = Bench::new(&format!("{ARC}{LISTEN}{second}{LISTEN}"));
    bench.register(A);
    asked(&bench, A).hear_session();
    let mut wire = bench.wire("arc2");
    wire.send_session(&query(A));
    assert_eq!(text(&wire.hear_session()), text(&nothing(A)));
    let (_, donation) = bench.get(&format!("/api/v1/donations/{A}"));
    assert_eq!(donation["verdict"], "hold", "{donation}");
}

#[test]
fn a_deferred_donor_s_donation_gets_no_tests() {
    let bench = daemon();
    let mut registration = crate::bench::registration("D0000000004");
    registration["donor"]["deferred"] = true.into();
    let url = format!("http://{}/api/v1/donations", bench.http_addr());
    ureq::post(&url).send_json(registration).unwrap();
    let heard = asked(&bench, "D0000000004").hear_session();
    assert_eq!(text(&heard), text(&nothing("D0000000004")));
}

#[test]
fn two_queries_in_one_session_get_two_answers_in_their_order() {
    let bench = daemon();
    let mut wire = bench.wire("arc");
    wire.send_session(&[query(A), frames(2, &query_in(B, "O"))].concat());
    let all = ["1", "2", "3", "380"];
    let heard = text(&wire.hear_session());
    let first = text(&answer(A, &all));
    assert!(heard.starts_with(&first), "{heard}");
    let second: Vec<&str> = heard.match_indices(B).map(|(_, found)| found).collect();
    assert_eq!(second.len(), 1, "{heard}");
    bench.until_orders(B, 4, "delivered");
}

#[test]
fn a_query_that_is_withdrawn_before_the_answer_began_is_not_answered() {
    let bench = daemon();
    let mut wire = bench.wire("arc");
    wire.send_session(&[query(A), frames(2, &query_in(A, "A"))].concat());
    bench.until_orders(A, 4, "undelivered");
    assert_eq!(bench.sent("arc", "withdrawn"), 1);
    // Nothing was bid for: the next word on the line answers the next session.
    wire.send_session(&query(B));
    assert_eq!(text(&wire.hear_session()), text(&answer(B, &["1", "2", "3", "380"])));
}

#[test]
fn results_whose_bid_crosses_ours_come_first_and_the_answer_after_them() {
    let bench = daemon();
    let mut wire = asked(&bench, A);
    assert_eq!(wire.hear(), ENQ);
    wire.say(&[ENQ]); // crosses
    let results = result(B, "380", "0.08", "Nonreactive");
    wire.send_session(&frames(1, &results));
    assert_eq!(text(&wire.hear_session()), text(&answer(A, &["1", "2", "3", "380"])));
    assert_eq!(bench.observations(B).len(), 1);
}

#[test]
fn an_answer_that_would_come_too_late_is_not_sent_and_shown_and_given_when_asked_again() {
    let bench = impatient("1");
    let mut wire = bench.wire("arc");
    wire.send_session(&query(A));
    assert_eq!(wire.hear(), ENQ);
    wire.say(&[ENQ]); // crosses: the line is the analyser's
    bench.until_orders(A, 4, "undelivered");
    assert_eq!(bench.sent("arc", "late"), 1);
    assert_eq!(bench.notes("arc"), ["answer-late"]);
    wire.send_session(&query(A));
    assert_eq!(text(&wire.hear_session()), text(&answer(A, &["1", "2", "3", "380"])));
    bench.until_orders(A, 4, "delivered");
}

#[test]
fn an_answer_that_is_late_while_it_is_bid_for_ends_the_granted_session_at_once() {
    let bench = impatient("1");
    let mut wire = asked(&bench, A);
    assert_eq!(wire.hear(), ENQ);
    bench.until_orders(A, 4, "undelivered");
    wire.say(&[ACK]);
    assert_eq!(wire.hear(), EOT);
}

#[test]
fn a_line_lost_before_or_in_the_answer_leaves_orders_undelivered_and_asks_for_nothing_new() {
    let bench = daemon();
    let mut wire = asked(&bench, A);
    assert_eq!(wire.hear(), ENQ);
    drop(wire);
    bench.until_orders(A, 4, "undelivered");
    let mut wire = asked(&bench, B);
    assert_eq!(wire.hear(), ENQ);
    wire.say(&[ACK]);
    wire.hear_frame();
    drop(wire);
    bench.until_orders(B, 4, "undelivered");
    // A new line: nothing is left over from the old one.
    let mut wire = asked(&bench, A);
    assert_eq!(text(&wire.hear_session()), text(&answer(A, &["1", "2", "3", "380"])));
}

#[test]
fn a_line_lost_before_the_query_was_committed_leaves_no_order_open() {
    let bench = daemon();
    for _ in 0..20 {
        let mut wire = bench.wire("arc");
        let query = query(A);
        wire.send_frames(&[]);
        wire.say(&query.concat());
        drop(wire);
    }
    bench.until("every line was lost", |bench| {
        bench.metric(r#"hemogate_connections_open{analyser="arc"}"#) == 0
    });
    bench.until("every order is settled", |bench| {
        bench.standings(A).iter().all(|standing| standing != "open")
    });
}

#[test]
fn a_frame_refused_six_times_is_given_up_and_the_orders_with_it() {
    let bench = daemon();
    let mut wire = asked(&bench, A);
    assert_eq!(wire.hear(), ENQ);
    wire.say(&[ACK]);
    let first = wire.hear_frame();
    for _ in 1..6 {
        wire.say(&[NAK]);
        assert_eq!(wire.hear_frame(), first);
    }
    wire.say(&[NAK]);
    assert_eq!(wire.hear(), EOT);
    bench.until_orders(A, 4, "undelivered");
    assert_eq!(
        (bench.sent("arc", "not_taken"), bench.notes("arc")),
        (1, vec!["order-given-up".to_owned()])
    );
    wire.send_session(&query(A));
    assert_eq!(text(&wire.hear_session()), text(&answer(A, &["1", "2", "3", "380"])));
}

#[test]
fn what_is_tested_is_not_ordered_again_nor_is_anything_when_all_results_are_in() {
    let bench = daemon();
    let mut wire = asked(&bench, A);
    wire.hear_session();
    let code = ["1", "2", "3", "380"];
    for (index, done) in code.iter().enumerate() {
        wire.send_session(&frames(1, &result(A, done, "0.08", "Nonreactive")));
        wire.send_session(&query(A));
        let expected = match &code[index + 1..] {
            [] => nothing(A),
            left => answer(A, left),
        };
        assert_eq!(text(&wire.hear_session()), text(&expected));
    }
}

/// Everything is tested on `arc`, and HBsAg was found.
fn hbsag_reactive() -> Bench {
    let second = ARC.replace("\"arc\"", "\"arc2\"");
    let bench = Bench::new(&format!("{ARC}{LISTEN}{second}{LISTEN}"));
    bench.register(A);
    let mut wire = bench.wire("arc");
    wire.send_session(&frames(1, &result(A, "1", "14.52", "Reactive")));
    for code in ["2", "3", "380"] {
        wire.send_session(&frames(1, &result(A, code, "0.08", "Nonreactive")));
    }
    bench
}

#[test]
fn a_reactive_result_is_repeated_in_duplicate_on_the_analyser_that_found_it() {
    let bench = hbsag_reactive();
    assert_eq!(text(&asked(&bench, A).hear_session()), text(&answer(A, &["1"])));
    let of_arc = |(analyser, assay, _): &(String, String, String)| {
        (analyser.as_str(), assay.as_str()) == ("arc", "hbsag")
    };
    let orders = bench.orders(A);
    assert!(orders.len() == 2 && orders.iter().all(of_arc), "{orders:?}");
}

#[test]
fn no_other_analyser_is_told_to_repeat_it() {
    let bench = hbsag_reactive();
    let mut wire = bench.wire("arc2");
    wire.send_session(&query(A));
    assert_eq!(text(&wire.hear_session()), text(&nothing(A)));
    assert!(bench.orders(A).is_empty());
}

#[test]
fn nothing_is_answered_before_the_orders_are_on_the_disk() {
    let bench = daemon();
    let mut wire = bench.wire("arc");
    let query = query(A);
    wire.send_frames(&[]);
    let other = rusqlite::Connection::open(bench.store_path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    wire.say(&query.concat());
    assert_eq!(wire.hear(), NAK);
    other.execute_batch("ROLLBACK").unwrap();
    bench.until("ready", |bench| bench.get("/readyz").0 == 200);
    wire.say(&query.concat());
    assert_eq!(wire.hear(), ACK);
    wire.say(&[EOT]);
    assert_eq!(text(&wire.hear_session()), text(&answer(A, &["1", "2", "3", "380"])));
}

#[test]
fn a_query_whose_orders_cannot_be_stored_is_refused_though_it_is_on_record_itself() {
    let bench = daemon();
    let other = rusqlite::Connection::open(bench.store_path()).unwrap();
    let full = "CREATE TRIGGER full BEFORE INSERT ON work_order
                BEGIN SELECT RAISE(ABORT, 'full'); END";
    other.execute_batch(full).unwrap();
    let mut wire = bench.wire("arc");
    let query = query(A);
    wire.send_frames(&[]);
    wire.say(&query.concat());
    assert_eq!(wire.hear(), NAK);
    other.execute_batch("DROP TRIGGER full").unwrap();
    wire.say(&query.concat());
    assert_eq!(wire.hear(), ACK);
    wire.say(&[EOT]);
    assert_eq!(text(&wire.hear_session()), text(&answer(A, &["1", "2", "3", "380"])));
}

#[test]
fn an_order_is_known_after_a_restart_between_query_and_results() {
    let mut bench = daemon();
    asked(&bench, A).hear_session();
    bench.until_orders(A, 4, "delivered");
    bench.stop();
    bench.start(&format!("{ARC}{LISTEN}")).unwrap();
    assert_eq!(bench.standings(A), ["delivered"; 4]);
    let mut wire = bench.wire("arc");
    wire.send_session(&frames(1, &result(A, "1", "0.08", "Nonreactive")));
    wire.send_session(&query(A));
    assert_eq!(text(&wire.hear_session()), text(&answer(A, &["2", "3", "380"])));
}

#[test]
fn an_analyser_that_asks_without_end_keeps_no_other_line_waiting() {
    let bench = Bench::new(&format!("{ARC}{LISTEN}{E601}{LISTEN}"));
    bench.register(A);
    let address = bench.addr("arc");
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let asker = std::thread::spawn(move || {
        let mut wire = Wire::connect(address);
        let mut asked = 0_usize;
        while stopped.try_recv() != Err(std::sync::mpsc::TryRecvError::Disconnected) {
            wire.send_session(&query(A));
            wire.hear_session();
            asked += 1;
        }
        asked
    });
    let mut wire = bench.wire("e601");
    for number in 10..40 {
        let din = format!("D00000000{number}");
        wire.send_session(&frames(1, &crate::wire::e601_panel(&din)));
        assert_eq!(bench.observations(&din).len(), 4);
    }
    drop(stop);
    assert!(asker.join().unwrap() > 0);
}
