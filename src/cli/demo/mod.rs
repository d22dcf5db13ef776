//! `hemogate demo`: a seeded day in a blood centre becomes verdicts, in front of the visitor.
//!
//! Everything is real but the blood: the daemon with a store on disk, HTTP, TCP, a pseudo-terminal.
//! What the daemon decided is compared with what the seed planned; the plan knows no rules.

mod bench;
mod display;
mod inventory;
mod live;
mod people;
mod summary;

use std::net::SocketAddr;
use std::process::ExitCode;

use super::say::say;
use super::{donation_count, status};
use crate::daemon;

/// Arguments of `hemogate demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many donations
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = donation_count)]
    donations: usize,
    /// Seed of the day: the same seed gives the same bytes
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Do not stay afterwards; exit 0 only if every verdict is the planned one
    #[arg(long)]
    once: bool,
    /// Where HTTP listens
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    http: SocketAddr,
    /// Where the console listens: this machine only
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    console: SocketAddr,
}

/// Runs `hemogate demo`.
pub fn run(args: &Args) -> ExitCode {
    let runtime = match daemon::runtime() {
        Ok(runtime) => runtime,
        Err(error) => return status(Err(format!("not started: {error}"))),
    };
    let outcome = runtime.block_on(live::run(args));
    runtime.shutdown_background();
    status(outcome)
}

/// What the visitor reads first.
fn introduce(args: &Args, http: SocketAddr, analysers: &[String]) {
    say(&format!(
        "A day in a blood centre under the rules for China: {} donations, seed {}. The blood is\n\
         invented; the daemon, its store, HTTP and the lines to the analysers are real.\n",
        args.donations, args.seed
    ));
    say(&format!("  {:<18} http {http}", "inventory system"));
    for line in analysers {
        say(&format!("  {line}"));
    }
    say(
        "\nEach batch is registered and pooled, runs on two kits of serology by different makers,\n\
         in a pool of six for nucleic acid tests, for ALT and blood group, with controls at the\n\
         head and the end of every run; reactive ones are repeated; then it is reviewed and\n\
         signed. What must become of it was planned beforehand. A message counts as acknowledged\n\
         once the daemon has committed it together with every verdict it changed.\n",
    );
}
