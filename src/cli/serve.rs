//! `hemogate serve`: the life of a daemon from its configuration to the signal that stops it.
//!
//! Standard output gets one line for each place that is open and then `ready`; all else is a log
//! line on standard error. Refuses to start with a configuration that has a fault.

use std::path::PathBuf;
use std::process::ExitCode;

use super::orders::Orders;
use super::say::say;
use super::{check, status};
use crate::config::{Config, Transport};
use crate::daemon::{self, Daemon};
use crate::telemetry;

/// Arguments of `hemogate serve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Runs `hemogate serve` until SIGTERM or SIGINT.
pub fn run(args: &Args) -> ExitCode {
    let served = telemetry::start_logging().and_then(|()| match Config::load(&args.config) {
        Ok(config) => serve(config),
        Err(faults) => {
            check::report(&faults);
            Err("not started: the configuration has faults".to_owned())
        }
    });
    status(served.map(|()| true))
}

fn serve(config: Config) -> Result<(), String> {
    for remark in &config.remarks {
        tracing::warn!("{remark}");
    }
    let runtime = daemon::runtime().map_err(|error| format!("not started: {error}"))?;
    let served = runtime.block_on(live(config));
    // Everything that matters has ended; a name look-up may still hang.
    runtime.shutdown_background();
    served
}

/// The life of the daemon.
async fn live(config: Config) -> Result<(), String> {
    // Before anything is claimed, so that a signal during the start is not lost.
    let mut orders = Orders::new().map_err(|error| format!("not started: {error}"))?;
    let dialled = dialled_lines(&config);
    let daemon = Daemon::start(config).await.map_err(|error| format!("{error}\nnot started"))?;
    announce(&daemon, &dialled);
    orders.wait().await;
    tracing::info!("stopping");
    daemon.shutdown().await;
    tracing::info!("stopped");
    Ok(())
}

/// One line for each place, then `ready`: a script can wait for it.
fn announce(daemon: &Daemon, dialled: &[String]) {
    let mut lines = vec![format!("http listening on {}", daemon.http_addr())];
    lines.extend(daemon.console_addr().map(|address| format!("console listening on {address}")));
    lines.extend(
        daemon
            .analyser_addrs()
            .iter()
            .map(|(id, address)| format!("analyser {id} listening on {address}")),
    );
    lines.extend(dialled.iter().cloned());
    lines.push("ready".to_owned());
    say(&lines.join("\n"));
}

fn dialled_lines(config: &Config) -> Vec<String> {
    let lines = config.analysers.iter().filter_map(|line| {
        let id = line.analyser.id();
        match &line.transport {
            Transport::TcpListen(_) => None,
            Transport::TcpConnect(peer) => Some(format!("analyser {id} dialling {peer}")),
            Transport::Serial(serial) => {
                Some(format!("analyser {id} on {}", serial.path.display()))
            }
            Transport::Folder(folder) => {
                Some(format!("analyser {id} takes files from {}", folder.path.display()))
            }
        }
    });
    lines.collect()
}
