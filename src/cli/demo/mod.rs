//! `hemogate demo`: a seeded morning in a blood centre becomes verdicts, in front of the visitor.
//!
//! Everything is real but the blood: the daemon with a store on disk, HTTP, TCP, a pseudo-terminal.
//! What the daemon decided is compared with what the seed planned; the plan knows no rules.

mod bench;
mod display;
mod inventory;
mod live;
mod summary;

use std::net::SocketAddr;
use std::process::ExitCode;

use super::FOUND_WRONG;
use super::say::{complain, say};
use crate::{daemon, limits};

/// Arguments of `hemogate demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many donations
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = donations)]
    donations: usize,
    /// Seed of the morning: the same seed gives the same bytes
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Do not stay afterwards; exit 0 only if every verdict is the planned one
    #[arg(long)]
    once: bool,
    /// Where HTTP listens
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    http: SocketAddr,
}

/// Runs `hemogate demo`.
pub fn run(args: &Args) -> ExitCode {
    let runtime = match daemon::runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("not started: {error}"));
            return ExitCode::from(FOUND_WRONG);
        }
    };
    let outcome = runtime.block_on(live::run(args));
    runtime.shutdown_background();
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(FOUND_WRONG),
        Err(why) => {
            complain(&why);
            ExitCode::from(FOUND_WRONG)
        }
    }
}

fn donations(text: &str) -> Result<usize, String> {
    let bound = limits::DEMO_DONATIONS_MAX;
    match text.parse::<usize>() {
        Ok(count) if (1..=bound).contains(&count) => Ok(count),
        Ok(_) | Err(_) => Err(format!("a number from 1 to {bound}")),
    }
}

/// What the visitor reads first.
fn introduce(args: &Args, http: SocketAddr, analysers: &[String]) {
    say(&format!(
        "A morning in a blood centre: {} donations, seed {}. The blood is invented; the daemon,\n\
         its store, HTTP and the lines to the analysers are real.\n",
        args.donations, args.seed
    ));
    say(&format!("  {:<18} http {http}", "inventory system"));
    for line in analysers {
        say(&format!("  {line}"));
    }
    say("\nInventory registers the donations of a rack, the analysers send its results, and");
    say("reactive ones are repeated. A message counts as acknowledged once the daemon has");
    say("committed it together with every verdict it changed.\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demonstration_has_one_donation_at_least_and_the_bound_at_most() {
        let bound = limits::DEMO_DONATIONS_MAX;
        assert_eq!(donations("1"), Ok(1));
        assert_eq!(donations(&bound.to_string()), Ok(bound));
        for wrong in ["0", "-1", "many", &(bound + 1).to_string()] {
            assert!(donations(wrong).is_err(), "{wrong}");
        }
    }
}
