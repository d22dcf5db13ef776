//! What people put on record over HTTP: taken whole or refused by field, answered after the commit,
//! the same again harmless.

use hemogate::limits;
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, DIN, message, registration};

fn signed(step: &str) -> Value {
    json!({ "record": "donation", "din": DIN, "statement": { "says": "signature", "step": step } })
}

fn kit() -> Value {
    json!({
        "record": "kit", "profile": "roche-cobas-e601", "test_code": "286", "maker": "Roche",
        "name": "Elecsys HBsAg", "containers": ["serum", "edta"], "controls": ["PC", "NC"],
    })
}

fn outcomes(answer: &Answer) -> Vec<(i64, String)> {
    let records = answer.json()["records"].as_array().unwrap().clone();
    let one = |one: &Value| {
        (one["number"].as_i64().unwrap(), one["outcome"].as_str().unwrap().to_owned())
    };
    records.iter().map(one).collect()
}

fn fields(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().unwrap();
    errors.iter().map(|error| error["field"].as_str().unwrap()).collect()
}

#[test]
fn records_are_put_on_record_once_and_the_same_again_changes_nothing() {
    let bench = Bench::new();
    let first = bench.records("li", json!([kit(), signed("tested")]));
    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!(outcomes(&first), [(1, "recorded".to_owned()), (2, "recorded".to_owned())]);
    let again = bench.records("li", json!([kit(), signed("tested")]));
    assert_eq!(again.status, 200, "{}", again.text);
    assert_eq!(outcomes(&again), [(1, "on_record".to_owned()), (2, "on_record".to_owned())]);
    // One record needs no list; another person's signature is another one.
    let other = bench.records("wang", signed("tested"));
    assert_eq!((other.status, outcomes(&other)), (201, vec![(3, "recorded".to_owned())]));
}

#[test]
fn everything_on_record_is_read_back_page_by_page_with_who_said_it() {
    let bench = Bench::new();
    let pool = json!({ "record": "pool", "id": "P17", "members": [DIN], "made_by": "robot" });
    bench.records("li", json!([kit(), pool, signed("tested")]));
    let page = bench.get("/api/v1/records?limit=2").json();
    assert_eq!(page["next"], 2, "{page}");
    let kit = &page["records"][0];
    assert_eq!(
        (&kit["number"], &kit["by"], &kit["record"]),
        (&json!(1), &json!("li"), &json!("kit"))
    );
    assert_eq!(kit["containers"], json!(["serum", "edta"]));
    assert_eq!(page["records"][1]["members"], json!([DIN]));
    let rest = bench.get("/api/v1/records?after=2").json();
    assert_eq!(rest["records"][0]["statement"]["step"], "tested", "{rest}");
    assert_eq!(bench.get("/api/v1/records?after=3").json()["records"], json!([]));
    let over = limits::RECORDS_PAGE_MAX + 1;
    assert_eq!(bench.get(&format!("/api/v1/records?limit={over}")).status, 200);
    bench.get("/api/v1/records?limit=0&before=3").problem(400);
}

#[test]
fn every_wrong_field_of_every_record_is_named_and_nothing_is_on_record() {
    let bench = Bench::new();
    let records = json!([
        kit(),
        { "record": "kit", "profile": "x", "test_code": 5, "maker": "m", "colour": "red" },
        { "record": "lot", "profile": "x", "test_code": "1", "lot": "L", "standing": "good" },
        { "record": "donation", "din": "tube 7", "statement": { "says": "deferred" } },
        { "record": "donation", "din": DIN, "statement": { "says": "signature", "step": "seen" } },
        { "record": "donation", "din": DIN, "statement": { "says": "praised" } },
        { "record": "reagent" },
        {
            "record": "control_target", "analyser": "a", "test_code": "1", "material": "QC",
            "level": -1, "source": "external", "expected": { "between": ["1"] },
        },
        7,
    ]);
    let problem = bench.records("li", records).problem(422);
    let expected = [
        "records[1].colour",
        "records[1].test_code",
        "records[1].name",
        "records[2].standing",
        "records[3].din",
        "records[4].statement.step",
        "records[5].statement.says",
        "records[6].record",
        "records[7].level",
        "records[7].expected.between",
        "records[8]",
    ];
    assert_eq!(fields(&problem), expected, "{problem}");
    let detail = |field: &str| {
        let errors = problem["errors"].as_array().unwrap();
        let found = errors.iter().find(|error| error["field"] == field).unwrap();
        found["detail"].as_str().unwrap().to_owned()
    };
    assert!(detail("records[2].standing").contains("delivery_not_accepted"), "{problem}");
    assert!(detail("records[5].statement.says").contains("donor_record"), "{problem}");
    assert_eq!(bench.get("/api/v1/records").json()["records"], json!([]));
}

