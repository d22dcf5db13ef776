//! The lines to the analysers: state, alarms, counters, and what passed over them lately.
//!
//! Recent traffic is what analysers send, donors' identity perhaps: it is served where HTTP listens
//! on loopback alone (a proxy in front must ask for a password), and is never logged. Refuses it
//! everywhere else.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use super::query::Parameters;
use super::{ApiState, Lines};
use crate::clock::At;
use crate::codec::readable;
use crate::shape::{
    AlarmShape, FilesShape, FlowShape, LinkShape, LinksShape, NoteShape, PeerShape, PieceShape,
    TrafficShape, WhenShape, hexadecimal,
};
use crate::telemetry::fault_id;
use crate::traffic::{Alarm, Files, LinkView, Note, Page, Peer, Piece, PieceKind, Post};
use crate::{clock, limits};

const LIMIT_USUAL: u64 = 100;

/// `GET /api/v1/links`.
pub(super) async fn all(State(state): State<ApiState>, uri: Uri) -> Result<Response, Problem> {
    Parameters::of(&uri)?.finish()?;
    let views = state.lines.map(|lines| lines.board.links()).unwrap_or_default();
    let now = Now::read();
    let links = views.into_iter().map(|view| now.link(view)).collect();
    Ok(Json(LinksShape { links }).into_response())
}

/// `GET /api/v1/links/{analyser}`.
pub(super) async fn one(
    State(state): State<ApiState>,
    Path(analyser): Path<String>,
    uri: Uri,
) -> Result<Response, Problem> {
    Parameters::of(&uri)?.finish()?;
    let (_, post) = post(&state, &analyser)?;
    Ok(Json(Now::read().link(post.view())).into_response())
}

/// `GET /api/v1/links/{analyser}/traffic?after=SEQ&limit=N&wait=SECONDS`. Without `after` it begins
/// with the oldest piece there is.
pub(super) async fn traffic(
    State(state): State<ApiState>,
    Path(analyser): Path<String>,
    uri: Uri,
) -> Result<Response, Problem> {
    let asked = Asked::read(&uri)?;
    let (lines, post) = post(&state, &analyser)?;
    if !lines.on_loopback {
        return Err(Problem::loopback_only());
    }
    let mut page = post.traffic(asked.after, asked.limit);
    // A number beyond the last one is of an earlier run of the daemon: that is an answer already.
    let is_of_this_run = asked.after.is_none_or(|after| after <= page.head);
    if page.pieces.is_empty() && is_of_this_run && !asked.wait.is_zero() {
        wait_for_more(&state, &post, page.head, asked.wait).await;
        page = post.traffic(asked.after, asked.limit);
    }
    Ok(Json(traffic_shape(lines.board.started(), analyser, page)).into_response())
}

fn post<'s>(state: &'s ApiState, analyser: &str) -> Result<(&'s Lines, Arc<Post>), Problem> {
    let Some(lines) = &state.lines else { return Err(Problem::unknown_analyser(analyser, &[])) };
    let post = lines.board.link(analyser).ok_or_else(|| {
        let known: Vec<_> = lines.board.numbers().into_iter().map(|line| line.analyser).collect();
        Problem::unknown_analyser(analyser, &known)
    })?;
    Ok((lines, post))
}

struct Asked {
    after: Option<u64>,
    limit: usize,
    wait: Duration,
}

impl Asked {
    fn read(uri: &Uri) -> Result<Asked, Problem> {
        let mut parameters = Parameters::of(uri)?;
        // Numbers never come near this one.
        let after = parameters.number("after", 0, u64::MAX);
        let limit = parameters.number("limit", 1, LIMIT_USUAL);
        let wait = Duration::from_secs(parameters.number("wait", 0, 0)).min(limits::FEED_WAIT_MAX);
        parameters.finish()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX).min(limits::TRAFFIC_PIECES_MAX);
        Ok(Asked { after: (after != u64::MAX).then_some(after), limit, wait })
    }
}

/// Beyond the bound on waiting requests it does not wait: the caller asks again.
async fn wait_for_more(state: &ApiState, post: &Arc<Post>, after: u64, wait: Duration) {
    let Ok(_permit) = state.polls.try_acquire() else { return };
    // Running out of time is an answer too: an empty page.
    let _in_time = tokio::time::timeout(wait, post.more(after)).await;
}

/// The moment of an answer, from which all its ages count.
struct Now(At);

impl Now {
    fn read() -> Now {
        Now(clock::now())
    }

