//! The lines: what is on them, and who may see it.

use crate::laboratory::{Stream, laboratory};
use crate::support::messages::din;

#[test]
fn what_passes_over_a_line_is_shown_decoded_and_in_hexadecimal_while_it_passes() {
    let bench = laboratory();
    let browser = bench.signed_in("tina");
    let page = browser.get("/links/serology");
    page.says("Nothing passed yet.");
    let mut stream = Stream::of_page(&browser, &page.text);
    bench.register(&din(1));
    bench.serology(&din(1), 286, -1, "20260105115617");
    let html = stream.until("links-traffic:serology", |html| html.contains(&din(1)));
    for shown in ["&#60;ENQ&#62;", "from the analyser", "to the analyser", "06"] {
        assert!(html.contains(shown), "{shown} is not in {html}");
    }
}

#[test]
fn every_line_stands_in_the_list_with_its_state_and_numbers() {
    let bench = laboratory();
    let browser = bench.signed_in("audrey");
    bench.register(&din(1));
    bench.serology(&din(1), 286, -1, "20260105115617");
    let page = browser.get("/links");
    for shown in ["href=\"/links/serology\"", "href=\"/links/alt\"", "waiting for it"] {
        page.says(shown);
    }
    let one = browser.get("/links/serology");
    one.says("<caption>Counted since start</caption>");
    one.says("Bytes received");
}

#[test]
fn a_line_that_is_not_there_is_not_found_and_administrators_see_none() {
    let bench = laboratory();
    assert_eq!(bench.signed_in("tina").get("/links/nobody").status, 404);
    let administrator = bench.signed_in("adam");
    for path in ["/links", "/links/serology", "/worklists", "/worklists.csv"] {
        assert_eq!(administrator.get(path).status, 403, "{path}");
    }
}