#[test]
fn what_needs_people_at_the_console_is_refused_and_says_so() {
    let bench = Bench::new();
    let grounds = json!({ "ground": "medical_decision", "text": "looked at" });
    let said =
        |statement: Value| json!({ "record": "donation", "din": DIN, "statement": statement });
    let records = json!([
        said(json!({ "says": "agreed", "proposal": 1 })),
        said(json!({ "says": "turned_down", "proposal": 1 })),
        said(json!({
            "says": "proposed", "version": 1, "grounds": grounds,
            "matter": { "amendment": [{ "code": "REPEAT_REACTIVE", "assay": "hbsag" }] },
        })),
        said(json!({
            "says": "message_judged", "message": 1, "judgement": "accepted",
            "proposed_by": "li", "agreed_by": "wang",
        })),
        said(json!({
            "says": "rack_settled", "loading": "L", "analyser": "a",
            "proposed_by": "li", "agreed_by": "wang",
        })),
        json!({ "record": "message", "message": 1, "step": { "agreed": 1 } }),
        json!({ "record": "rack", "loading": "L", "rack": "R", "step": "closed" }),
        json!({ "record": "run", "analyser": "a", "test_code": "1", "accepted": true }),
        json!({ "record": "eqa", "scheme": "s", "round": "1", "step": { "closed": "x" } }),
        said(json!({ "says": "placed", "loading": "L", "rack": "R", "position": 1 })),
        said(json!({ "says": "taken_out", "loading": "L" })),
        said(json!({ "says": "rack_in_doubt", "loading": "L" })),
    ]);
    let problem = bench.records("li", records).problem(422);
    let errors = problem["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 12, "{problem}");
    let says = |error: &Value, text: &str| error["detail"].as_str().unwrap().contains(text);
    let two = |error: &&Value| says(error, "needs two people who sign in at the console");
    assert_eq!(errors.iter().filter(two).count(), 6, "{problem}");
    assert!(errors.iter().all(|one| says(one, "console") || says(one, "by the program alone")));
    assert_eq!(bench.get("/api/v1/records").json()["records"], json!([]));
}

#[test]
fn who_says_it_must_be_said() {
    let bench = Bench::new();
    for by in
        [json!(null), json!(""), json!(" li"), json!(7), json!("x".repeat(limits::USER_ID_MAX + 1))]
    {
        let body = json!({ "by": by, "records": [kit()] });
        let problem = bench.post_to("/api/v1/records", &body).problem(422);
        assert_eq!(fields(&problem), ["by"], "{body}");
    }
    let unsaid = bench.post_to("/api/v1/records", &json!({ "records": [], "note": 1 }));
    assert_eq!(fields(&unsaid.problem(422)), ["note", "by", "records"]);
    bench.post_to("/api/v1/records", &json!([kit()])).problem(422);
}

#[test]
fn a_record_that_contradicts_one_on_record_is_a_conflict_and_says_why() {
    let bench = Bench::new();
    let pool = |members: &[&str]| json!({ "record": "pool", "id": "P17", "members": members });
    bench.records("li", pool(&[DIN]));
    let conflict = bench.records("li", json!([pool(&["G123498654322"]), kit()]));
    assert_eq!(conflict.status, 409, "{}", conflict.text);
    let outcomes = outcomes(&conflict);
    assert_eq!(outcomes[0], (1, "conflict".to_owned()));
    assert_eq!(outcomes[1].1, "recorded");
    let why = conflict.json()["records"][0]["detail"].as_str().unwrap().to_owned();
    assert!(why.contains("P17") && why.contains(DIN), "{why}");
}

#[test]
fn a_record_changes_the_verdict_before_it_is_answered() {
    let bench = Bench::new();
    bench.register(&registration(DIN));
    let deferred = json!({ "record": "donation", "din": DIN, "statement": { "says": "deferred" } });
    assert_eq!(bench.records("li", deferred).status, 201);
    let donation = bench.get(&format!("/api/v1/donations/{DIN}")).json();
    assert_eq!(donation["verdict"], "reject", "{donation}");
    assert_eq!(donation["statements"][0]["says"], "deferred");
    assert_eq!(donation["statements"][0]["by"], "li");
    let feed = bench.get("/api/v1/verdicts").json();
    assert_eq!(feed["verdicts"][1]["verdict"], "reject");
}

#[test]
fn a_body_of_records_may_be_as_large_as_the_bound_and_not_one_byte_larger() {
    let bench = Bench::new();
    let body = |length: usize| {
        let mut body = json!({ "by": "li", "records": kit() }).to_string();
        body.push_str(&" ".repeat(length - body.len()));
        body
    };
    let post = |length| {
        let body = body(length);
        bench.post_bytes("/api/v1/records", "application/json", body.as_bytes())
    };
    assert_eq!(post(limits::RECORDS_BODY_MAX).status, 201);
    let problem = post(limits::RECORDS_BODY_MAX + 1).problem(413);
    assert!(problem["detail"].as_str().unwrap().contains(&limits::RECORDS_BODY_MAX.to_string()));
    bench.post_bytes("/api/v1/records", "text/plain", b"{}").problem(415);
    bench.post_bytes("/api/v1/records", "application/json", b"{").problem(400);
    bench.delete("/api/v1/records").problem(405);
}

#[test]
fn a_registration_may_say_more_and_no_verdict_is_concluded_without_it() {
    let bench = Bench::new();
    let mut body = registration(DIN);
    body["kind"] = json!("platelets");
    body["extras"] = json!(["htlv"]);
    body["donor"]["sex"] = json!("female");
    body["by"] = json!("lis");
    assert_eq!(bench.register(&body).status, 201);
    let donation = bench.get(&format!("/api/v1/donations/{DIN}")).json();
    let details = &donation["statements"][0];
    assert_eq!((&details["says"], &details["by"]), (&json!("details"), &json!("lis")));
    assert_eq!(details["kind"], "platelets");
    assert_eq!((&details["sex"], &details["extras"]), (&json!("female"), &json!(["htlv"])));
    let missing = |reason: &Value| reason["code"] == "MISSING" && reason["assay"] == "htlv";
    let feed = bench.get("/api/v1/verdicts").json();
    let first = feed["verdicts"][0]["reasons"].as_array().unwrap();
    assert!(first.iter().any(missing), "{feed}");
    assert_eq!(bench.register(&body).status, 200, "the same again");
    assert_eq!(bench.get("/api/v1/records").json()["records"].as_array().unwrap().len(), 1);
}

#[test]
fn details_are_read_strictly_and_those_of_a_contradicting_registration_change_nothing() {
    let bench = Bench::new();
    let mut body = registration(DIN);
    body["kind"] = json!("cake");
    body["autologous"] = json!("no");
    body["extras"] = json!(["htlv", "x-ray"]);
    body["donor"]["sex"] = json!("f");
    body["by"] = json!("");
    let problem = bench.register(&body).problem(422);
    assert_eq!(fields(&problem), ["kind", "donor.sex", "autologous", "extras", "by"], "{problem}");
    bench.register(&registration(DIN));
    let mut other = registration(DIN);
    other["site"] = json!("elsewhere");
    other["kind"] = json!("plasma");
    bench.register(&other).problem(409);
    assert_eq!(bench.get("/api/v1/records").json()["records"], json!([]));
}

#[test]
fn a_consequence_for_the_donor_is_told_until_inventory_acknowledges_it() {
    let bench = Bench::new();
    bench.register(&registration(DIN));
    for number in 1..=3 {
        let mut reactive = message(DIN, number);
        let observation = &mut reactive.observations[0];
        observation.reading = Some(hemogate::domain::Reading::Reactive);
        observation.value = Some(format!("1{number}.4"));
        observation.number = Some(format!("1{number}.4").parse().unwrap());
        bench.record(reactive);
    }
    let donation = bench.get(&format!("/api/v1/donations/{DIN}")).json();
    assert_eq!(donation["verdict"], "reject", "{donation}");
    let open = bench.get("/api/v1/donor-events?state=open").json();
    let event = &open["events"][0];
    assert_eq!((&event["din"], &event["assay"]), (&json!(DIN), &json!("hbsag")), "{open}");
    assert_eq!((&open["waiting"], &event["acknowledged"]), (&json!(1), &Value::Null));
    let acknowledge = |number: i64| {
        let path = format!("/api/v1/donor-events/{number}/acknowledge");
        bench.post_to(&path, &json!({ "by": "inventory" }))
    };
    assert_eq!(acknowledge(1).json()["outcome"], "acknowledged");
    assert_eq!(acknowledge(1).json()["outcome"], "acknowledged_before");
    acknowledge(2).problem(404);
    bench.post_to("/api/v1/donor-events/1/acknowledge", &json!({ "by": 1 })).problem(422);
    bench.post_to("/api/v1/donor-events/x/acknowledge", &json!({ "by": "i" })).problem(422);
    let open = bench.get("/api/v1/donor-events?state=open").json();
    assert_eq!((&open["events"], &open["waiting"]), (&json!([]), &json!(0)));
    let all = bench.get("/api/v1/donor-events").json();
    assert_eq!(all["events"][0]["acknowledged"]["by"], "inventory", "{all}");
    assert_eq!(bench.get("/api/v1/donor-events?after=1").json()["events"], json!([]));
    let over = limits::DONOR_EVENTS_PAGE_MAX + 1;
    assert_eq!(bench.get(&format!("/api/v1/donor-events?limit={over}")).status, 200);
    bench.get("/api/v1/donor-events?state=shut").problem(400);
}
