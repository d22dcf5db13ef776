//! Messages as the six analysers write them, with the values a test wants.

use serde_json::{Value, json};

/// The n-th donation number of the tests.
pub fn din(number: u32) -> String {
    format!("G123426{number:06}")
}

/// A registration of a repeat donor, group A positive.
pub fn registration(din: &str) -> Value {
    json!({
        "din": din,
        "collected_at": "2026-01-05T08:00:00+08:00",
        "site": "Centre",
        "donor": {
            "kind": "repeat",
            "deferred": false,
            "historic_group": { "abo": "A", "rhd": "positive" }
        }
    })
}

/// A cobas e 601 message with one result: `code` 515 HBsAg, 286 anti-HCV, 111 HIV, 149 TP;
/// `sign` -1 non-reactive, 0 border, 1 reactive.
pub fn e601(din: &str, code: u32, sign: i32, ratio: &str, completed: &str) -> String {
    e601_panel(din, &[(code, sign, ratio)], completed)
}

/// A cobas e 601 message with several results of one tube.
pub fn e601_panel(din: &str, results: &[(u32, i32, &str)], completed: &str) -> String {
    let tests: Vec<String> = results.iter().map(|(code, ..)| format!("^^^{code}^")).collect();
    let mut text = format!(
        "H|\\^&|||cobas6000^1|||||host|RSUPL^BATCH|P|1\rP|1|||||||U||||||^\r\
         O|1|{din:>22}|0^5007^1^^S1^SC|{}|R||||||N||||1|||||||{completed}|||F\r",
        tests.join("\\")
    );
    for (at, (code, sign, ratio)) in results.iter().enumerate() {
        text += &format!(
            "R|{}|^^^{code}//not|{sign}^{ratio}|COI||N||F||OPER01|{completed}||E11\rC|1|I|0|I\r",
            at + 1
        );
    }
    text + "L|1|N\r"
}

/// The four serology results of a donation, all non-reactive.
pub fn e601_clean(din: &str) -> String {
    e601_panel(
        din,
        &[(286, -1, "0.035"), (111, -1, "0.188"), (515, -1, "0.493"), (149, -1, "0.054")],
        "20260105115617",
    )
}

/// A Mindray BS message with one ALT result in U/L.
pub fn mindray_alt(din: &str, value: &str, control_id: &str) -> String {
    format!(
        "MSH|^~\\&|Mindray|BS-480|||20260105141530||ORU^R01|{control_id}|P|2.3.1||||0||ASCII|||\r\
         PID|1|101|||||||\r\
         OBR|1|{din}|5|Mindray^BS-480|N||20260105141500||||||||serum\r\
         OBX|1|NM|13|ALT|{value}|U/L|0-40|N|||F\r"
    )
}

/// A cobas 6800 MPX message: three targets, each `Non-Reactive` or `Reactive`.
pub fn mpx(din: &str, hiv: &str, hcv: &str, hbv: &str, control_id: &str) -> String {
    let mut text = format!(
        "MSH|^~\\&|X800 DM||HOST||20260105131145+0800||OUL^R22^OUL_R22|{control_id}|P|2.5.1|||\
         NE|AL||\
         UNICODE UTF-8|||LAB-29^IHE\r\
         SPM|1|{din}&ROCHE||PLAS^plasma^HL70487|||||||P^^HL70369\r\
         SAC|||{din}|||||||S01|1\r\
         OBR||||74856-6^MPX^LN\r\
         ORC|SC||||CM\r"
    );
    for (at, (target, reading)) in [("HIV", hiv), ("HCV", hcv), ("HBV", hbv)].iter().enumerate() {
        let code = if *reading == "Reactive" { "RR" } else { "NR" };
        text += &format!(
            "OBX|{}|ST|{target}^{target}^99ROC|1|{reading}|||{code}^^99ROC|||F|||||OPER01||\
             c6800^Roche~c6800.504^Roche|20260105120000||6-504-260105-0001||||||||RSLT\r",
            at + 1
        );
    }
    text
}
