//! Donations in pools.

use hemogate::domain::DonationNumber;

use super::{fixture, read, read_by};

const WIDE: &str = "name = \"wide\"\nversion = \"1\"\ndate = 2026-11-28\ntitle = \"a\"\n\
                    built_from = \"nothing\"\ncontent = \"pools\"\nempty = [\"\"]\n\
                    prefixes = [\"S-\"]\n\
                    [file]\ncharset = \"gb18030\"\nseparator = \"\\t\"\ntitles = false\ncells = 4\n\
                    skip_lines = 1\n\
                    [columns]\npool = \"#1\"\ntube = [\"#2\", \"#3\", \"#4\"]\n";

#[test]
fn members_stand_in_the_order_of_their_places() {
    let manifest = read("generic-pooling", &fixture("pooling.csv")).unwrap();
    let first = &manifest.pools[0];
    assert_eq!(first.id, "P260001");
    assert_eq!(first.made_by.as_deref(), Some("pooling robot"));
    let members: Vec<_> = first.members.iter().map(DonationNumber::as_str).collect();
    assert_eq!(members, ["G123426000001", "G123426000002", "G123426000003"]);
    assert_eq!(manifest.records(), 2);
}

#[test]
fn a_row_for_each_pool_without_titles_is_read_by_numbers_of_columns() {
    let (text, ..) = encoding_rs::GB18030
        .encode("混样清单\r\nP1\tS-G123426000001\tG123426000002\t\r\nP2\tS-G123426000003\t\t\r\n");
    let manifest = read_by(WIDE, &text).unwrap();
    let sizes: Vec<_> = manifest.pools.iter().map(|pool| pool.members.len()).collect();
    assert_eq!(sizes, [2, 1]);
}

#[test]
fn a_donation_in_two_pools_a_place_used_twice_and_a_pool_as_member_are_refused() {
    let text = "Pool,Place,Tube,Time,Volume,Operator\n\
                P1,1,G123426000001,,,\nP1,1,G123426000002,,,\nP2,1,G123426000001,,,\n\
                P2,2,P1,,,\nEND,4,,,,\n";
    let faults = read("generic-pooling", text).unwrap_err();
    let told = [
        "line 3, column 3: position 1 of this rack is used already, in line 2",
        "line 4, column 3: the tube G123426000001 stands in line 2 already",
        "line 5, column 3: \"P1\" is the id of a pool too",
    ];
    for (fault, told) in faults.iter().zip(told) {
        assert!(fault.starts_with(told), "{fault}");
    }
    assert_eq!(faults.len(), told.len(), "{faults:#?}");
}
