//! Racks over real sockets: loaded by scans, compared with what an analyser reports, settled by two.

mod importing;
mod settling;

use hemogate::limits;
use hemogate::people::Role;
use serde_json::Value;

use crate::bench::{Answer, Bench, Browser, PEOPLE};
use crate::support::messages;
use crate::support::wire::{Lis01, Sent};

const ANALYSER: &str = "\n[[analyser]]\nid = \"E1\"\nprofile = \"roche-cobas-e601\"\n\
                        tcp_listen = \"127.0.0.1:0\"\n";

/// A laboratory with one analyser and as many registered donations.
struct Laboratory {
    bench: Bench,
    tina: Browser,
}

impl Laboratory {
    fn new(donations: u32) -> Laboratory {
        let bench = Bench::configured(ANALYSER, &[]);
        for number in 1..=donations {
            register(&bench, &messages::registration(&din(number)));
        }
        let tina = bench.signed_in("tina");
        Laboratory { bench, tina }
    }

    /// A rack of the analyser that was begun; the path of its loading.
    fn begun(&self, rack: &str, positions: &str) -> String {
        let answer = self.begin(rack, positions, &[]);
        assert_eq!(answer.status, 303, "{}", answer.text);
        answer.location.unwrap()
    }

    fn begin(&self, rack: &str, positions: &str, more: &[(&str, &str)]) -> Answer {
        let fields =
            [("rack", rack), ("analyser", "E1"), ("assay", "hbsag"), ("positions", positions)];
        self.tina.post("/racks", &[&fields, more].concat())
    }

    /// The analyser reports results of a tube at a place.
    fn report(&self, number: u32, rack: &str, position: u32) {
        let place = format!("|0^{rack}^{position}^^S1^SC|");
        let message = messages::e601_clean(&din(number)).replace("|0^5007^1^^S1^SC|", &place);
        let address = self.bench.daemon().analyser_addr("E1").unwrap();
        assert_eq!(Lis01::dial(address).unwrap().send(&message), Sent::Acknowledged);
    }
}

fn din(number: u32) -> String {
    messages::din(number)
}

fn register(bench: &Bench, registration: &Value) {
    let address = bench.daemon().http_addr();
    let path = format!("http://{address}/api/v1/donations");
    let answer = ureq::post(path).send_json(registration).unwrap();
    assert_eq!(answer.status(), 201);
}

fn put_on_record(bench: &Bench, record: Value) {
    let address = bench.daemon().http_addr();
    let body = serde_json::json!({ "by": "lead", "records": [record] });
    let answer = ureq::post(format!("http://{address}/api/v1/records")).send_json(&body);
    assert_eq!(answer.unwrap().status(), 201);
}

/// An open page of a loading, as its script keeps it.
struct OpenPage<'l> {
    browser: &'l Browser,
    path: String,
    csrf: String,
    page: String,
    version: String,
    sequence: u64,
}

