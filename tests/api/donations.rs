//! Registering donations and asking for one.

use std::io::{Read, Write};
use std::net::TcpStream;

use hemogate::domain::{Assay, DonationNumberScheme, OrderStanding};
use hemogate::limits;
use serde_json::{Value, json};

use crate::bench::{Bench, DIN, PATIENCE, message, registration};

fn fields(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().unwrap();
    errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
}

fn with(path: &[&str], value: Value) -> Value {
    let mut body = registration(DIN);
    let mut place = &mut body;
    for step in path {
        place = &mut place[*step];
    }
    *place = value;
    body
}

#[test]
fn a_new_registration_is_created_and_the_same_again_is_fine() {
    let bench = Bench::new();
    let created = bench.register(&registration(DIN));
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(created.location.as_deref(), Some("/api/v1/donations/G123498654321"));
    assert_eq!(created.json()["din"], DIN);
    let again = bench.register(&registration(DIN));
    assert_eq!(again.status, 200, "{}", again.text);
    // The same moment in another zone and another form of the number are the same registration.
    let mut same = registration("=G12349865432100");
    same["collected_at"] = json!("2026-01-31T00:30:00Z");
    assert_eq!(bench.register(&same).status, 200);
}

#[test]
fn a_conflicting_registration_is_refused_and_shows_what_is_on_record() {
    let bench = Bench::new();
    bench.register(&registration(DIN));
    let conflict = bench.register(&with(&["donor", "deferred"], json!(true))).problem(409);
    assert_eq!(conflict["registered"]["donor"]["deferred"], false);
    let shown = bench.get(&format!("/api/v1/donations/{DIN}")).json();
    assert_eq!(shown["registration"]["donor"]["deferred"], false);
}

#[test]
fn a_bad_check_character_is_a_422_that_names_the_field() {
    let bench = Bench::new();
    let problem = bench.register(&registration("G123498654321A")).problem(422);
    assert_eq!(fields(&problem), ["din"]);
    assert!(problem["detail"].as_str().unwrap().contains("check character"), "{problem}");
    assert_eq!(bench.register(&registration("G123498654321H")).status, 201);
}

#[test]
fn every_wrong_field_is_named_at_once() {
    let bench = Bench::new();
    let body = json!({
        "din": "tube 7",
        "collected_at": "2026-01-31T08:30:00",
        "site": " ",
        "donor": {
            "kind": "new",
            "deferred": "no",
            "historic_group": { "abo": "C", "rhd": null },
        },
    });
    let problem = bench.register(&body).problem(422);
    let expected = [
        "din",
        "collected_at",
        "site",
        "donor.kind",
        "donor.deferred",
        "donor.historic_group.abo",
        "donor.historic_group.rhd",
    ];
    assert_eq!(fields(&problem), expected);
}

#[test]
fn missing_fields_are_faults_and_a_group_may_be_unknown() {
    let bench = Bench::new();
    let problem = bench.register(&json!({})).problem(422);
    assert_eq!(fields(&problem), ["din", "collected_at", "site", "donor"]);
    let unsaid = bench.register(&with(&["donor"], json!({ "kind": "first" }))).problem(422);
    assert_eq!(fields(&unsaid), ["donor.deferred"]);
    let unknown = with(&["donor", "historic_group"], Value::Null);
    assert_eq!(bench.register(&unknown).status, 201);
    let shown = bench.get(&format!("/api/v1/donations/{DIN}")).json();
    assert_eq!(shown["registration"]["donor"]["historic_group"], Value::Null);
}

#[test]
fn unknown_fields_are_refused_by_name() {
    let bench = Bench::new();
    for path in [&["surname"][..], &["donor", "surname"], &["donor", "historic_group", "kell"]] {
        let problem = bench.register(&with(path, json!("x"))).problem(422);
        assert_eq!(fields(&problem), [path.join(".")]);
    }
    for path in [&["donor"][..], &["donor", "historic_group"]] {
        let problem = bench.register(&with(path, json!("x"))).problem(422);
        assert_eq!(fields(&problem), [path.join(".")]);
    }
    bench.get(&format!("/api/v1/donations/{DIN}")).problem(404);
}

