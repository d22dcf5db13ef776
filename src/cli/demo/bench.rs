//! The bench of the demonstration: a configuration as an administrator would write it, and the
//! analysers' ends of the lines.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::Path;

use tokio_serial::{SerialPort, SerialStream};

use crate::cli::simulate::dial;
use crate::clock;
use crate::config::Config;
use crate::daemon::Daemon;
use crate::simulator::{Line, Model, Player};

/// The analyser that is on a serial line.
const SERIAL: Model = Model::CobasE601;

/// A pseudo-terminal: the daemon opens one end by name, the analyser holds the other.
pub(super) struct Cable {
    analyser: SerialStream,
    /// Held open, so that the line does not hang up before the daemon has opened it.
    daemon: SerialStream,
}

/// The analysers, ready to send.
pub(super) struct Bench {
    pub players: BTreeMap<Model, Player<Line>>,
    /// Keeps the serial line up.
    _cable: SerialStream,
}

impl Cable {
    pub fn new() -> Result<Cable, String> {
        let (analyser, daemon) =
            SerialStream::pair().map_err(|error| format!("no pseudo-terminal: {error}"))?;
        Ok(Cable { analyser, daemon })
    }

    fn path(&self) -> String {
        self.daemon.name().unwrap_or_default()
    }
}

/// The configuration: a store in `folder`, six analysers, one of them on the cable, where the JSON
/// interface and the console listen.
pub(super) fn configuration(
    folder: &Path,
    [http, console]: [SocketAddr; 2],
    cable: &Cable,
) -> Result<Config, String> {
    let text = configuration_text([http, console], &cable.path());
    Config::parse("demo.toml", &text, folder).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        faults.join("\n")
    })
}

/// Of these analysers only one names its reagent lot, and the specimens are of no kind that anybody
/// wrote down: what is on record of both counts, and need not be.
fn configuration_text([http, console]: [SocketAddr; 2], serial: &str) -> String {
    let mut text = format!(
        "[store]\npath = \"demo.db\"\n\n[http]\nlisten = \"{http}\"\n\n\
         [console]\nlisten = \"{console}\"\n\n[rules]\nfile = \"cn\"\n\n\
         [switches]\nlots = \"where_recorded\"\nkit_leaflets = \"where_recorded\"\n"
    );
    for model in Model::BENCH {
        let profile = model.profile();
        let line = if model == SERIAL {
            format!("serial = \"{serial}\"\nbaud = 9600")
        } else {
            "tcp_listen = \"127.0.0.1:0\"".to_owned()
        };
        let tests: Vec<String> = model
            .site_tests()
            .iter()
            .map(|(code, assay)| format!("\"{code}\" = \"{assay}\""))
            .collect();
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "\n[[analyser]]\nid = \"{profile}\"\nprofile = \"{profile}\"\n{line}\n\
             tests = {{ {} }}\n",
            tests.join(", ")
        );
    }
    text
}

/// Connects every analyser to its line.
pub(super) async fn connect(daemon: &Daemon, cable: Cable) -> Result<Bench, String> {
    let mut players = BTreeMap::new();
    for model in Model::BENCH.into_iter().filter(|model| *model != SERIAL) {
        let id = model.profile();
        let address = daemon.analyser_addr(id).ok_or(format!("nobody listens for {id}"))?;
        let line = dial(address).await.map_err(|error| format!("{id}: {address}: {error}"))?;
        players.insert(model, Player::of(model, line, clock::moment));
    }
    players.insert(SERIAL, Player::of(SERIAL, Box::new(cable.analyser), clock::moment));
    Ok(Bench { players, _cable: cable.daemon })
}

/// Where each analyser is connected, for people.
pub(super) fn places(daemon: &Daemon, cable: &Cable) -> Vec<String> {
    Model::BENCH
        .into_iter()
        .map(|model| {
            let id = model.profile();
            let place = match daemon.analyser_addr(id) {
                Some(address) => format!("tcp {address}"),
                None => format!("serial {}", cable.path()),
            };
            format!("{id:<18} {place}")
        })
        .collect()
}
