//! One byte of a transcript is changed, every byte to every other value: what is read then?
//!
//! Where a line has a checksum the change goes through the real link machine: it is refused, or
//! makes no difference. Where it has none, the message or file is read: there is a fault, something
//! is unaccounted, a concern holds the result, nothing differs, or the place is one of the
//! exceptions that the snapshots list. Three things may never come of it unnoticed: another valid
//! reading of a donor, the donation of somebody else, a donor out of a control.
//!
//! An optimised build pins the exceptions; the everyday build tries less ([`Extent`]) and finds
//! none that is not listed.

mod change;
mod line;
mod sweep;

use std::collections::{BTreeMap, BTreeSet};

use hemogate::analyser::Framing;

use crate::bench::{Fixture, fixtures, profile};
use change::Exception;
use sweep::Extent;

const ONCE: &str = "the id stands once in the message: the transport must protect it";
const IN_A_FILE: &str = "the id stands once in the file: the file system must protect it";
const NUMBER_ONLY: &str = "the verdict is made of the number, which stands once";
const TEST_MODE: &str = "the mark of a message that is no donor's stands once";
const SPM_EMPTY: &str = "only where SPM-2 is empty: otherwise the two must agree";
const SIGN_ONLY: &str = "a sign that no threshold checks; none becomes nonreactive";
const GROUP_ONCE: &str = "the group stands once, and a shorter word is one too";

/// What no profile can notice, because nothing in the message says it a second time: profile,
/// place, what comes of it, and why it is borne.
const DANGERS: &[(&str, &str, &str, &str)] = &[
    ("abbott-alinity-i", "MSH-11.1", "other becomes donor", TEST_MODE),
    ("abbott-alinity-i", "SAC-3.1", "another registered donation", ONCE),
    ("abbott-alinity-m", "SAC-3.1", "another registered donation", ONCE),
    ("abbott-alinity-s", "SAC-3.1", "another registered donation", ONCE),
    ("autobio-a1000", "OBR-2.1", "another registered donation", ONCE),
    ("autobio-a1000", "OBX-5.2", "nonreactive becomes reactive", NUMBER_ONLY),
    ("autobio-a1000", "OBX-5.2", "reactive becomes nonreactive", NUMBER_ONLY),
    ("biorad-evolis", "R.3", "another registered donation", IN_A_FILE),
    ("davinci-quattro", "R.1", "another registered donation", IN_A_FILE),
    ("diasorin-etimax-3000", "R.1", "another registered donation", IN_A_FILE),
    ("generic-delimited-text", "R.1", "another registered donation", IN_A_FILE),
    ("generic-hl7", "OBR-3.1", "another registered donation", ONCE),
    ("generic-hl7", "OBX-5.1", "AB becomes A", GROUP_ONCE),
    ("generic-hl7", "OBX-5.1", "AB becomes B", GROUP_ONCE),
    ("mindray-bs", "MSH-11.1", "other becomes donor", TEST_MODE),
    ("mindray-bs", "OBR-2.1", "another registered donation", ONCE),
    ("mindray-cl-hl7", "OBR-2.1", "another registered donation", ONCE),
    ("procleix-nat2-export", "R.1", "another registered donation", IN_A_FILE),
    ("roche-citm", "MSH-11.1", "other becomes donor", TEST_MODE),
    ("roche-citm", "OBX-5.1", "nonreactive becomes reactive", SIGN_ONLY),
    ("roche-citm", "OBX-5.1", "reactive becomes grey_zone", SIGN_ONLY),
    ("roche-cobas-6800", "MSH-11.1", "other becomes donor", TEST_MODE),
    ("roche-cobas-6800", "SAC-3.1", "another registered donation", SPM_EMPTY),
    ("roche-cobas-6800-v25", "SPM-2.1", "another registered donation", ONCE),
    ("roche-cobas-pro", "MSH-11.1", "other becomes donor", TEST_MODE),
    ("roche-cobas-pro", "OBX-5.1", "grey_zone becomes reactive", SIGN_ONLY),
    ("roche-cobas-pro", "OBX-5.1", "nonreactive becomes reactive", SIGN_ONLY),
    ("roche-cobas-pro", "OBX-5.1", "reactive becomes grey_zone", SIGN_ONLY),
];

fn has_checked_line(fixture: &Fixture) -> bool {
    match profile(fixture.profile).link().framing {
        Framing::Lis01 => true,
        Framing::Blocks => {
            let form = profile(fixture.profile).blocks().unwrap().form;
            form.tail.protects()
        }
        Framing::BareRecords
        | Framing::StxEtx
        | Framing::Mllp
        | Framing::MllpCommit
        | Framing::Files => false,
    }
}

const ENDINGS: &[&str] = &["astm", "session", "mllp", "block", "txt", "csv"];

/// Makers whose analysers have a test of their own, so that they run side by side.
const MAKERS: &[&str] = &["abbott", "beckman", "hitachi", "mindray", "ortho", "roche"];

