//! Worklists: rows come and go by themselves, on the page, on paper and in a file.

use hemogate::{clock, limits};

use crate::bench::{Bench, Browser, PATIENCE};
use crate::laboratory::{Stream, laboratory};
use crate::support::messages::din;

const REPEATS: &str = "/worklists?kind=repeats";

/// A laboratory with one first reactive result, its page of repeats and the stream of it.
fn with_a_repeat() -> (Bench, Browser, Stream) {
    let bench = laboratory();
    let browser = bench.signed_in("tina");
    let page = browser.get(REPEATS);
    page.says("Nothing to do here.");
    let mut stream = Stream::of_page(&browser, &page.text);
    bench.register(&din(1));
    bench.serology(&din(1), 515, 1, "20260105115617");
    stream.until("worklists-list:repeats::", |html| html.contains(&din(1)));
    (bench, browser, stream)
}

#[test]
fn a_repeat_stands_at_its_bench_and_goes_by_itself() {
    let (bench, browser, mut stream) = with_a_repeat();
    let page = browser.get(REPEATS);
    page.says("<caption>serology · HBsAg (1)</caption>");
    page.says("repeat in duplicate, same kit");
    assert!(browser.get("/worklists?kind=repeats&analyser=serology").text.contains(&din(1)));
    for elsewhere in ["analyser=alt", "assay=alt"] {
        let page = browser.get(&format!("{REPEATS}&{elsewhere}"));
        assert!(!page.text.contains(&din(1)), "{elsewhere}");
    }
    for completed in ["20260105121617", "20260105121717"] {
        bench.serology(&din(1), 515, -1, completed);
    }
    stream.until("worklists-list:repeats::", |html| !html.contains(&din(1)));
}

#[test]
fn each_list_says_how_much_there_is_to_do() {
    let (_bench, browser, _stream) = with_a_repeat();
    let page = browser.get(REPEATS);
    let count = |kind: &str, count: u32| {
        format!("kind={kind}\"{}>", if kind == "repeats" { " aria-current=\"page\"" } else { "" })
            + match kind {
                "repeats" => "Repeats in duplicate",
                _ => "Pools to resolve",
            }
            + &format!(" <span class=\"count\">{count}</span>")
    };
    page.says(&count("repeats", 1));
    page.says(&count("pools", 0));
}

#[test]
fn on_paper_each_donation_has_its_bar_code() {
    let (_bench, browser, _stream) = with_a_repeat();
    let page = browser.get("/worklists/print?kind=repeats");
    page.says(&format!("aria-label=\"{}\"", din(1)));
    page.says("<svg class=\"barcode\"");
}

#[test]
fn as_a_file_the_list_is_csv() {
    let (_bench, browser, _stream) = with_a_repeat();
    let file = browser.get("/worklists.csv?kind=repeats");
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    let name = "attachment; filename=\"worklist-repeats.csv\"";
    assert_eq!(file.header("content-disposition"), Some(name));
    let lines: Vec<&str> = file.text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("Analyser,Assay,Donation,Rack"), "{}", lines[0]);
    assert!(lines[1].starts_with(&format!("serology,HBsAg,{}", din(1))), "{}", lines[1]);
}

#[test]
fn a_list_nobody_knows_is_the_first_one() {
    let bench = laboratory();
    let browser = bench.signed_in("tina");
    let page = browser.get("/worklists?kind=%3Cscript%3E&analyser=nobody&assay=none");
    assert_eq!(page.status, 200);
    page.says("<h2>Repeats in duplicate</h2>");
    assert!(!page.text.contains("<script>"));
}

#[test]
fn a_live_page_shows_so_many_rows_and_says_how_many_more_there_are() {
    let bench = laboratory();
    let browser = bench.signed_in("tina");
    let mut shown = (0, 0);
    for number in 1..=60 {
        bench.register(&din(number));
        let deadline = clock::moment().plus(PATIENCE);
        let due = |text: &str| text.matches("class=\"din\"").count() + left_out(text);
        let page = loop {
            let page = browser.get("/worklists?kind=missing").text;
            if page.contains(&din(number)) || left_out(&page) > shown.1 {
                break page;
            }
            assert!(clock::moment() < deadline, "{number} is not counted");
        };
        assert!(due(&page) > shown.0 + shown.1);
        shown = (page.matches("class=\"din\"").count(), left_out(&page));
        assert_eq!(shown.0, limits::WORKLIST_SHOWN_MAX.min(shown.0 + shown.1));
        if shown.1 > 0 {
            return;
        }
    }
    panic!("never more than {shown:?}");
}

/// How many rows a page says that it leaves out.
fn left_out(page: &str) -> usize {
    let Some((before, _)) = page.split_once(" more, younger") else { return 0 };
    let number = before.rsplit([' ', '>']).next().unwrap();
    number.parse().unwrap()
}
