//! Lines as they are now: all of them in a table, and one with everything that is counted.

use askama::Template;

use super::{LineState, line_state};
use crate::clock;
use crate::console::state::ConsoleState;
use crate::console::text::Text;
use crate::console::{age, paths};
use crate::telemetry::fault_id;
use crate::traffic::{Files, LinkView, Post};

#[derive(Template)]
#[template(path = "links_all.html")]
struct All {
    text: &'static Text,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "links_line.html")]
struct One {
    text: &'static Text,
    line: Line,
    counters: Vec<(String, u64)>,
    faults: Vec<(&'static str, u64)>,
    peers: Vec<Said>,
    alarms: Vec<Said>,
    notes: Vec<Said>,
}

/// A line in a row of a table.
struct Line {
    analyser: String,
    path: String,
    profile: String,
    line: String,
    instrument: Option<String>,
    state: LineState,
    since: String,
    why: Option<String>,
    last_message: Option<String>,
    last_received: Option<String>,
    messages: u64,
    faults: u64,
    alarms: Vec<&'static str>,
    files: Option<Files>,
}

/// Something with its time.
struct Said {
    kind: &'static str,
    text: String,
    age: String,
    at: String,
}

/// Every line.
pub(super) fn all(state: &ConsoleState, text: &'static Text) -> Option<String> {
    let lines = state.board.links().iter().map(|view| line(text, view)).collect();
    All { text, lines }.render().ok()
}

/// One line.
pub(super) fn one(text: &'static Text, post: &Post) -> Option<String> {
    let view = post.view();
    let counters = counters(text, &view);
    let faults = view.counters.faults.iter().map(|(kind, count)| (fault_id(*kind), *count));
    let faults = faults.collect();
    let said = |kind, words: &str, at: crate::clock::At| Said {
        kind,
        text: words.to_owned(),
        age: age::ago(text, at.utc, clock::utc()),
        at: age::at(text, at.utc),
    };
    let peers = view.peers.iter().map(|peer| said("", &peer.peer, peer.since)).collect();
    let alarms = view.alarms.iter();
    let alarms = alarms.map(|alarm| said(alarm.kind.id(), &alarm.text, alarm.since)).collect();
    let notes = view.notes.iter().rev();
    let notes = notes.map(|note| said(note.kind.id(), &note.text, note.at)).collect();
    One { text, line: line(text, &view), counters, faults, peers, alarms, notes }.render().ok()
}

fn line(text: &Text, view: &LinkView) -> Line {
    let now = clock::utc();
    let ago = |at: &crate::clock::At| age::ago(text, at.utc, now);
    Line {
        analyser: view.info.analyser.clone(),
        path: paths::below("/links/", &view.info.analyser),
        profile: view.info.profile.clone(),
        line: view.info.line.clone(),
        instrument: view.info.instrument.clone(),
        state: line_state(view),
        since: ago(&view.since),
        why: view.why.clone(),
        last_message: view.last_message.as_ref().map(ago),
        last_received: view.last_received.as_ref().map(ago),
        messages: view.counters.messages(),
        faults: view.counters.faults.iter().map(|(_, count)| count).sum(),
        alarms: view.alarms.iter().map(|alarm| alarm.kind.id()).collect(),
        files: view.files,
    }
}

/// What is counted, with what became of messages in the words of the metrics.
fn counters(text: &Text, view: &LinkView) -> Vec<(String, u64)> {
    let counters = &view.counters;
    let mut told = vec![
        (text.say("links-bytes-received"), counters.bytes_received),
        (text.say("links-bytes-sent"), counters.bytes_sent),
        (text.say("links-connections"), counters.connections),
        (text.say("links-reconnects"), counters.reconnects),
    ];
    let received = counters.messages_received.iter();
    told.extend(received.map(|(what, count)| (text.with("links-received", "what", what), *count)));
    let sent = counters.messages_sent.iter();
    told.extend(sent.map(|(what, count)| (text.with("links-sent", "what", what), *count)));
    told
}