impl<'l> OpenPage<'l> {
    fn of(browser: &'l Browser, path: &str) -> OpenPage<'l> {
        let shown = browser.get(path);
        assert_eq!(shown.status, 200, "{}", shown.text);
        let field = |name: &str| shown.field(name).unwrap_or_else(|| panic!("{name}"));
        OpenPage {
            browser,
            path: path.to_owned(),
            csrf: field("csrf"),
            page: field("page"),
            version: field("version"),
            sequence: 1,
        }
    }

    /// A scan with the next number.
    fn scan(&mut self, position: &str, text: &str) -> Value {
        let said = self.scan_as(self.sequence, position, text);
        self.sequence += 1;
        self.version = said["version"].as_str().unwrap().to_owned();
        said
    }

    fn scan_as(&self, sequence: u64, position: &str, text: &str) -> Value {
        let answer = self.send(sequence, position, text, &[("accept", "application/json")]);
        assert_eq!(answer.status, 200, "{}", answer.text);
        serde_json::from_str(&answer.text).unwrap()
    }

    fn send(&self, sequence: u64, position: &str, text: &str, headers: &[(&str, &str)]) -> Answer {
        let origin = format!("http://{}", self.browser.address);
        let sequence = sequence.to_string();
        let fields = [
            ("csrf", self.csrf.as_str()),
            ("page", &self.page),
            ("sequence", &sequence),
            ("version", &self.version),
            ("position", position),
            ("text", text),
        ];
        let headers = [headers, &[("origin", origin.as_str())]].concat();
        self.browser.post_from(&format!("{}/scans", self.path), &fields, &headers)
    }

    fn step(&self, step: &str, fields: &[(&str, &str)]) -> Answer {
        let fields = [fields, &[("version", self.version.as_str())]].concat();
        self.browser.post(&format!("{}/{step}", self.path), &fields)
    }
}

#[track_caller]
fn refused(said: &Value, words: &str) {
    assert_eq!(said["good"], false, "{said}");
    let told = said["words"].as_str().unwrap();
    assert!(told.contains(words), "{words:?} is not in {told:?}");
    assert!(!said["todo"].as_str().unwrap().is_empty(), "nothing is to be done: {said}");
}

#[test]
fn a_rack_is_loaded_by_scans_closed_printed_and_ended() {
    let laboratory = Laboratory::new(2);
    let path = laboratory.begun("5007", "5");
    let mut page = OpenPage::of(&laboratory.tina, &path);
    let said = page.scan("1", &din(1));
    assert_eq!((&said["good"], &said["next"]), (&Value::from(true), &Value::from(2)));
    page.scan("3", &din(2));
    let shown = laboratory.tina.get(&path);
    shown.says(&din(1));
    shown.says("2 of 5");
    assert_eq!(page.step("close", &[("count", "3")]).status, 422);
    assert_eq!(page.step("close", &[("count", "2")]).status, 303);
    laboratory.tina.get(&path).says("manifest fixed");
    let paper = laboratory.tina.get(&format!("{path}/manifest"));
    paper.says("<svg");
    paper.says(&din(2));
    let page = laboratory.tina.get(&path);
    let version = page.field("version").unwrap();
    let end = |why: &str| {
        let fields = [("version", version.as_str()), ("why", why)];
        laboratory.tina.post(&format!("{path}/end"), &fields)
    };
    assert_eq!(end("  ").status, 422);
    assert_eq!(end("results are in").status, 303);
    laboratory.tina.get("/racks").says("ended");
    laboratory.begun("5007", "5");
}

#[test]
fn what_is_wrong_with_a_tube_is_refused_at_the_scan_with_what_to_do() {
    let laboratory = Laboratory::new(6);
    let mut deferred = messages::registration(&din(7));
    deferred["donor"]["deferred"] = Value::from(true);
    register(&laboratory.bench, &deferred);
    let (one, other) = (laboratory.begun("5007", "2"), laboratory.begun("5008", "5"));
    OpenPage::of(&laboratory.tina, &other).scan("4", &din(5));
    let mut page = OpenPage::of(&laboratory.tina, &one);
    page.scan("1", &din(1));
    refused(&page.scan("2", ""), "Nothing was scanned");
    refused(&page.scan("2", "hello"), "is no donation number");
    refused(&page.scan("2", "=G12342600000263"), "check character");
    refused(&page.scan("2", &din(1)), "already, at position 1");
    refused(&page.scan("2", &din(5)), "stands in rack 5008 at position 4, put there by tina");
    refused(&page.scan("2", &din(9)), "is not registered");
    refused(&page.scan("2", &din(7)), "is deferred");
    refused(&page.scan("1", &din(2)), "is used, by tube G123426000001");
    refused(&page.scan("3", &din(2)), "There is no position");
    assert_eq!(page.scan("2", &din(2))["good"], true);
    refused(&page.scan("", &din(3)), "All 2 positions are used");
    refused(&page.scan("2", &din(3)), "All 2 positions are used");
}

#[test]
fn fm_05_the_code_of_any_rack_in_use_is_no_tube_and_a_tube_is_no_rack() {
    let laboratory = Laboratory::new(1);
    let path = laboratory.begun("5007", "5");
    laboratory.begun("5008", "5");
    let mut page = OpenPage::of(&laboratory.tina, &path);
    refused(&page.scan("1", "5007"), "is the code of a rack");
    refused(&page.scan("1", "5008"), "is the code of a rack");
    let answer = laboratory.begin(&din(1), "5", &[]);
    assert_eq!(answer.status, 422);
    answer.says("is a donation number");
    let again = laboratory.begin("5007", "5", &[]);
    assert_eq!(again.status, 422);
    again.says("in use");
}

#[test]
fn fm_05_another_count_than_was_scanned_fixes_no_manifest() {
    let laboratory = Laboratory::new(2);
    let path = laboratory.begun("5007", "5");
    let mut page = OpenPage::of(&laboratory.tina, &path);
    page.scan("1", &din(1));
    page.scan("2", &din(2));
    for counted in ["1", "3", "", "two"] {
        let answer = page.step("close", &[("count", counted)]);
        assert_eq!(answer.status, 422, "{counted}");
        answer.says("another number was scanned");
    }
}

#[test]
fn the_container_of_the_rack_and_of_the_kits_must_be_the_tubes() {
    let laboratory = Laboratory::new(2);
    let bench = &laboratory.bench;
    let statement = serde_json::json!({ "says": "container", "container": "serum" });
    let container =
        serde_json::json!({ "record": "donation", "din": din(1), "statement": statement });
    put_on_record(bench, container);
    let answer = laboratory.begin("5007", "5", &[("container", "edta")]);
    let path = answer.location.unwrap();
    let mut page = OpenPage::of(&laboratory.tina, &path);
    refused(&page.scan("1", &din(1)), "is serum; this rack takes EDTA plasma");
    assert_eq!(page.scan("1", &din(2))["good"], true);
    put_on_record(
        bench,
        serde_json::json!({
            "record": "kit", "profile": "roche-cobas-e601", "test_code": "515",
            "maker": "Roche", "name": "HBsAg II", "containers": ["serum"]
        }),
    );
    let answer = laboratory.begin("5008", "5", &[("container", "edta")]);
    assert_eq!(answer.status, 422);
    answer.says("HBsAg II is not validated");
    refused(&page.scan("2", &din(1)), "is serum");
    let free = laboratory.begin("5009", "5", &[]).location.unwrap();
    assert_eq!(OpenPage::of(&laboratory.tina, &free).scan("1", &din(1))["good"], true);
}

#[test]
fn fm_06_each_scan_is_answered_by_its_own_number_and_place_and_once() {
    let laboratory = Laboratory::new(3);
    let path = laboratory.begun("5007", "5");
    let mut page = OpenPage::of(&laboratory.tina, &path);
    let first = page.scan_as(7, "2", &din(1));
    assert_eq!((&first["sequence"], &first["position"]), (&Value::from(7), &Value::from("2")));
    // The answer was lost: the same once more, while the version is still the old one.
    let again = page.scan_as(7, "2", &din(1));
    assert_eq!(again["good"], true);
    assert_eq!(again["words"], first["words"]);
    assert_eq!(again["version"], first["version"], "nothing was written");
    // Another scan under that number is not taken for it.
    refused(&page.scan_as(7, "3", &din(2)), "Another scan was sent with this number");
    page.version = first["version"].as_str().unwrap().to_owned();
    page.sequence = 8;
    refused(&page.scan("3", "smudge"), "is no donation number");
    refused(&page.scan_as(8, "3", "smudge"), "is no donation number");
    // The place of the one that was refused stays free: the next does not slip into it.
    assert_eq!(page.scan("4", &din(2))["next"], 5);
    let shown = laboratory.tina.get(&path).text;
    assert_eq!(shown.matches("data-used").count(), 2, "{shown}");
}

#[test]
fn fm_06_a_new_page_numbers_its_scans_by_itself() {
    let laboratory = Laboratory::new(2);
    let path = laboratory.begun("5007", "5");
    OpenPage::of(&laboratory.tina, &path).scan("1", &din(1));
    let mut second = OpenPage::of(&laboratory.tina, &path);
    assert_eq!(second.sequence, 1);
    assert_eq!(second.scan("2", &din(2))["good"], true);
}

/// Many clicks at once, all under the state that one page showed: one counts, the others are told
/// that the rack has changed, and no tube stands where another was scanned.
#[test]
fn fm_02_many_scans_at_once_under_one_version_put_one_tube_in() {
    let laboratory = Laboratory::new(24);
    let path = laboratory.begun("5007", "30");
    let page = OpenPage::of(&laboratory.tina, &path);
    let sent: Vec<(u64, Value)> = std::thread::scope(|scope| {
        let scans: Vec<_> = (1..=24_u32)
            .map(|number| {
                let cookie = laboratory.tina.cookie.borrow().clone();
                let (address, page) = (laboratory.tina.address, page.copied());
                scope.spawn(move || {
                    let browser = Browser::at(address);
                    *browser.cookie.borrow_mut() = cookie;
                    let page = page.by(&browser);
                    let position = number.to_string();
                    (u64::from(number), page.scan_as(number.into(), &position, &din(number)))
                })
            })
            .collect();
        scans.into_iter().map(|scan| scan.join().unwrap()).collect()
    });
    let good: Vec<_> = sent.iter().filter(|(_, said)| said["good"] == true).collect();
    assert_eq!(good.len(), 1, "{good:?}");
    for (number, said) in &sent {
        assert_eq!(said["sequence"], *number, "an answer to another scan");
        if said["good"] == false {
            assert_eq!(said["stale"], true);
            refused(said, "Somebody else has changed this loading");
        }
    }
    let shown = laboratory.tina.get(&path).text;
    assert_eq!(shown.matches("data-used").count(), 1);
    shown.split_once(&din(u32::try_from(good[0].0).unwrap())).expect("the tube that counted");
}

#[test]
fn fm_02_a_page_that_shows_an_older_state_changes_nothing() {
    let laboratory = Laboratory::new(2);
    let path = laboratory.begun("5007", "5");
    let old = OpenPage::of(&laboratory.tina, &path);
    let mut page = OpenPage::of(&laboratory.tina, &path);
    page.scan("1", &din(1));
    for (step, fields) in [("close", [("count", "1")]), ("end", [("why", "done")])] {
        let answer = old.step(step, &fields);
        assert_eq!(answer.status, 422, "{step}");
        answer.says("has changed since");
    }
    let take_out = |page: &OpenPage<'_>, tube: &str| page.step("tubes/1", &[("tube", tube)]);
    assert_eq!(take_out(&old, &din(1)).status, 422);
    take_out(&page, &din(2)).says("is not the tube that stands there");
    assert_eq!(take_out(&page, &din(1)).status, 303);
    assert!(!laboratory.tina.get(&path).text.contains("data-used"));
}

#[test]
fn everything_works_without_the_script_too() {
    let laboratory = Laboratory::new(1);
    let path = laboratory.begun("5007", "5");
    let page = OpenPage::of(&laboratory.tina, &path);
    let answer = page.send(1, "1", &din(1), &[]);
    assert_eq!(answer.status, 303);
    let shown = laboratory.tina.get(&answer.location.unwrap());
    shown.says("Tube G123426000001 stands at position 1.");
    assert_eq!(shown.field("sequence").as_deref(), Some("2"));
    assert_eq!(shown.field("page").as_deref(), Some(page.page.as_str()));
    let answer = page.send(2, "2", "nonsense", &[]);
    let shown = laboratory.tina.get(&answer.location.unwrap());
    shown.says("is no donation number");
}

#[test]
fn fm_50_right_and_wrong_differ_in_word_and_shape_and_not_in_colour_alone() {
    let laboratory = Laboratory::new(1);
    let path = laboratory.begun("5007", "5");
    let page = OpenPage::of(&laboratory.tina, &path);
    let shown = |sequence: u64, text: &str| {
        let answer = page.send(sequence, &sequence.to_string(), text, &[]);
        laboratory.tina.get(&answer.location.unwrap())
    };
    let right = shown(1, &din(1));
    right.says("<p class=\"answer good\"><span class=\"mark\" aria-hidden=\"true\">✔</span> <strong>Right</strong>");
    let wrong = shown(2, "nonsense");
    wrong.says("<p class=\"answer bad\"><span class=\"mark\" aria-hidden=\"true\">✖</span> <strong>Wrong</strong>");
    // Every state in the grid has its mark and its word.
    for state in right.text.split("class=\"state ").skip(1) {
        let (inside, _) = state.split_once("</span>").unwrap();
        assert!(inside.len() > 8, "a state without words: {inside}");
    }
    let script = laboratory.tina.get("/assets/scan.js");
    for part in ["\"sine\"", "\"square\"", "sound.right()", "sound.wrong()"] {
        script.says(part);
    }
}

#[test]
fn fm_11_no_identifier_is_filled_in_before() {
    let laboratory = Laboratory::new(1);
    let path = laboratory.begun("5007", "5");
    OpenPage::of(&laboratory.tina, &path).scan("1", &din(1));
    let input = |page: &str, id: &str| {
        let text = laboratory.tina.get(page).text;
        let (_, rest) = text.split_once(&format!("<input id=\"{id}\"")).unwrap();
        rest.split_once('>').unwrap().0.to_owned()
    };
    for (page, id) in [
        ("/racks/new?analyser=E1".to_owned(), "rack"),
        (path.clone(), "scan-text"),
        (path.clone(), "count"),
        (format!("{path}/tubes/1"), "tube"),
    ] {
        let input = input(&page, id);
        assert!(!input.contains("value"), "{page} {id}: {input}");
        assert!(input.contains("autocomplete=\"off\""), "{page} {id}: {input}");
    }
}

#[test]
fn who_may_not_load_racks_changes_none() {
    let laboratory = Laboratory::new(1);
    let path = laboratory.begun("5007", "5");
    let may_not = [Role::Administrator, Role::Auditor];
    for (user, _) in PEOPLE.iter().filter(|(_, role)| may_not.contains(role)) {
        let browser = laboratory.bench.signed_in(user);
        let answer = browser.post("/racks", &[("rack", "5010")]);
        assert_eq!(answer.status, 403, "{user}");
        for step in ["scans", "close", "end", "tubes/1"] {
            assert_eq!(browser.post(&format!("{path}/{step}"), &[]).status, 403, "{user} {step}");
        }
    }
}

#[test]
fn the_pages_are_there_in_chinese_too() {
    let laboratory = Laboratory::new(1);
    let path = laboratory.begun("5007", "5");
    laboratory.tina.post("/language", &[]);
    laboratory.tina.get(&path).says("扫描试管");
    laboratory.tina.get("/racks").says("进行中和近期的装架");
    let mut page = OpenPage::of(&laboratory.tina, &path);
    refused(&page.scan("1", "nonsense"), "不是献血码");
    refused(&page.scan("1", &din(9)), "未登记");
}

#[test]
fn codes_and_words_are_as_long_as_their_bounds_at_most() {
    let laboratory = Laboratory::new(1);
    let code = |length: usize| "7".repeat(length);
    assert_eq!(laboratory.begin(&code(limits::RACK_CODE_MAX + 1), "5", &[]).status, 422);
    let path = laboratory.begun(&code(limits::RACK_CODE_MAX), "5");
    let page = OpenPage::of(&laboratory.tina, &path);
    let end = |length: usize| page.step("end", &[("why", &"x".repeat(length))]).status;
    assert_eq!(end(limits::RACK_WORDS_MAX + 1), 422);
    assert_eq!(end(limits::RACK_WORDS_MAX), 303);
}

#[test]
fn the_list_shows_every_rack_in_use_and_of_those_that_are_over_the_latest() {
    let laboratory = Laboratory::new(0);
    let most = usize::try_from(limits::RACKS_RECENT_MAX).unwrap();
    let in_use = laboratory.begun("9000", "5");
    for number in 0..=most {
        let path = laboratory.begun(&format!("R{number}."), "5");
        let answer = OpenPage::of(&laboratory.tina, &path).step("end", &[("why", "done")]);
        assert_eq!(answer.status, 303);
    }
    let shown = laboratory.tina.get("/racks");
    shown.says(&in_use);
    assert!(!shown.text.contains(">R0.<"), "one more than the bound");
    shown.says(">R1.<");
    shown.says(&format!(">R{most}.<"));
}

/// What another thread needs of a page.
struct Copied {
    path: String,
    csrf: String,
    page: String,
    version: String,
}

impl Copied {
    fn by(self, browser: &Browser) -> OpenPage<'_> {
        let Copied { path, csrf, page, version } = self;
        OpenPage { browser, path, csrf, page, version, sequence: 1 }
    }
}

impl OpenPage<'_> {
    fn copied(&self) -> Copied {
        Copied {
            path: self.path.clone(),
            csrf: self.csrf.clone(),
            page: self.page.clone(),
            version: self.version.clone(),
        }
    }
}
