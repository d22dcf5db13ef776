//! The link that suits an analyser, from how its profile says that it behaves on the line.

use crate::analyser::{Framing, LinkHabits, Profile};
use crate::clock;
use crate::link::bare::{Envelope, Records};
use crate::link::lis01::{Duplex, Packing, Settings};
use crate::link::{Sending, block, mllp};

/// A fresh link for one connection.
pub(super) fn link(profile: &Profile) -> Box<dyn Sending> {
    let habits = profile.link();
    if let Some(blocks) = profile.blocks() {
        return block::open(blocks, block::Role::Host);
    }
    match habits.framing {
        Framing::Lis01 | Framing::Blocks | Framing::Files => Box::new(Duplex::new(lis01(habits))),
        Framing::BareRecords => Box::new(records(Envelope::None, habits)),
        Framing::StxEtx => Box::new(records(Envelope::StxEtx, habits)),
        Framing::Mllp => Box::new(mllp(profile, false)),
        Framing::MllpCommit => Box::new(mllp(profile, true)),
    }
}

const fn lis01(habits: LinkHabits) -> Settings {
    Settings {
        frame_text_max: habits.frame_text_max,
        packing: if habits.packed { Packing::Packed } else { Packing::RecordPerFrame },
        acknowledge_contention: habits.acknowledge_contention,
        restart_on_enquiry: habits.restart_on_enquiry,
        ask_by_interrupt: habits.yields_to_interrupt,
        honour_interrupt: habits.honours_interrupt,
        next_frame_wait: habits.next_frame_wait,
        ..Settings::host()
    }
}

fn records(envelope: Envelope, habits: LinkHabits) -> Records {
    Records::new(envelope, habits.next_frame_wait)
}

fn mllp(profile: &Profile, commit: bool) -> mllp::Duplex {
    let usual = mllp::Settings::new(message_time, profile.link().acknowledgement_wait);
    mllp::Duplex::new(mllp::Settings { commit, charsets: profile.charsets(), ..usual })
}

/// UTC in 14 digits (MSH-7 of our acknowledgements); analysers were not built for an offset.
fn message_time() -> String {
    clock::utc().strftime("%Y%m%d%H%M%S").to_string()
}
