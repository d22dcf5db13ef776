//! One analyser's line: `tcp_listen`, `tcp_connect`, or `serial` or `folder` with its settings.
//! What the site does not say is what the profile says, else what the standards say.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use super::{FolderLine, Parity, SerialLine, Transport, folder};
use crate::analyser::UsualLine;
use crate::document::{Placed, Table};
use crate::limits;

const KINDS: [&str; 4] = ["tcp_listen", "tcp_connect", "serial", "folder"];
const BAUD_USUAL: u32 = 9_600;

/// The line of an analyser's table, with the place that names it.
pub(super) fn read(table: &Table<'_>, usual: UsualLine, base: &Path) -> Option<Placed<Transport>> {
    let named: Vec<_> = KINDS.into_iter().filter(|kind| table.has(kind)).collect();
    let listen = table.string("tcp_listen");
    let connect = table.string("tcp_connect");
    let serial = table.string("serial");
    let settings = settings(table, serial.is_some() || table.has("serial"), usual);
    let folder = table.string("folder");
    let habits = folder::habits(table, table.has("folder"));
    match named.as_slice() {
        [_] => {}
        [] => {
            table.fault(&table.place(), NO_LINE);
            return None;
        }
        [first, ..] => {
            let extra = [&folder, &serial, &connect, &listen].into_iter().flatten().next();
            let place = extra.map_or(table.place(), |extra| extra.place.clone());
            table.fault(&place, format!("{first} is there too: an analyser has exactly one line"));
            return None;
        }
    }
    let listen = listen.map(|text| with_port(text, usual.port));
    let listen = listen.and_then(|text| placed(&text, |text| listening(table, text)));
    let connect = connect.map(|text| with_port(text, usual.port));
    let connect = connect.and_then(|text| placed(&text, |text| dialling(table, text)));
    let serial = serial.and_then(|text| placed(&text, |text| serial_line(table, text, settings)));
    let folder = folder.and_then(|text| placed(&text, |text| habits?.line(table, text, base)));
    listen.or(connect).or(serial).or(folder)
}

const NO_LINE: &str = "it has no line: write exactly one of tcp_listen = \"0.0.0.0:5001\", \
    tcp_connect = \"host:port\", serial = \"/dev/ttyUSB0\", folder = \"/srv/drop\"";

/// An address without a port has the profile's.
fn with_port(text: Placed<String>, usual: Option<u16>) -> Placed<String> {
    let Placed { value, place } = text;
    let value = match (value.parse::<IpAddr>(), usual) {
        (Ok(ip), Some(port)) => SocketAddr::new(ip, port).to_string(),
        (Err(_), Some(port)) if !value.is_empty() && !value.contains(':') => {
            format!("{value}:{port}")
        }
        (Ok(_) | Err(_), _) => value,
    };
    Placed { value, place }
}

fn placed(
    text: &Placed<String>,
    read: impl FnOnce(&Placed<String>) -> Option<Transport>,
) -> Option<Placed<Transport>> {
    Some(Placed { value: read(text)?, place: text.place.clone() })
}

fn listening(table: &Table<'_>, text: &Placed<String>) -> Option<Transport> {
    socket_address(table, text).map(Transport::TcpListen)
}

/// An address to listen on.
pub(super) fn socket_address(table: &Table<'_>, text: &Placed<String>) -> Option<SocketAddr> {
    let address = text.value.parse().ok();
    if address.is_none() {
        let wrong = format!(
            "{:?} is not an address to listen on: write an IP address and a port, \
             e.g. \"127.0.0.1:5001\" (\"0.0.0.0:5001\" for every network card)",
            text.value
        );
        table.fault(&text.place, wrong);
    }
    address
}

fn dialling(table: &Table<'_>, text: &Placed<String>) -> Option<Transport> {
    if is_host_and_port(&text.value) {
        return Some(Transport::TcpConnect(text.value.clone()));
    }
    let wrong = format!(
        "{:?} is not an address to dial: write host:port, e.g. \"192.168.1.20:4000\"",
        text.value
    );
    table.fault(&text.place, wrong);
    None
}

