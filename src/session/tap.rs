//! One connection, as it is told to those who watch: the log and its counters, the board, the
//! wire journal.

use std::sync::{Arc, Weak};

use super::station::Station;
use crate::clock;
use crate::journal::{Entry, Kind};
use crate::link::{At, LinkFault};
use crate::telemetry::{MessageOutcome, OrdersOutcome};
use crate::traffic::Connection;

/// One connection of one analyser.
#[derive(Clone)]
pub(super) struct Tap {
    station: Arc<Station>,
    connection: Connection,
}

/// The same for whoever may outlive it. What waits in the store's queue must not keep the store
/// open: whoever ends the daemon waits for the last one who does.
#[derive(Clone)]
pub(super) struct FaintTap {
    station: Weak<Station>,
    connection: Connection,
}

impl FaintTap {
    /// `None` when the daemon has ended meanwhile.
    pub(super) fn tap(&self) -> Option<Tap> {
        let FaintTap { station, connection } = self;
        station.upgrade().map(|station| Tap { station, connection: *connection })
    }
}

/// An open connection; its end is told whatever ends it.
pub(super) struct Presence {
    tap: Tap,
    peer: String,
    why: String,
}

impl Presence {
    pub(super) fn new(station: Arc<Station>, peer: String) -> Presence {
        let at = clock::now();
        station.telemetry().connected(station.id(), &peer);
        let connection = station.post().connected(&peer, at);
        let tap = Tap { station, connection };
        tap.keep(Kind::Opened, peer.as_bytes(), at);
        Presence { tap, peer, why: "the daemon failed to serve it".to_owned() }
    }

    /// To tell what happens on it.
    pub(super) const fn tap(&self) -> &Tap {
        &self.tap
    }

    /// Why it ends.
    pub(super) fn end(mut self, why: &impl ToString) {
        self.why = why.to_string();
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let Presence { tap, peer, why } = self;
        let at = clock::now();
        tap.keep(Kind::Closed, why.as_bytes(), at);
        tap.station.post().disconnected(tap.connection, why, at);
        tap.station.telemetry().disconnected(tap.station.id(), peer, why);
    }
}

impl Tap {
    /// The analyser's place.
    pub(super) const fn station(&self) -> &Arc<Station> {
        &self.station
    }

    /// To tell of it later.
    pub(super) fn faint(&self) -> FaintTap {
        FaintTap { station: Arc::downgrade(&self.station), connection: self.connection }
    }

    /// Bytes came.
    pub(super) fn received(&self, bytes: &[u8]) {
        let at = clock::now();
        self.station.post().received(self.connection, bytes, at);
        self.keep(Kind::Received, bytes, at);
    }

    /// Bytes are being sent.
    pub(super) fn sending(&self, bytes: &[u8]) {
        let at = clock::now();
        self.station.post().sent(self.connection, bytes, at);
        self.keep(Kind::Sent, bytes, at);
    }

    /// A message from the analyser was dealt with.
    pub(super) fn message(&self, outcome: MessageOutcome) {
        self.station.telemetry().message(self.station.id(), outcome);
        self.station.post().message(self.connection, outcome.id(), clock::now());
    }

    /// A message of ours was dealt with.
    pub(super) fn orders(&self, outcome: OrdersOutcome) {
        self.station.telemetry().orders(self.station.id(), outcome);
        self.station.post().message_sent(self.connection, outcome.id(), clock::now());
    }

    /// Bytes were refused or ignored.
    pub(super) fn fault(&self, fault: &LinkFault) {
        let LinkFault { offset, length, kind, .. } = fault;
        self.station.telemetry().link_fault(self.station.id(), *kind, *offset, *length);
        self.station.post().fault(self.connection, *kind, *offset, *length, clock::now());
    }

    fn keep(&self, kind: Kind, bytes: &[u8], at: At) {
        let Some(journal) = self.station.journal() else { return };
        let (analyser, connection) = (self.station.id(), self.connection.0);
        journal.record(Entry { kind, at, analyser, connection, bytes });
    }
}
