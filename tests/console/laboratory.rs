//! A console in a laboratory: analysers on their lines, inventory, and pages that are kept live.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

use crate::bench::{Bench, Browser, PATIENCE};
use crate::support::messages;
use crate::support::process::results_only;
use crate::support::wire::{Lis01, Sent};

/// A console whose laboratory has a serology analyser and one for ALT, where results alone count.
pub fn laboratory() -> Bench {
    let analysers = "[[analyser]]\nid = \"serology\"\nprofile = \"roche-cobas-e601\"\n\
                     tcp_listen = \"127.0.0.1:0\"\n[[analyser]]\nid = \"alt\"\n\
                     profile = \"mindray-bs\"\ntcp_listen = \"127.0.0.1:0\"\n";
    Bench::configured(&format!("{}{analysers}", results_only()), &[])
}

impl Bench {
    /// Inventory registers a donation.
    pub fn register(&self, din: &str) {
        let url = format!("http://{}/api/v1/donations", self.http());
        let answer = ureq::post(&url).send_json(messages::registration(din)).unwrap();
        assert_eq!(answer.status().as_u16(), 201);
    }

    /// The serology analyser sends one result: `code` 515 is HBsAg, `sign` 1 reactive.
    pub fn serology(&self, din: &str, code: u32, sign: i32, completed: &str) {
        let mut line = Lis01::dial(self.line("serology")).unwrap();
        let ratio = if sign > 0 { "12.50" } else { "0.493" };
        let message = messages::e601(din, code, sign, ratio, completed);
        assert_eq!(line.send(&message), Sent::Acknowledged, "{message:?}");
    }
}

/// What a page shows of one of its regions.
pub struct Region {
    pub id: String,
    pub hash: String,
}

/// The regions of a page.
pub fn regions(html: &str) -> Vec<Region> {
    let attribute = |text: &str| text.split('"').next().unwrap().to_owned();
    let found = html.split("data-live=\"").skip(1);
    found
        .map(|rest| {
            let (_, hash) = rest.split_once("data-hash=\"").expect("a region has its hash");
            Region { id: attribute(rest), hash: attribute(hash) }
        })
        .collect()
}

/// A page's open stream.
pub struct Stream {
    lines: BufReader<TcpStream>,
    pub status: u16,
}

impl Stream {
    /// Opens the stream of a page as its script does.
    pub fn of_page(browser: &Browser, html: &str) -> Stream {
        let regions = regions(html);
        let list = |part: fn(&Region) -> &str| {
            regions.iter().map(part).collect::<Vec<_>>().join(",").replace(':', "%3A")
        };
        let path = format!("/live?regions={}&have={}", list(|one| &one.id), list(|one| &one.hash));
        Stream::open(browser, &path, "")
    }

    /// Opens a stream, with more headers.
    pub fn open(browser: &Browser, path: &str, headers: &str) -> Stream {
        let cookie = browser.cookie.borrow().clone().unwrap_or_default();
        let mut socket = dial(browser.address);
        let host = browser.address;
        write!(socket, "GET {path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\n{headers}\r\n")
            .unwrap();
        let mut lines = BufReader::new(socket);
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        let status = first.split(' ').nth(1).unwrap().parse().unwrap();
        Stream { lines, status }
    }

    /// The next region that is sent: its id and its HTML; `None` at the end of the stream.
    pub fn next(&mut self) -> Option<(String, String)> {
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).expect("something comes in time") == 0 {
                return None;
            }
            // The end of an answer in pieces.
            if line == "0\r\n" {
                return None;
            }
            if let Some(data) = line.strip_prefix("data: ") {
                let told: Value = serde_json::from_str(data).unwrap();
                // That the session is over is said without a region.
                let Some(id) = told["id"].as_str() else { continue };
                return Some((id.to_owned(), told["html"].as_str().unwrap().to_owned()));
            }
        }
    }

    /// Reads until this region says so.
    pub fn until(&mut self, id: &str, is_so: impl Fn(&str) -> bool) -> String {
        loop {
            let (of, html) = self.next().expect("the stream goes on");
            if of == id && is_so(&html) {
                return html;
            }
        }
    }

    /// Reads to its end.
    pub fn ends(mut self) {
        while self.next().is_some() {}
    }
}

fn dial(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}