fn is_host_and_port(text: &str) -> bool {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return address.port() != 0 && !address.ip().is_unspecified();
    }
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let is_host = !host.is_empty() && host.len() <= 253 && host.chars().all(named);
    is_host && port.parse::<u16>().is_ok_and(|port| port != 0)
}

/// Baud, data bits, parity, stop bits.
#[derive(Clone, Copy)]
struct Settings {
    baud: u32,
    data_bits: u8,
    parity: Parity,
    stop_bits: u8,
}

/// The settings of a serial line; each is a fault where the line is not serial.
fn settings(table: &Table<'_>, is_serial: bool, usual: UsualLine) -> Option<Settings> {
    let baud = table.integer("baud", limits::BAUD);
    let data_bits = table.integer("data_bits", 7..=8);
    let stop_bits = table.integer("stop_bits", 1..=2);
    let parity = table.string("parity");
    if !is_serial {
        let numbers = [&baud, &data_bits, &stop_bits].into_iter().flatten().map(|n| &n.place);
        for place in numbers.chain(parity.iter().map(|word| &word.place)) {
            table.fault(place, "belongs to a serial line: name its device with serial = \"...\"");
        }
        return None;
    }
    let number = |key, value: Option<Placed<i64>>, usual| match value {
        Some(value) => u32::try_from(value.value).ok(),
        None => (!table.has(key)).then_some(usual),
    };
    let byte = |number| u8::try_from(number).ok();
    let parity = match parity {
        Some(word) => parity_named(table, &word),
        None => (!table.has("parity")).then_some(usual.parity.unwrap_or(Parity::None)),
    };
    Some(Settings {
        baud: number("baud", baud, usual.baud.unwrap_or(BAUD_USUAL))?,
        data_bits: byte(number("data_bits", data_bits, usual.data_bits.map_or(8, u32::from))?)?,
        parity: parity?,
        stop_bits: byte(number("stop_bits", stop_bits, usual.stop_bits.map_or(1, u32::from))?)?,
    })
}

fn parity_named(table: &Table<'_>, word: &Placed<String>) -> Option<Parity> {
    let parity = Parity::from_id(&word.value);
    if parity.is_none() {
        let wrong = format!("{:?} is not a parity: none, odd or even", word.value);
        table.fault(&word.place, wrong);
    }
    parity
}

fn serial_line(
    table: &Table<'_>,
    device: &Placed<String>,
    settings: Option<Settings>,
) -> Option<Transport> {
    let path = PathBuf::from(&device.value);
    if !path.is_absolute() {
        let wrong = format!(
            "{:?} is not a device: write its whole path, e.g. \"/dev/ttyUSB0\"",
            device.value
        );
        table.fault(&device.place, wrong);
        return None;
    }
    let Settings { baud, data_bits, parity, stop_bits } = settings?;
    Some(Transport::Serial(SerialLine { path, baud, data_bits, parity, stop_bits }))
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Transport::TcpListen(address) => write!(f, "TCP, listening on {address}"),
            Transport::TcpConnect(peer) => write!(f, "TCP, dialling {peer}"),
            Transport::Serial(line) => write!(f, "serial {line}"),
            Transport::Folder(line) => write!(f, "folder {line}"),
        }
    }
}

/// Where files come from and where they go.
impl fmt::Display for FolderLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.poll.as_secs();
        write!(f, "{}, looked at every {seconds} s", self.path.display())?;
        write!(f, ", done {}, refused {}", self.done.display(), self.refused.display())
    }
}

/// As technicians write it: `/dev/ttyUSB0 9600 8N1`.
impl fmt::Display for SerialLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parity = match self.parity {
            Parity::None => 'N',
            Parity::Odd => 'O',
            Parity::Even => 'E',
        };
        let (path, baud) = (self.path.display(), self.baud);
        write!(f, "{path} {baud} {}{parity}{}", self.data_bits, self.stop_bits)
    }
}