    fn when(&self, at: At) -> WhenShape {
        let ago = self.0.moment.since_start().saturating_sub(at.moment.since_start());
        WhenShape { at: at.utc.to_string(), ago_ms: milliseconds(ago) }
    }

    fn link(&self, view: LinkView) -> LinkShape {
        let counters = view.counters;
        let faults = counters.faults.iter().map(|(kind, count)| (fault_id(*kind), *count));
        LinkShape {
            analyser: view.info.analyser,
            profile: view.info.profile,
            line: view.info.line,
            instrument: view.info.instrument,
            state: view.state.id().to_owned(),
            since: self.when(view.since),
            why: view.why,
            peers: view.peers.into_iter().map(|peer| self.peer(peer)).collect(),
            silence_after_s: view.info.silence_after.map(|after| after.as_secs()),
            last_received: view.last_received.map(|at| self.when(at)),
            last_message: view.last_message.map(|at| self.when(at)),
            last_sent: view.last_sent.map(|at| self.when(at)),
            received: flow(counters.bytes_received, &counters.messages_received),
            sent: flow(counters.bytes_sent, &counters.messages_sent),
            faults: faults.map(|(kind, count)| (kind.to_owned(), count)).collect(),
            connections: counters.connections,
            reconnects: counters.reconnects,
            alarms: view.alarms.into_iter().map(|alarm| self.alarm(alarm)).collect(),
            notes: view.notes.into_iter().map(|note| self.note(note)).collect(),
            traffic_head: view.head,
            files: view.files.map(files_shape),
        }
    }

    fn peer(&self, peer: Peer) -> PeerShape {
        let since = self.when(peer.since);
        PeerShape { connection: peer.connection.0, peer: peer.peer, since }
    }

    fn alarm(&self, alarm: Alarm) -> AlarmShape {
        let since = self.when(alarm.since);
        AlarmShape { kind: alarm.kind.id().to_owned(), text: alarm.text, since }
    }

    fn note(&self, note: Note) -> NoteShape {
        let when = self.when(note.at);
        NoteShape { kind: note.kind.id().to_owned(), text: note.text, when }
    }
}

const fn files_shape(files: Files) -> FilesShape {
    let Files { waiting, stuck, left_alone } = files;
    FilesShape { waiting, stuck, left_alone }
}

fn flow(bytes: u64, messages: &[(&'static str, u64)]) -> FlowShape {
    let messages = messages.iter().map(|(outcome, count)| ((*outcome).to_owned(), *count));
    FlowShape { bytes, messages: messages.collect() }
}

fn traffic_shape(started: At, analyser: String, page: Page) -> TrafficShape {
    TrafficShape {
        analyser,
        running_since: started.utc.to_string(),
        pieces: page.pieces.into_iter().map(piece).collect(),
        missed: page.missed,
        next: page.next,
        head: page.head,
    }
}

fn piece(piece: Piece) -> PieceShape {
    let words = || String::from_utf8_lossy(&piece.bytes).into_owned();
    let (kind, hex, text) = match piece.kind {
        PieceKind::Received => bytes_shown("received", &piece.bytes),
        PieceKind::Sent => bytes_shown("sent", &piece.bytes),
        PieceKind::Opened => ("opened", String::new(), words()),
        PieceKind::Closed => ("closed", String::new(), words()),
        PieceKind::Message => ("message", String::new(), words()),
        PieceKind::Fault(kind) => {
            ("fault", String::new(), format!("{}: {}", fault_id(kind), words()))
        }
        PieceKind::Note => ("note", String::new(), words()),
    };
    PieceShape {
        seq: piece.seq,
        at: piece.at.utc.to_string(),
        monotonic_ms: milliseconds(piece.at.moment.since_start()),
        connection: piece.connection.0,
        kind: kind.to_owned(),
        length: piece.length,
        hex,
        text,
    }
}

fn bytes_shown(kind: &'static str, bytes: &[u8]) -> (&'static str, String, String) {
    (kind, hexadecimal(bytes), readable(bytes))
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_and_wait_are_taken_up_to_their_bounds() {
        let asked = |query: &str| {
            let asked = Asked::read(&format!("/x?{query}").parse().unwrap()).unwrap();
            (asked.after, asked.limit, asked.wait.as_secs())
        };
        let (page, wait) = (limits::TRAFFIC_PIECES_MAX, limits::FEED_WAIT_MAX.as_secs());
        assert_eq!(asked(&format!("limit={page}&wait={wait}")), (None, page, wait));
        let past = format!("after=0&limit={}&wait={}", page + 1, wait + 1);
        assert_eq!(asked(&past), (Some(0), page, wait));
    }
}
