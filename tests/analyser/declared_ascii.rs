//! An analyser that sends GBK and declares ASCII: read as its profile says, or held.

use std::collections::BTreeMap;
use std::sync::Arc;

use hemogate::analyser::{Analyser, Profile, shipped};
use hemogate::codec::charset::{Charset, encode};
use hemogate::domain::DonationNumberScheme;

/// The shipped profile of the Mindray BS with these header lines.
fn analyser(header: &str) -> Analyser {
    let shipped = shipped("mindray-bs").unwrap();
    let text = shipped.replace("charset = \"utf-8\"", header);
    assert_ne!(text, shipped);
    let profile = Profile::parse("gbk.toml", &text).unwrap();
    let scheme = Arc::new(DonationNumberScheme::Isbt128);
    Analyser::new("bench".to_owned(), Arc::new(profile), &BTreeMap::new(), scheme).unwrap()
}

/// A result of a donor whose name, in GBK, has delimiters as second bytes.
fn message(declared: &str) -> Vec<u8> {
    let name = "亅乛亊乗";
    let text = format!(
        "MSH|^~\\&|Mindray|BS-480|||20260101141530||ORU^R01|17|P|2.3.1||||0||{declared}|||\r\
         PID|1|101|||{name}||||\r\
         OBR|1|G123498654321|5|Mindray^BS-480|N||20260101141500||||||||serum\r\
         OBX|1|NM|13|ALT|32.400000|U/L|0-40|N|||F\r"
    );
    let bytes = encode(&text, Charset::Gbk).unwrap();
    let name = encode(name, Charset::Gbk).unwrap();
    let seconds: Vec<_> = name.iter().skip(1).step_by(2).copied().collect();
    assert_eq!(seconds, br"|^~\");
    bytes
}

#[test]
fn gbk_declared_as_ascii_is_read_if_the_profile_says_so() {
    let analyser = analyser("charset = \"gbk\"\ncharset_despite_ascii = true");
    for declared in ["ASCII", ""] {
        let reading = analyser.read(&message(declared));
        assert!(reading.faults.is_empty(), "{:?}", reading.faults);
        assert_eq!(reading.observations.len(), 1);
        let observation = &reading.observations[0];
        assert!(observation.unaccounted.is_empty(), "{:?}", observation.unaccounted);
    }
}

#[test]
fn without_its_word_undecodable_bytes_are_an_unaccounted_fault() {
    for header in ["charset = \"gbk\"", "charset = \"gbk\"\ncharset_despite_ascii = false"] {
        let reading = analyser(header).read(&message("ASCII"));
        assert!(!reading.faults.is_empty());
    }
}
