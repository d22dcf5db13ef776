//! `hemogate check`: every fault at once, with its place.

use std::path::Path;

use hemogate::limits;
use tempfile::TempDir;

use crate::bench::{Ran, run, run_in};

const GOOD: &str = r#"
[store]
path = "hemogate.db"

[rules]
file = "cn"

[[analyser]]
id = "e601-1"
profile = "roche-cobas-e601"
tcp_listen = "0.0.0.0:5001"
"#;

fn folder_with(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn check(folder: &Path) -> Ran {
    run_in(folder, &["check", "--config", "site.toml"])
}

/// The faults of a configuration.
#[track_caller]
fn faults(text: &str) -> String {
    let folder = folder_with(&[("site.toml", text)]);
    check(folder.path()).is(1).err
}

/// The good configuration with other settings of its line.
fn with_line(line: &str) -> String {
    GOOD.replace("tcp_listen = \"0.0.0.0:5001\"", line)
}

#[test]
fn a_good_configuration_is_summed_up() {
    let folder = folder_with(&[("site.toml", GOOD)]);
    let ran = check(folder.path()).is(0);
    assert!(ran.err.is_empty(), "{}", ran.err);
    for words in [
        "store: hemogate.db",
        "http: 127.0.0.1:8470",
        "rule set: cn ",
        "donation numbers: ISBT 128",
        "analyser e601-1: roche-cobas-e601 ",
        "TCP, listening on 0.0.0.0:5001, without TLS",
        "not validated at this site",
    ] {
        assert!(ran.out.contains(words), "{words} is not in\n{}", ran.out);
    }
}

/// What a rule set requires and nobody delivers leaves every donation pending: said at the place
/// that names the rule set, and the configuration stays good.
#[test]
fn a_required_assay_that_no_analyser_delivers_is_told_with_its_place() {
    let folder = folder_with(&[("site.toml", GOOD)]);
    let said = check(folder.path()).is(0).out;
    let nat = "nat or hbv-dna and hcv-rna and hiv-rna";
    for missing in ["alt", "abo or abo-forward and abo-reverse", "rhd", nat] {
        let words = format!("and no analyser here reports {missing}: every donation stays pending");
        assert!(said.contains(&words), "{words} is not in\n{said}");
    }
    assert!(said.contains("site.toml:6:8: rules.file: the check alt is required"), "{said}");
    assert!(!said.contains("reports hbsag"), "the e601 delivers it: {said}");
    let all = format!(
        "{GOOD}{}{}{}",
        analyser("alt", "mindray-bs", 5002, ""),
        analyser("groups", "ortho-vision", 5003, ""),
        analyser("nat", "roche-cobas-6800", 5004, "")
    );
    let folder = folder_with(&[("site.toml", &all)]);
    let said = check(folder.path()).is(0).out;
    assert!(!said.contains("no analyser here reports"), "{said}");
}

#[test]
fn an_assay_that_no_check_uses_is_told_with_its_place() {
    let hb = analyser("hb", "mindray-bs", 5002, "[analyser.tests]\nHB = \"anti-hbs\"\n");
    let folder = folder_with(&[("site.toml", &format!("{GOOD}{hb}"))]);
    let said = check(folder.path()).is(0).out;
    let words = "analyser[2]: hb reports anti-hbs, which no check of the rule set cn uses";
    assert!(said.contains(words), "{said}");
    assert!(!said.contains("reports alt, which"), "{said}");
}

fn analyser(id: &str, profile: &str, port: u16, more: &str) -> String {
    format!(
        "\n[[analyser]]\nid = \"{id}\"\nprofile = \"{profile}\"\n\
         tcp_listen = \"0.0.0.0:{port}\"\n{more}"
    )
}

/// What is said of a site whose profile has such a line, and the site such another.
#[track_caller]
fn checked_with(usual: &str, line: &str) -> Ran {
    let head = "extends = \"roche-cobas-e601\"\nname = \"own\"\nversion = \"1\"\n\
                date = 2026-01-15\ntitle = \"Own\"\nconfidence = \"low\"\nbuilt_from = \"x\"\n";
    let profile = format!("{head}[transport]\n{usual}");
    let site = with_line(line).replace("\"roche-cobas-e601\"", "\"own.toml\"");
    let folder = folder_with(&[("site.toml", &site), ("own.toml", &profile)]);
    check(folder.path())
}

#[test]
fn what_the_site_does_not_say_of_a_line_is_what_the_profile_says() {
    let serial = "kind = \"serial\"\nbaud = 4800\ndata_bits = 7\nparity = \"even\"\n\
                  stop_bits = 2\n";
    let told = |usual: &str, line: &str| checked_with(usual, line).is(0).out;
    let device = "serial = \"/dev/ttyUSB0\"";
    assert!(told(serial, device).contains("serial /dev/ttyUSB0 4800 7E2,"));
    let said = format!("{device}\nbaud = 19200\nparity = \"none\"\ndata_bits = 8");
    assert!(told(serial, &said).contains("serial /dev/ttyUSB0 19200 8N2,"));
    assert!(told("kind = \"serial\"", device).contains("serial /dev/ttyUSB0 9600 8N1,"));
    let listen = "kind = \"tcp-listen\"\nport = 4001";
    assert!(told(listen, "tcp_listen = \"0.0.0.0\"").contains("listening on 0.0.0.0:4001,"));
    assert!(told(listen, "tcp_listen = \"::\"").contains("listening on [::]:4001,"));
    assert!(told(listen, "tcp_listen = \"0.0.0.0:5\"").contains("listening on 0.0.0.0:5,"));
    let dial = "kind = \"tcp-connect\"\nport = 4001";
    assert!(told(dial, "tcp_connect = \"cobas\"").contains("dialling cobas:4001,"));
    assert!(told(dial, "tcp_connect = \"10.0.0.7\"").contains("dialling 10.0.0.7:4001,"));
    let without = checked_with("kind = \"tcp-listen\"", "tcp_listen = \"0.0.0.0\"").is(1);
    assert!(without.err.contains("is not an address to listen on"), "{}", without.err);
}

#[test]
fn a_line_of_another_kind_than_the_profile_says_is_a_remark() {
    let line = "tcp_listen = \"0.0.0.0:5001\"";
    let remark = "remark: analyser e601-1: its line is tcp-listen, the profile own is of one that \
                  is serial";
    let other = checked_with("kind = \"serial\"\nbaud = 4800", line).is(0).out;
    assert!(other.contains(remark), "{other}");
    let same = checked_with("kind = \"tcp-listen\"", line).is(0).out;
    assert!(!same.contains("its line is"), "{same}");
}

#[test]
fn a_line_that_nothing_protects_is_told() {
    let shipped = hemogate::analyser::shipped("snibe-maglumi").unwrap();
    let weak =
        shipped.replace("frame_text = 240\nrecords_per_frame = \"one\"", "framing = \"records\"");
    assert_ne!(weak, shipped);
    let site = GOOD.replace("\"roche-cobas-e601\"", "\"./weak.toml\"");
    let folder = folder_with(&[("site.toml", &site), ("weak.toml", &weak)]);
    let ran = check(folder.path()).is(0);
    assert!(
        ran.out.contains("profile snibe-maglumi: records come without a link layer"),
        "{}",
        ran.out
    );
    let folder = folder_with(&[("site.toml", GOOD)]);
    assert!(!check(folder.path()).is(0).out.contains("without a link layer"));
}

#[test]
fn blocks_that_nothing_protects_or_nobody_acknowledges_are_told() {
    let unacknowledged = "profile beckman-au680: texts in blocks are not acknowledged";
    let unchecked = "profile beckman-au680: texts in blocks have no check byte";
    let shipped = hemogate::analyser::shipped("beckman-au680").unwrap();
    let site = GOOD.replace("\"roche-cobas-e601\"", "\"./au.toml\"");
    for (from, to, told) in [
        ("", "", vec![]),
        ("acknowledged = true", "acknowledged = false", vec![unacknowledged]),
        ("tail = \"bcc\"", "tail = \"none\"", vec![unchecked]),
        ("tail = \"bcc\"", "tail = \"cr-lf\"", vec![unchecked]),
        ("tail = \"bcc\"", "tail = \"sum-cr\"", vec![]),
    ] {
        let profile = shipped.replace(from, to);
        let folder = folder_with(&[("site.toml", &site), ("au.toml", &profile)]);
        let said = check(folder.path()).is(0).out;
        for remark in [unacknowledged, unchecked] {
            assert_eq!(said.contains(remark), told.contains(&remark), "{to}: {said}");
        }
    }
}

#[test]
fn the_example_that_we_ship_is_good() {
    let folder = TempDir::new().unwrap();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/hemogate.example.toml");
    std::fs::copy(example, folder.path().join("site.toml")).unwrap();
    check(folder.path()).is(0);
}

/// Every key of the example that stands in a comment, each set as its comment shows.
#[test]
fn what_the_example_explains_in_comments_is_good_too() {
    let folder = TempDir::new().unwrap();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/hemogate.example.toml");
    let text = std::fs::read_to_string(example).unwrap();
    let set = |line: &str| {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        let is_key = bare.starts_with('[')
            || bare.split_once(" = ").is_some_and(|(key, _)| {
                key.chars().all(|c| c.is_ascii_alphanumeric() || "_\"".contains(c))
            });
        if is_key { bare.to_owned() } else { line.to_owned() }
    };
    let lines: Vec<_> = text.lines().map(set).collect();
    // Certificates are not in the tree; TLS has tests of its own.
    let text = lines.join("\n");
    let own = "[console.tls]\ncertificate = \"console.pem\"\nkey = \"console.key\"\n";
    assert!(text.contains(own), "{text}");
    let text = text.replace(own, "");
    let (before, rest) = text.split_once("[analyser.tls]").unwrap();
    let (tls, after) = rest.split_once("\n\n").unwrap();
    assert_eq!(tls.lines().filter(|line| line.contains(" = ")).count(), 3, "{tls}");
    // So is the folder of an analyser that drops files: it must be there.
    let drop = folder.path().join("drop");
    std::fs::create_dir(&drop).unwrap();
    let text = format!("{before}\n{after}").replace("/srv/drop/evolis", drop.to_str().unwrap());
    let shipped = hemogate::analyser::shipped("roche-cobas-e601").unwrap();
    let exporting = format!("{shipped}\n[file]\nnames = [\"*.txt\"]\n");
    std::fs::write(folder.path().join("evolis.toml"), exporting).unwrap();
    let layout = include_str!("../../config/manifests/generic-sorter.toml");
    let layout = layout.replace("\"generic-sorter\"", "\"sorter\"");
    std::fs::write(folder.path().join("sorter.toml"), layout).unwrap();
    for key in [
        "announce_orders",
        "silence_alarm_s",
        "instrument",
        "folder",
        "files",
        "poll_s",
        "idle_minutes",
        "absolute_hours",
    ] {
        assert!(text.lines().any(|line| line.starts_with(key)), "{key}: {text}");
    }
    std::fs::write(folder.path().join("site.toml"), text).unwrap();
    let next = hemogate::rules::shipped("cn").unwrap().replace("name = \"cn\"", "name = \"next\"");
    std::fs::write(folder.path().join("cn-next.toml"), next).unwrap();
    check(folder.path()).is(0);
}

#[test]
fn orders_are_announced_only_where_the_profile_has_words_for_it() {
    let announcing = |profile: &str| {
        let text = GOOD.replace("roche-cobas-e601", profile);
        format!("{text}announce_orders = true\n")
    };
    for profile in [
        "roche-cobas-e601",
        "roche-cobas-e411",
        "roche-cobas-6800",
        "abbott-alinity-i",
        "snibe-maglumi",
    ] {
        let folder = folder_with(&[("site.toml", &announcing(profile))]);
        check(folder.path()).is(0);
    }
    let told = faults(&announcing("mindray-bs"));
    assert!(told.contains("announce_orders: this profile says of no order message"), "{told}");
}

#[test]
fn an_analyser_that_writes_files_has_a_folder_and_no_other_line() {
    let of_files = |line: &str| with_line(line).replace("roche-cobas-e601", "procleix-nat2-export");
    for (key, place) in [
        ("tcp_listen", "0.0.0.0:5001"),
        ("tcp_connect", "192.168.1.20:4000"),
        ("serial", "/dev/ttyS0"),
    ] {
        let told = faults(&of_files(&format!("{key} = \"{place}\"")));
        let words = format!("{key}: the profile procleix-nat2-export reads files, which come on");
        assert!(told.contains(&words), "{told}");
    }
    let folder = folder_with(&[("site.toml", &of_files("folder = \"drop\""))]);
    std::fs::create_dir(folder.path().join("drop")).unwrap();
    check(folder.path()).is(0);
}

#[test]
fn every_planted_fault_is_told_at_once_with_its_place() {
    let text = r#"[store]
path = ""
[http]
listen = "localhost:8470"
port = 1
[rules]
file = "atlantis"
[donation_number]
pattern = "(unclosed"
[[analyser]]
id = "bad id"
profile = "no-such-analyser"
tcp_listen = "127.0.0.1:5001"
baud = 9600
[[analyser]]
id = "a2"
profile = "./absent.toml"
tcp_connect = "nowhere"
[[analyser]]
id = "a2"
profile = "roche-cobas-e601"
serial = "ttyUSB0"
baud = 100
parity = "mark"
tests = { "704" = "hbsagg" }
[[analyser]]
id = "a3"
profile = "roche-cobas-e601"
[[analyser]]
id = "a4"
profile = "roche-cobas-e601"
tcp_listen = "127.0.0.1:5001"
[[analyser]]
id = "a5"
profile = "roche-cobas-e601"
tcp_listen = "127.0.0.1:5005"
tcp_connect = "10.0.0.1:5005"
"#;
    let said = faults(text);
    let expected = [
        "site.toml:2:8: store.path: ",
        "site.toml:4:10: http.listen: ",
        "site.toml:5:1: http.port: ",
        "site.toml:7:8: rules.file: ",
        "site.toml:9:11: donation_number.pattern: ",
        "site.toml:11:6: analyser[1].id: ",
        "site.toml:12:11: analyser[1].profile: ",
        "site.toml:14:8: analyser[1].baud: ",
        "site.toml:17:11: analyser[2].profile: ",
        "site.toml:18:15: analyser[2].tcp_connect: ",
        "site.toml:20:6: analyser[3].id: ",
        "site.toml:22:10: analyser[3].serial: ",
        "site.toml:23:8: analyser[3].baud: ",
        "site.toml:24:10: analyser[3].parity: ",
        "site.toml:25:19: analyser[3].tests.704: ",
        "site.toml:26:1: analyser[4]: ",
        "site.toml:32:14: analyser[5].tcp_listen: ",
        "site.toml:37:15: analyser[6].tcp_connect: ",
    ];
    let lines: Vec<_> = said.lines().collect();
    for (index, place) in expected.iter().enumerate() {
        assert!(lines[index].starts_with(place), "{place} is not line {index} of\n{said}");
    }
    assert_eq!(lines[expected.len()..], ["18 faults found"], "{said}");
}

#[test]
fn faults_say_what_would_be_right() {
    for (from, to, words) in [
        ("\"hemogate.db\"", "\"absent/hemogate.db\"", "create it first"),
        ("\"hemogate.db\"", "\".\"", "is a folder"),
        ("\"cn\"", "\"china\"", "there is no rule set \"china\" among those shipped (cn"),
        ("\"cn\"", "\"./cn.toml\"", "cn.toml: there is no such file"),
        ("e601\"", "e602\"", "roche-cobas-e601"),
        ("0.0.0.0:5001", "analyser:5001", "an IP address and a port"),
        ("[[analyser]]", "[analyser]", "[[two]] brackets"),
    ] {
        let said = faults(&GOOD.replace(from, to));
        assert!(said.contains(words), "{words} is not in\n{said}");
    }
}

#[test]
fn sections_that_must_be_there_are_missed() {
    let said = faults("");
    for key in ["store", "rules"] {
        assert!(said.contains(key) && said.contains("is missing"), "{said}");
    }
    assert!(said.ends_with("2 faults found\n"), "{said}");
}

#[test]
fn a_site_may_begin_with_its_inventory_and_connect_analysers_later() {
    for none in ["", "analyser = []\n"] {
        let text = format!("{none}[store]\npath = \"hemogate.db\"\n[rules]\nfile = \"cn\"\n");
        let folder = folder_with(&[("site.toml", &text)]);
        let said = check(folder.path()).is(0).out;
        assert!(said.contains("remark: there is no [[analyser]]"), "{said}");
    }
    assert!(faults("analyser = 5\n").contains("site.toml:1:12: analyser: expected a list"));
}

#[test]
fn faults_of_a_profile_and_a_rule_set_are_told_with_their_own_file() {
    let folder = folder_with(&[
        ("site.toml", &GOOD.replace("roche-cobas-e601", "own.toml").replace("cn", "own/rules")),
        ("own.toml", "nonsense = 1\n"),
    ]);
    std::fs::create_dir(folder.path().join("own")).unwrap();
    std::fs::write(folder.path().join("own/rules"), "nonsense = 2\n").unwrap();
    let said = check(folder.path()).is(1).err;
    for words in [
        "site.toml:6:8: rules.file: own/rules is refused for",
        "site.toml:10:11: analyser[1].profile: own.toml is refused for",
        "own.toml:1:1: nonsense: is not a known key",
        "own/rules:1:1: nonsense: is not a known key",
    ] {
        assert!(said.contains(words), "{words} is not in\n{said}");
    }
}

#[test]
fn a_profile_and_a_rule_set_of_the_site_are_read_beside_the_configuration() {
    let rules = hemogate::rules::shipped("cn").unwrap();
    let profile = hemogate::analyser::shipped("snibe-maglumi").unwrap();
    let text = GOOD.replace("roche-cobas-e601", "./maglumi").replace("\"cn\"", "\"our.toml\"");
    let folder = folder_with(&[("site.toml", &text), ("our.toml", rules), ("maglumi", profile)]);
    check(folder.path()).is(0);
    // And from somewhere else, by its whole path.
    let path = folder.path().join("site.toml");
    run(&["check", "--config", path.to_str().unwrap()]).is(0);
}

#[test]
fn a_file_that_cannot_be_read_is_status_1_with_words() {
    let folder = TempDir::new().unwrap();
    assert!(check(folder.path()).is(1).err.contains("site.toml:1:1: there is no such file"));
    std::fs::create_dir(folder.path().join("site.toml")).unwrap();
    assert!(check(folder.path()).is(1).err.contains("cannot be read"));
    let folder = folder_with(&[]);
    std::fs::write(folder.path().join("site.toml"), b"\xff\xfe[\0s\0").unwrap();
    assert!(check(folder.path()).is(1).err.contains("not UTF-8"));
}

#[test]
fn every_kind_of_line_is_taken() {
    for (line, words) in [
        ("tcp_listen = \"[::]:5001\"", "TCP, listening on [::]:5001"),
        ("tcp_connect = \"analyser-3.lab:5001\"", "TCP, dialling analyser-3.lab:5001"),
        ("tcp_connect = \"[fd00::3]:5001\"", "TCP, dialling [fd00::3]:5001"),
        ("serial = \"/dev/ttyUSB0\"", "serial /dev/ttyUSB0 9600 8N1"),
        (
            "serial = \"/dev/ttyUSB0\"\nbaud = 921600\ndata_bits = 7\nparity = \"even\"\n\
             stop_bits = 2",
            "serial /dev/ttyUSB0 921600 7E2",
        ),
        ("serial = \"/dev/ttyUSB0\"\nbaud = 300\nparity = \"odd\"", "300 8O1"),
    ] {
        let folder = folder_with(&[("site.toml", &with_line(line))]);
        let ran = check(folder.path()).is(0);
        assert!(ran.out.contains(words), "{words} is not in\n{}", ran.out);
    }
}

#[test]
fn settings_of_a_line_are_kept_within_their_bounds() {
    let serial = "serial = \"/dev/ttyS0\"\n";
    for wrong in [
        format!("{serial}baud = 299"),
        format!("{serial}baud = 921601"),
        format!("{serial}data_bits = 6"),
        format!("{serial}data_bits = 9"),
        format!("{serial}stop_bits = 0"),
        format!("{serial}stop_bits = 3"),
        format!("{serial}parity = \"None\""),
        "tcp_listen = \"127.0.0.1:65536\"".to_owned(),
        "tcp_connect = \"host:0\"".to_owned(),
        "tcp_connect = \"host\"".to_owned(),
        "tcp_connect = \":5001\"".to_owned(),
        "tcp_connect = \"http://host:5001\"".to_owned(),
    ] {
        let said = faults(&with_line(&wrong));
        assert!(said.ends_with("1 fault found\n"), "{wrong}: {said}");
    }
}

#[test]
fn no_two_analysers_share_a_line() {
    let second =
        |line: &str| format!("[[analyser]]\nid = \"b\"\nprofile = \"mindray-bs\"\n{line}\n");
    for (one, other) in [
        ("tcp_listen = \"127.0.0.1:5001\"", "tcp_listen = \"127.0.0.1:5001\""),
        ("tcp_listen = \"127.0.0.1:5001\"", "tcp_listen = \"0.0.0.0:5001\""),
        ("tcp_connect = \"lab:5001\"", "tcp_connect = \"LAB:5001\""),
        ("serial = \"/dev/ttyS9\"", "serial = \"/dev/ttyS9\""),
    ] {
        let said = faults(&(with_line(one) + &second(other)));
        assert!(said.contains("is used by analyser e601-1 already"), "{said}");
    }
    let said = faults(&with_line("tcp_listen = \"127.0.0.1:8470\""));
    assert!(said.contains("is used by http.listen already"), "{said}");
    for (one, other) in [
        ("tcp_listen = \"127.0.0.1:5001\"", "tcp_listen = \"127.0.0.2:5001\""),
        ("tcp_listen = \"127.0.0.1:0\"", "tcp_listen = \"127.0.0.1:0\""),
        ("tcp_connect = \"lab:5001\"", "tcp_connect = \"lab:5002\""),
    ] {
        let text = with_line(one) + &second(other);
        check(folder_with(&[("site.toml", &text)]).path()).is(0);
    }
}

#[test]
fn an_id_is_as_long_as_the_bound_and_not_one_character_longer() {
    let named = |id: &str| GOOD.replace("e601-1", id);
    let at_bound = "i".repeat(limits::ANALYSER_ID_MAX);
    check(folder_with(&[("site.toml", &named(&at_bound))]).path()).is(0);
    for wrong in [format!("{at_bound}i"), String::new(), "é".to_owned(), "a/b".to_owned()] {
        assert!(faults(&named(&wrong)).contains("is not an id"), "{wrong}");
    }
}

#[test]
fn as_many_analysers_as_the_bound_and_not_one_more() {
    let lines = |count: usize| {
        let analysers = (0..count).map(|n| {
            format!(
                "[[analyser]]\nid = \"a{n}\"\nprofile = \"mindray-bs\"\ntcp_connect = \"h:{}\"\n",
                n + 1
            )
        });
        let (head, _) = GOOD.split_once("[[analyser]]").unwrap();
        head.to_owned() + &analysers.collect::<String>()
    };
    let most = limits::ANALYSERS_MAX;
    check(folder_with(&[("site.toml", &lines(most))]).path()).is(0);
    let said = faults(&lines(most + 1));
    assert!(
        said.contains(&format!("analyser[{}]: more than {most} analysers", most + 1)),
        "{said}"
    );
}

#[test]
fn http_beyond_loopback_is_allowed_and_remarked_upon() {
    let text = format!("{GOOD}\n[http]\nlisten = \"0.0.0.0:8470\"\n");
    let ran = check(folder_with(&[("site.toml", &text)]).path()).is(0);
    assert!(ran.out.contains("remark: http.listen 0.0.0.0:8470"), "{}", ran.out);
    assert!(!check(folder_with(&[("site.toml", GOOD)]).path()).out.contains("remark: http"));
}

#[test]
fn test_codes_of_the_site_are_taken_in_either_form() {
    for tests in [
        "tests = { \"286\" = \"hbsag\", \"A.7\" = \"alt\" }",
        "[analyser.tests]\n\"286\" = \"hbsag\"\n\"A.7\" = \"alt\"",
    ] {
        let ran = check(folder_with(&[("site.toml", &format!("{GOOD}{tests}\n"))]).path()).is(0);
        assert!(ran.out.contains(" 286=hbsag"), "{}", ran.out);
        assert!(ran.out.contains(" A.7=alt"), "{}", ran.out);
    }
}

#[test]
fn fm_15_two_codes_for_one_assay_at_one_analyser_are_refused() {
    let said = faults(&format!("{GOOD}tests = {{ \"286\" = \"hbsag\", \"287\" = \"hbsag\" }}\n"));
    assert!(said.starts_with("site.toml:12:9: analyser[1].tests: "), "{said}");
    assert!(said.ends_with("1 fault found\n"), "{said}");
}

#[test]
fn a_port_that_changes_with_every_start_is_remarked_upon() {
    let text = with_line("tcp_listen = \"127.0.0.1:0\"") + "[http]\nlisten = \"127.0.0.1:0\"\n";
    let ran = check(folder_with(&[("site.toml", &text)]).path()).is(0);
    for who in ["http.listen", "analyser e601-1"] {
        assert!(ran.out.contains(&format!("remark: {who} has port 0")), "{}", ran.out);
    }
}

#[test]
fn a_site_may_write_its_own_donation_numbers() {
    let with = |pattern: &str| format!("{GOOD}\n[donation_number]\npattern = '{pattern}'\n");
    let ran = check(folder_with(&[("site.toml", &with("[0-9]{10}"))]).path()).is(0);
    assert!(ran.out.contains("donation numbers: pattern"), "{}", ran.out);
    assert!(faults(&with("[0-9]*")).contains("matches the empty text"));
    assert!(faults(&with("a)|(b")).contains("is not a regular expression"));
}

/// The good configuration with a journal, whose table is on line 12 and whose keys follow.
fn with_journal(keys: &str) -> String {
    format!("{GOOD}[journal]\n{keys}")
}

#[test]
fn a_journal_is_told_every_fault_with_its_place() {
    for (keys, fault) in [
        ("", "site.toml:12:1: journal.folder: is missing"),
        ("folder = \" \"", "site.toml:13:10: journal.folder: is empty: name a folder"),
        ("folder = 5", "site.toml:13:10: journal.folder: expected a string"),
        ("folder = \"site.toml\"", "site.toml:13:10: journal.folder: site.toml is a file"),
        ("folder = \"no/wire\"", "site.toml:13:10: journal.folder: the folder around no/wire"),
        ("folder = \"wire\"\nfile_mib = 0", "site.toml:14:12: journal.file_mib: 0 is not"),
        ("folder = \"wire\"\nfiles = 0", "site.toml:14:9: journal.files: 0 is not"),
        ("folder = \"wire\"\nfile_mib = \"16\"", "site.toml:14:12: journal.file_mib: expected"),
        ("folder = \"wire\"\nfiles = 1.5", "site.toml:14:9: journal.files: expected"),
        ("folder = \"wire\"\nfile = 3", "site.toml:14:1: journal.file: is not a known key"),
    ] {
        let said = faults(&with_journal(keys));
        assert!(said.starts_with(fault), "{fault} is not\n{said}");
        assert!(said.ends_with("\n1 fault found\n"), "{keys}: {said}");
    }
    let both = faults(&with_journal("folder = \"\"\nfile_mib = 0\nfiles = -1"));
    assert!(both.ends_with("\n3 faults found\n"), "{both}");
    let none = faults(&format!("journal = true\n{GOOD}"));
    assert!(none.starts_with("site.toml:1:11: journal: expected a table"), "{none}");
}

#[test]
fn a_journal_is_as_large_as_its_bounds_and_no_larger() {
    let bounds = [("file_mib", limits::JOURNAL_FILE_MIB_MAX), ("files", limits::JOURNAL_FILES_MAX)];
    for (key, most) in bounds {
        let with = |number: i64| with_journal(&format!("folder = \"wire\"\n{key} = {number}"));
        for good in [1, most] {
            check(folder_with(&[("site.toml", &with(good))]).path()).is(0);
        }
        let said = faults(&with(most + 1));
        assert!(said.contains(&format!("journal.{key}: {} is not", most + 1)), "{said}");
    }
    check(folder_with(&[("site.toml", &with_journal("folder = \"wire\""))]).path()).is(0);
}

/// The good configuration with a console, whose table is on line 12 and whose keys follow.
fn with_console(keys: &str) -> String {
    format!("{GOOD}[console]\n{keys}")
}

#[test]
fn a_console_is_told_every_fault_with_its_place() {
    for (keys, fault) in [
        ("listen = \"8471\"", "site.toml:13:10: console.listen: \"8471\" is not an address"),
        ("listen = 8471", "site.toml:13:10: console.listen: expected a string"),
        ("listen = \"127.0.0.1:8470\"", "site.toml:13:10: console.listen: is used by http.listen"),
        ("listen = \"127.0.0.1:5001\"", "site.toml:13:10: console.listen: is used by analyser"),
        ("listen = \"0.0.0.0:8471\"", "site.toml:13:10: console.listen: can be reached from"),
        ("idle_minutes = 0", "site.toml:13:16: console.idle_minutes: 0 is not"),
        ("idle_minutes = \"15\"", "site.toml:13:16: console.idle_minutes: expected"),
        ("absolute_hours = 0", "site.toml:13:18: console.absolute_hours: 0 is not"),
        ("idle_minutes = 61\nabsolute_hours = 1", "site.toml:12:1: console: absolute_hours is"),
        ("behind_proxy = 1", "site.toml:13:16: console.behind_proxy: expected true or false"),
        ("idle = 3", "site.toml:13:1: console.idle: is not a known key"),
        ("[console.tls]", "site.toml:13:1: console.tls: has no certificate and key"),
        ("[console.tls]\nkey = \"no.key\"", "site.toml:14:7: console.tls.key: no.key: cannot be"),
    ] {
        let said = faults(&with_console(keys));
        assert!(said.starts_with(fault), "{fault} is not\n{said}");
        assert!(said.ends_with("\n1 fault found\n"), "{keys}: {said}");
    }
    let all = faults(&with_console("listen = \"x\"\nidle_minutes = 0\nabsolute_hours = 99"));
    assert!(all.ends_with("\n3 faults found\n"), "{all}");
}

#[test]
fn layouts_of_the_console_are_checked_whole_and_have_names_of_their_own() {
    let own = include_str!("../../config/manifests/generic-sorter.toml");
    let renamed = own.replace("\"generic-sorter\"", "\"our-sorter\"");
    let site = |layouts: &str| with_console(&format!("manifests = [{layouts}]"));
    let check_all = |layouts: &str| {
        let (site, broken) = (site(layouts), renamed.replace("content = \"racks\"", "content = 3"));
        check(
            folder_with(&[
                ("site.toml", &site),
                ("ours.toml", &renamed),
                ("same.toml", own),
                ("broken.toml", &broken),
            ])
            .path(),
        )
    };
    check_all("\"./ours.toml\"").is(0);
    let taken = check_all("\"./same.toml\", \"./ours.toml\", \"./ours.toml\"").is(1);
    assert!(taken.err.contains("manifests[1]: there is a layout generic-sorter"), "{}", taken.err);
    assert!(taken.err.contains("manifests[3]: there is a layout our-sorter"), "{}", taken.err);
    let faulty = check_all("\"./broken.toml\", \"./none.toml\"").is(1);
    assert!(faulty.err.contains("broken.toml:"), "{}", faulty.err);
    assert!(faulty.err.contains("manifests[2]: layout"), "{}", faulty.err);
}

#[test]
fn a_console_beyond_loopback_has_a_proxy_before_it_or_tls_of_its_own() {
    let open = "listen = \"0.0.0.0:8471\"\nbehind_proxy = true";
    let ran = check(folder_with(&[("site.toml", &with_console(open))]).path()).is(0);
    assert!(ran.out.contains("let only the reverse proxy through"), "{}", ran.out);
    check(folder_with(&[("site.toml", &with_console(""))]).path()).is(0);
}

#[test]
fn sessions_last_as_long_as_their_bounds_and_no_longer() {
    let bounds = [
        ("idle_minutes", limits::IDLE_MINUTES_MAX),
        ("absolute_hours", limits::ABSOLUTE_HOURS_MAX),
    ];
    for (key, most) in bounds {
        let with = |number: i64| with_console(&format!("{key} = {number}"));
        check(folder_with(&[("site.toml", &with(most))]).path()).is(0);
        let said = faults(&with(most + 1));
        assert!(said.contains(&format!("console.{key}: {} is not", most + 1)), "{said}");
    }
}

#[test]
fn habits_of_an_analyser_are_told_every_fault_with_its_place() {
    for (keys, fault) in [
        (
            "announce_orders = true",
            "site.toml:12:19: analyser[1].announce_orders: this profile says of no order message",
        ),
        ("announce_orders = 1", "site.toml:12:19: analyser[1].announce_orders: expected"),
        ("silence_alarm_s = 0", "site.toml:12:19: analyser[1].silence_alarm_s: 0 is not"),
        ("silence_alarm_s = \"1 h\"", "site.toml:12:19: analyser[1].silence_alarm_s: expected"),
        ("instrument = \"\"", "site.toml:12:14: analyser[1].instrument: \"\" is not a name"),
        ("instrument = \" a\"", "site.toml:12:14: analyser[1].instrument: \" a\" is not a name"),
        ("instrument = 4", "site.toml:12:14: analyser[1].instrument: expected"),
    ] {
        // The analyser of the others takes orders.
        let good = GOOD.replace("roche-cobas-e601", "abbott-architect");
        let said = faults(&format!("{good}{keys}\n"));
        assert!(said.starts_with(fault), "{fault} is not\n{said}");
        assert!(said.ends_with("\n1 fault found\n"), "{keys}: {said}");
    }
    let all = "announce_orders = 1\nsilence_alarm_s = 0\ninstrument = \"\"\n";
    let said = faults(&format!("{GOOD}{all}"));
    assert!(said.ends_with("\n3 faults found\n"), "{said}");
}

#[test]
fn habits_of_an_analyser_are_taken_up_to_their_bounds() {
    let longest = "i".repeat(limits::ANALYSER_ID_MAX);
    let most = limits::SILENCE_ALARM_S_MAX;
    for (good, one_past) in [
        (format!("silence_alarm_s = {most}"), format!("silence_alarm_s = {}", most + 1)),
        (format!("instrument = \"{longest}\""), format!("instrument = \"{longest}i\"")),
    ] {
        let with = |keys: &str| format!("{GOOD}{keys}\n");
        check(folder_with(&[("site.toml", &with(&good))]).path()).is(0);
        assert!(faults(&with(&one_past)).ends_with("1 fault found\n"), "{one_past}");
    }
    for good in ["silence_alarm_s = 1", "instrument = \"a\"", "announce_orders = false"] {
        check(folder_with(&[("site.toml", &format!("{GOOD}{good}\n"))]).path()).is(0);
    }
}
