//! The same message sent again, and the beginning of one that was cut.

use crate::bench::analyser;

const LIS02: &str = "H|\\^&|17||cobas6000^1|||||host|RSUPL^BATCH|P|1|20260105120000\rP|1\r\
    O|1|G123498654321|0^5007^1^^S1^SC|^^^515^|R||||||N||||1|||||||20260105115400|||F\r\
    R|1|^^^515//not|-1^0.4|COI||N||F||OPER01|20260105115617||E11\rC|1|I|0|I\rL|1|N\r";
const HL7: &str = "MSH|^~\\&|Mindray|BS-480|||20260105141530||ORU^R01|17|P|2.3.1||||0||ASCII\r\
                   OBR|1|G123498654321|5\rOBX|1|NM|13|ALT|32|U/L||N|||F\r";

fn key(profile: &str, text: &str) -> [u8; 32] {
    analyser(profile).read(text.as_bytes()).content_key
}

#[test]
fn control_id_and_time_do_not_make_another_message() {
    let again = LIS02.replace("|17||", "|18||").replace("|20260105120000", "|20260105130000");
    assert_ne!(again, LIS02);
    assert_eq!(key("roche-cobas-e601", &again), key("roche-cobas-e601", LIS02));
    let again = HL7.replace("|17|", "|18|").replace("20260105141530", "20260105151530");
    assert_ne!(again, HL7);
    assert_eq!(key("mindray-bs", &again), key("mindray-bs", HL7));
}

#[test]
fn line_ends_do_not_make_another_message() {
    assert_eq!(
        key("roche-cobas-e601", &LIS02.replace('\r', "\r\n")),
        key("roche-cobas-e601", LIS02)
    );
    assert_eq!(key("mindray-bs", HL7.trim_end()), key("mindray-bs", HL7));
}

#[test]
fn anything_that_means_something_makes_another_message() {
    for (from, to) in
        [("0.4|COI", "0.5|COI"), ("|P|1|2026", "|Q|1|2026"), ("L|1|N", "L|1|T"), ("|0|I", "|27|I")]
    {
        assert!(LIS02.contains(from));
        assert_ne!(
            key("roche-cobas-e601", &LIS02.replace(from, to)),
            key("roche-cobas-e601", LIS02)
        );
    }
    for (from, to) in
        [("|32|", "|33|"), ("||||0||", "||||2||"), ("|P|2.3.1", "|T|2.3.1"), ("BS-480", "BS-481")]
    {
        assert!(HL7.contains(from));
        assert_ne!(key("mindray-bs", &HL7.replace(from, to)), key("mindray-bs", HL7));
    }
}

#[test]
fn a_cut_transfer_is_a_beginning_of_the_whole_one() {
    for (profile, whole) in [("roche-cobas-e601", LIS02), ("mindray-bs", HL7)] {
        let body = analyser(profile).read(whole.as_bytes()).body;
        let header = whole.find('\r').unwrap();
        for cut in header..whole.len() {
            let cut = analyser(profile).read(&whole.as_bytes()[..cut]).body;
            assert!(body.starts_with(&cut), "{}", String::from_utf8_lossy(&cut));
        }
    }
}

#[test]
fn unreadable_bytes_are_their_own_key() {
    let torn = |bytes: &[u8]| analyser("roche-cobas-e601").read(bytes).content_key;
    assert_eq!(torn(b"\x01junk"), torn(b"\x01junk"));
    assert_ne!(torn(b"\x01junk"), torn(b"\x01junk "));
}