#[test]
fn an_array_is_no_object_even_with_the_right_values_in_the_right_order() {
    let bench = Bench::new();
    let group = json!(["A", "positive"]);
    let donor = json!(["repeat", false, group]);
    let body = json!([DIN, "2026-01-31T08:30:00+08:00", "Bus 3", donor]);
    assert_eq!(fields(&bench.register(&body).problem(422)), ["body"]);
    let problem = bench.register(&with(&["donor"], donor)).problem(422);
    assert_eq!(fields(&problem), ["donor"]);
    let problem = bench.register(&with(&["donor", "historic_group"], group)).problem(422);
    assert_eq!(fields(&problem), ["donor.historic_group"]);
    bench.get(&format!("/api/v1/donations/{DIN}")).problem(404);
}

#[test]
fn a_program_need_not_name_the_content_type_but_a_page_in_a_browser_must() {
    let bench = Bench::new();
    let body = registration(DIN).to_string();
    let send = |more: &str| {
        let mut stream = TcpStream::connect(bench.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let length = body.len();
        let head = "POST /api/v1/donations HTTP/1.1\r\nhost: test\r\nconnection: close\r\n";
        write!(stream, "{head}{more}content-length: {length}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let page = send("origin: http://elsewhere.example\r\n");
    assert!(page.starts_with("HTTP/1.1 415"), "{page}");
    let program = send("");
    assert!(program.starts_with("HTTP/1.1 201"), "{program}");
}

#[test]
fn what_is_not_json_is_refused() {
    let bench = Bench::new();
    bench.post("application/json", b"{\"din\": ").problem(400);
    bench.post("application/json", b"din=1").problem(400);
    bench.post("application/json", b"").problem(400);
    bench.post("text/plain", registration(DIN).to_string().as_bytes()).problem(415);
    let body = registration(DIN).to_string();
    assert_eq!(bench.post("application/json; charset=utf-8", body.as_bytes()).status, 201);
}

#[test]
fn a_field_given_twice_is_refused() {
    let bench = Bench::new();
    let body = registration(DIN).to_string();
    let twice = body.replacen('{', "{\"site\":\"Bus 4\",", 1);
    let problem = bench.post("application/json", twice.as_bytes()).problem(422);
    assert!(problem["detail"].as_str().unwrap().contains("site"), "{problem}");
}

#[test]
fn a_body_may_be_as_large_as_the_bound_and_not_one_byte_larger() {
    let bench = Bench::new();
    let body = registration(DIN).to_string();
    let padded = |length: usize| body.clone() + &" ".repeat(length - body.len());
    let at_bound = padded(limits::HTTP_BODY_MAX);
    assert_eq!(bench.post("application/json", at_bound.as_bytes()).status, 201);
    let over = padded(limits::HTTP_BODY_MAX + 1);
    let problem = bench.post("application/json", over.as_bytes()).problem(413);
    let bound = limits::HTTP_BODY_MAX.to_string();
    assert!(problem["detail"].as_str().unwrap().contains(&bound), "{problem}");
}

#[test]
fn a_body_that_never_arrives_is_given_up() {
    let bench = Bench::new();
    let mut stream = TcpStream::connect(bench.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = "POST /api/v1/donations HTTP/1.1\r\nhost: test\r\n\
                content-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 408");
}

#[test]
fn a_site_may_be_as_long_as_the_bound_and_not_one_character_longer() {
    let bench = Bench::new();
    let over = with(&["site"], json!("站".repeat(limits::SITE_MAX + 1)));
    assert_eq!(fields(&bench.register(&over).problem(422)), ["site"]);
    let at_bound = with(&["site"], json!("站".repeat(limits::SITE_MAX)));
    assert_eq!(bench.register(&at_bound).status, 201);
}

#[test]
fn a_donation_is_shown_with_everything_on_record() {
    let bench = Bench::new();
    bench.record(message(DIN, 1));
    let waiting = bench.get(&format!("/api/v1/donations/{DIN}")).json();
    assert_eq!(waiting["registration"], Value::Null);
    assert_eq!(waiting["verdict"], "pending");
    bench.register(&registration(DIN));
    let shown = bench.get(&format!("/api/v1/donations/{DIN}")).json();
    assert_eq!(shown["din"], DIN);
    assert_eq!(shown["registration"]["collected_at"], "2026-01-31T00:30:00Z");
    assert_eq!(shown["verdict"], "pending");
    assert_eq!(shown["version"], 1);
    let observation = &shown["observations"][0];
    assert_eq!(observation["test_code"], "286");
    assert_eq!(observation["assay"], "hbsag");
    assert_eq!(observation["value"], "0.412");
    assert_eq!(observation["reading"], "nonreactive");
    assert_eq!(observation["analyser"], "e601");
    assert!(observation["message"].as_i64().unwrap() > 0);
    assert!(observation["id"].as_i64().unwrap() > 0);
    let missing = shown["reasons"].as_array().unwrap();
    assert!(missing.iter().any(|reason| reason["code"] == "MISSING"), "{shown}");
    assert!(!shown["next_steps"].as_array().unwrap().is_empty(), "{shown}");
    assert_eq!(shown["rule_set"]["sha256"], bench.rules.identity().sha256);
}

#[test]
fn a_donation_shows_what_was_ordered_and_how_it_stands() {
    let bench = Bench::new();
    bench.register(&registration(DIN));
    assert_eq!(bench.get(&format!("/api/v1/donations/{DIN}")).json()["orders"], json!([]));
    let order_ids = bench.order(DIN, "e601", &[Assay::Hbsag, Assay::Tp]);
    let refused = "no reagent on board".to_owned();
    bench.store.settle(order_ids[1..].to_vec(), OrderStanding::Refused, refused);
    bench.record(message(DIN, 9));
    let shown = bench.get(&format!("/api/v1/donations/{DIN}")).json();
    let orders = shown["orders"].as_array().unwrap();
    assert_eq!(orders.len(), 2, "{shown}");
    assert_eq!(orders[0]["order_id"], order_ids[0].as_str());
    assert_eq!(orders[0]["analyser"], "e601");
    assert_eq!(orders[0]["assay"], "hbsag");
    assert!(orders[0]["issued_at"].as_str().unwrap().ends_with('Z'), "{shown}");
    assert_eq!((&orders[0]["standing"], &orders[0]["text"]), (&Value::Null, &Value::Null));
    assert_eq!(orders[1]["standing"], "refused");
    assert_eq!(orders[1]["text"], "no reagent on board");
}

#[test]
fn a_donation_is_found_by_any_form_of_its_number() {
    let bench = Bench::new();
    bench.register(&registration(DIN));
    for form in ["G123498654321", "=G12349865432100", "%3DG12349865432100", "G123498654321H"] {
        let shown = bench.get(&format!("/api/v1/donations/{form}"));
        assert_eq!(shown.status, 200, "{form}: {}", shown.text);
        assert_eq!(shown.json()["din"], DIN);
    }
    bench.get("/api/v1/donations/A000000000000").problem(404);
    bench.get("/api/v1/donations/G123498654321A").problem(422);
    bench.get("/api/v1/donations/tube7").problem(422);
    bench.get("/api/v1/donations/%FF").problem(422);
    bench.get("/api/v1/donations/G123498654321?verbose=1").problem(400);
}

#[test]
fn a_sites_own_numbers_survive_the_address() {
    let scheme = DonationNumberScheme::site("[0-9]{4}/[0-9]{6}").unwrap();
    let bench = Bench::with_scheme(scheme);
    let created = bench.register(&registration("2026/000123"));
    assert_eq!(created.status, 201, "{}", created.text);
    let shown = bench.get(&created.location.unwrap());
    assert_eq!(shown.json()["din"], "2026/000123");
}
