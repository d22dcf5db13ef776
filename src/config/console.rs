//! `[console]`: whether and where people at the bench are served pages, and how long they stay
//! signed in.
//!
//! ```toml
//! [console]
//! listen = "127.0.0.1:8471"      # loopback unless said
//! idle_minutes = 15              # signed out when nobody does anything
//! absolute_hours = 12            # signed out at the latest
//! behind_proxy = true            # a reverse proxy with TLS stands in front
//! manifests = ["./sorter.toml"]  # layouts of files beside those that come with the program
//! [console.tls]
//! certificate = "console.pem"    # with its chain
//! key = "console.key"            # not encrypted
//! ```
//!
//! Refuses to let passwords pass over a network in the clear: beyond loopback there is TLS, ours or
//! a proxy's.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::analysers::Lines;
use super::sources::Sources;
use super::{ConsoleConfig, tls, transport};
use crate::document::{Place, Table};
use crate::limits;
use crate::manifest::{self, Layout};

/// Where pages are served unless the table says otherwise.
pub const CONSOLE_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8471);

const IDLE_MINUTES_USUAL: i64 = 15;
const ABSOLUTE_HOURS_USUAL: i64 = 12;

/// The console's settings; `Some(None)` where there is none, `None` where they are at fault.
pub(super) fn read(
    root: &Table<'_>,
    sources: &Sources,
    lines: &mut Lines,
) -> Option<Option<ConsoleConfig>> {
    let Some(table) = root.table("console") else {
        return (!root.has("console")).then_some(None);
    };
    let listen = listen(&table);
    let idle = number(&table, "idle_minutes", limits::IDLE_MINUTES_MAX, IDLE_MINUTES_USUAL);
    let most = limits::ABSOLUTE_HOURS_MAX;
    let absolute = number(&table, "absolute_hours", most, ABSOLUTE_HOURS_USUAL);
    let proxy = table.boolean("behind_proxy");
    let behind_proxy = proxy.as_ref().map(|said| said.value);
    let behind_proxy = behind_proxy.or((!table.has("behind_proxy")).then_some(false));
    let tls = tls::own(&table, sources.base());
    let manifests = manifests(&table, sources);
    if let (Some(Some(_)), Some(said)) = (&tls, proxy.filter(|said| said.value)) {
        let wrong = "stands beside [console.tls]: either a proxy has the certificate or we do";
        table.fault(&said.place, wrong);
        return None;
    }
    let (listen, place) = listen?;
    if let Some(taken) = lines.take_address(listen, "console.listen") {
        table.fault(&place, format!("is used by {taken} already"));
        return None;
    }
    let (tls, behind_proxy) = (tls?, behind_proxy?);
    if !listen.ip().is_loopback() && tls.is_none() && !behind_proxy {
        table.fault(&place, IN_THE_CLEAR);
        return None;
    }
    let (idle, absolute) = (minutes(idle?), minutes(absolute?.saturating_mul(60)));
    if absolute < idle {
        let wrong = "absolute_hours is shorter than idle_minutes";
        table.fault(&table.place(), wrong);
        return None;
    }
    Some(Some(ConsoleConfig { listen, idle, absolute, behind_proxy, tls, manifests }))
}

/// Layouts of the site's own, by names that no other layout has. What is wrong with one is told,
/// and refuses the configuration.
fn manifests(table: &Table<'_>, sources: &Sources) -> Vec<Layout> {
    let mut found: Vec<Layout> = Vec::new();
    for named in table.strings("manifests") {
        let Some(layout) = sources.layout(table, &named) else { continue };
        let is_known = found.iter().any(|known| known.name == layout.name);
        if is_known || manifest::shipped(&layout.name).is_some() {
            let name = &layout.name;
            table.fault(&named.place, format!("there is a layout {name} already: rename this one"));
        }
        found.push(layout);
    }
    found
}

const IN_THE_CLEAR: &str = "can be reached from other machines, and passwords would pass in the \
    clear: name certificate and key in [console.tls], or say behind_proxy = true where a reverse \
    proxy with TLS stands in front";

fn listen(table: &Table<'_>) -> Option<(SocketAddr, Place)> {
    match table.string("listen") {
        Some(text) => Some((transport::socket_address(table, &text)?, text.place)),
        None => (!table.has("listen")).then(|| (CONSOLE_LISTEN, table.place())),
    }
}

fn number(table: &Table<'_>, key: &str, most: i64, usual: i64) -> Option<i64> {
    let placed = table.integer(key, 1..=most).map(|number| number.value);
    placed.or((!table.has(key)).then_some(usual))
}

fn minutes(minutes: i64) -> Duration {
    Duration::from_secs(u64::try_from(minutes).unwrap_or_default().saturating_mul(60))
}