/// Whether a profile is one of the maker's; `others` made what nobody in the list did.
fn is_made_by(maker: &str, profile: &str) -> bool {
    let made = MAKERS.iter().find(|maker| profile.starts_with(**maker));
    made.copied().unwrap_or("others") == maker
}

/// What comes over the maker's lines with a checksum: sessions, blocks, and records that nobody
/// has framed yet.
fn checked_lines(maker: &str) -> Vec<Fixture> {
    let mut lines = fixtures(&["session", "block", "astm"]);
    let framed: BTreeSet<String> = lines.iter().map(Fixture::name).collect();
    lines.retain(|one| is_made_by(maker, one.profile) && has_checked_line(one));
    lines
        .retain(|one| !framed.contains(&one.name().replace(".astm", ".session")) || !one.is_bare());
    lines.iter_mut().filter(|one| one.is_bare()).for_each(Fixture::frame);
    lines
}

fn assert_lines_of(maker: &str) {
    let lines = checked_lines(maker);
    let mut known = BTreeSet::new();
    let place = |line: &'_ Fixture| {
        sweep::places(&line.bytes, |bytes| known.insert((line.profile, bytes.to_vec())))
    };
    let places: Vec<Vec<usize>> = lines.iter().map(place).collect();
    let items: Vec<(&Fixture, Vec<usize>)> = lines.iter().zip(places).collect();
    let told = sweep::in_parallel(&items, line::outcomes);
    let (mut tried, mut delivered) = (0, 0);
    for (fixture, outcome) in lines.iter().zip(told) {
        (tried, delivered) = (tried + outcome.tried, delivered + outcome.delivered);
        assert!(outcome.lost.is_empty(), "{}: {:?}", fixture.name(), outcome.lost);
        assert!(outcome.different.is_empty(), "{:?}", outcome.different);
    }
    println!("{maker}: {tried} changes on lines, {delivered} delivered something else");
    assert!(tried > 300, "only {tried}");
}

fn assert_messages(maker: &str) {
    let messages = sweep::unchecked_messages(|profile| is_made_by(maker, profile));
    let found = sweep::in_parallel(&messages, sweep::exceptions);
    let mut by_profile: BTreeMap<&str, Vec<Exception>> = BTreeMap::new();
    let mut tried = 0;
    for (message, (count, exceptions)) in messages.iter().zip(found) {
        tried += count;
        by_profile.entry(message.profile).or_default().extend(exceptions);
    }
    println!("{maker}: {tried} changes in messages");
    assert_listed(&by_profile);
    let all = by_profile.iter().flat_map(|(name, all)| all.iter().map(|e| (*name, e)));
    let dangers: Vec<_> = all.filter(|(name, one)| one.is_danger && !is_borne(name, one)).collect();
    assert!(dangers.is_empty(), "{dangers:#?}");
    assert!(tried > 300, "only {tried}");
}

fn is_borne(name: &str, exception: &Exception) -> bool {
    DANGERS.iter().any(|(profile, place, change, _)| {
        (*profile, *place, *change) == (name, &exception.place, &exception.change)
    })
}

/// The exceptions of each profile are those that a person has read: some of these in the everyday
/// build, just these in an optimised one.
fn assert_listed(by_profile: &BTreeMap<&str, Vec<Exception>>) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("../snapshots");
    for (name, exceptions) in by_profile {
        let (file, table) = (format!("exceptions__{name}"), change::table(exceptions));
        if sweep::extent() != Extent::InTurn {
            settings.bind(|| insta::assert_snapshot!(file, table));
        } else {
            let listed = listed(&file);
            let new: Vec<&str> = table.lines().filter(|line| !listed.contains(*line)).collect();
            assert!(new.is_empty(), "{name}: {new:#?}");
        }
    }
}

fn listed(snapshot: &str) -> BTreeSet<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/accounted/snapshots");
    let text = std::fs::read_to_string(format!("{folder}/{snapshot}.snap")).unwrap();
    text.splitn(3, "---").nth(2).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// A test for each maker, and nobody is left out.
macro_rules! each_maker {
    ($name:ident, $assert:ident, $checked:literal, $($maker:ident),+) => {
        mod $name {
            $(#[test] fn $maker() { super::$assert(stringify!($maker)); })+

            #[test]
            fn no_maker_is_left_out() {
                for fixture in super::fixtures(super::ENDINGS) {
                    let is_meant = super::has_checked_line(&fixture) == $checked;
                    let is_made = |maker| super::is_made_by(maker, fixture.profile);
                    let is_swept = [$(stringify!($maker)),+].into_iter().any(is_made);
                    assert!(is_swept || !is_meant, "{}", fixture.name());
                }
            }
        }
    };
}

each_maker!(
    a_byte_changed_on_a_checked_line_is_refused_or_makes_no_difference,
    assert_lines_of,
    true,
    abbott,
    beckman,
    hitachi,
    mindray,
    ortho,
    roche,
    others
);

each_maker!(
    a_byte_changed_in_a_message_is_noticed_but_for_these_exceptions,
    assert_messages,
    false,
    abbott,
    mindray,
    roche,
    others
);
