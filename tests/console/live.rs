//! Pages that are kept live: what is sent, when, to whom, and how much of it there may be.

use std::time::Duration;

use hemogate::{clock, limits};

use crate::bench::Bench;
use crate::laboratory::{Stream, laboratory, regions};
use crate::support::messages::din;

#[test]
fn what_is_committed_is_on_the_page_within_a_second() {
    let bench = laboratory();
    let browser = bench.signed_in("tina");
    let page = browser.get("/");
    let mut stream = Stream::of_page(&browser, &page.text);
    let mut fastest = Duration::MAX;
    for number in 1..=3_u32 {
        bench.register(&din(number));
        let committed = clock::moment().since_start();
        stream.until("today-numbers", |html| html.contains(&tile("pending", number)));
        fastest = fastest.min(clock::moment().since_start() - committed);
    }
    assert!(fastest < Duration::from_secs(1), "{fastest:?}");
}

fn tile(verdict: &str, number: u32) -> String {
    let mark = if verdict == "pending" { "…" } else { "▲" };
    format!("{mark}</span> {verdict}</span> <span class=\"number\">{number}</span>")
}

#[test]
fn what_came_between_a_page_and_its_stream_is_sent_first() {
    let bench = laboratory();
    let browser = bench.signed_in("tina");
    let page = browser.get("/");
    assert!(!page.text.contains(&tile("pending", 1)));
    bench.register(&din(1));
    let mut stream = Stream::of_page(&browser, &page.text);
    stream.until("today-numbers", |html| html.contains(&tile("pending", 1)));
}

#[test]
fn a_page_is_not_sent_what_it_shows_and_who_comes_back_is_sent_everything() {
    let bench = laboratory();
    let browser = bench.signed_in("tina");
    let page = browser.get("/links");
    let shown = regions(&page.text);
    assert_eq!(shown.len(), 1);
    let path = format!("/live?regions=links-all,today-stuck&have={},", shown[0].hash);
    // Nothing happens on the lines, so the list of holds is all that is new.
    let mut stream = Stream::open(&browser, &path, "");
    assert_eq!(stream.next().unwrap().0, "today-stuck");
    let mut back = Stream::open(&browser, &path, "last-event-id: 1\r\n");
    let mut sent = [back.next().unwrap().0, back.next().unwrap().0];
    sent.sort();
    assert_eq!(sent, ["links-all", "today-stuck"]);
}

#[test]
fn one_person_has_so_many_open_pages_and_a_place_is_free_again() {
    let bench = Bench::new();
    let browser = bench.signed_in("tina");
    let open = || Stream::open(&browser, "/live?regions=today-numbers", "");
    let mut streams: Vec<Stream> = (0..limits::LIVE_STREAMS_EACH_MAX).map(|_| open()).collect();
    assert!(streams.iter().all(|stream| stream.status == 200));
    assert_eq!(open().status, 429);
    let other = bench.signed_in("rui");
    assert_eq!(Stream::open(&other, "/live?regions=today-numbers", "").status, 200);
    streams.pop();
    let deadline = clock::moment().plus(crate::bench::PATIENCE);
    while open().status != 200 {
        assert!(clock::moment() < deadline, "the place was not free again");
    }
}

#[test]
fn a_page_has_so_many_regions_and_names_them() {
    let bench = Bench::new();
    let browser = bench.signed_in("tina");
    let status = |count: usize| {
        let ids: Vec<String> = (0..count).map(|n| format!("today-{n}")).collect();
        Stream::open(&browser, &format!("/live?regions={}", ids.join(",")), "").status
    };
    assert_eq!(status(limits::LIVE_REGIONS_MAX), 200);
    assert_eq!(status(limits::LIVE_REGIONS_MAX + 1), 422);
    assert_eq!(Stream::open(&browser, "/live?regions=", "").status, 422);
}

#[test]
fn a_stream_ends_with_the_session_and_with_the_daemon() {
    let mut bench = Bench::new();
    let browser = bench.signed_in("tina");
    let stream = Stream::open(&browser, "/live?regions=today-numbers", "");
    let other = bench.signed_in("rui");
    let mut goes_on = Stream::open(&other, "/live?regions=today-numbers", "");
    assert!(goes_on.next().is_some());
    browser.post("/sign-out", &[]);
    stream.ends();
    bench.stop();
    goes_on.ends();
}

#[test]
fn who_may_not_see_donations_is_sent_nothing_of_them() {
    let bench = Bench::new();
    let administrator = bench.signed_in("adam");
    assert_eq!(Stream::open(&administrator, "/live?regions=today-numbers", "").status, 403);
    let nobody = bench.browser();
    assert_eq!(Stream::open(&nobody, "/live?regions=today-numbers", "").status, 401);
}
