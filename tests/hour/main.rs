//! Two processes, each with a real link machine on a real pseudo-terminal, and a bad line between
//! them: an hour of line time, in which everything arrives intact or is reported.
//!
//! The test starts itself twice, as host and as instrument, and stands in the middle. All three
//! run at [`clock::SPEED`] times the speed of the clock on the wall.
//!
//! `HEMOGATE_SEED` sets the seed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(missing_docs)]

mod clock;
mod end;
mod middle;
mod report;

use std::env;

use tokio_serial::{SerialPort, SerialStream};

use end::Who;
use middle::Middle;
use report::{Child, check};

#[test]
fn an_hour_of_line_time_loses_nothing_alters_nothing_and_comes_to_rest() {
    let seed = env::var("HEMOGATE_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or(20_260_401);
    println!("seed {seed}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _entered = runtime.enter();
    let (to_host, host_device) = SerialStream::pair().unwrap();
    let (to_instrument, instrument_device) = SerialStream::pair().unwrap();
    let name = |device: &SerialStream| device.name().unwrap();
    let host = Child::start(Who::Host, &name(&host_device), seed);
    let instrument = Child::start(Who::Instrument, &name(&instrument_device), seed);
    let mut middle = Middle::new(to_host, to_instrument, seed);
    runtime.block_on(middle.relay_until(|| host.is_done() && instrument.is_done()));
    let harmed = middle.harmed();
    drop((middle, host_device, instrument_device));
    let (host, instrument) = (host.finish(), instrument.finish());
    let (orders, results) = (check(&host, &instrument), check(&instrument, &host));
    println!("orders: {orders}\nresults: {results}\n{harmed} transmissions harmed");
    assert!(orders.messages > 100 && results.messages > 100, "the line was used");
    assert!(harmed > 50, "the line did harm");
}

/// Not a test but one end of the line, in a process of its own: see above. Does nothing unless it
/// is told which end it is.
#[test]
fn one_end_of_the_line() {
    if let Some(who) = Who::of_this_process() {
        end::play(who);
    }
}
