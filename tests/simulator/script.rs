//! Scripted analysers: what a script may say, and that it is followed.

use std::collections::BTreeMap;
use std::io::Write;

use hemogate::limits::SCRIPT_STEPS_MAX;
use hemogate::simulator::{Model, Script, Step};

use crate::asked::{Host, right};
use crate::command::simulated;

fn faults(text: &str) -> Vec<String> {
    let faults = Script::parse("day.toml", text, &Model::CobasE601.into()).unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn every_fault_of_a_script_is_told_at_once_with_its_line() {
    let faults = faults(
        "[[step]]\nask = \"A\"\nexpect = \"work\"\n\n[[step]]\nask = \"B\"\nrun = true\n\n\
         [[step]]\nfault = \"gremlin=1\"\n\n[[step]]\nsend = [\"C\"]\n\
         readings = { alt = \"1\", hbsag = \"A\" }\n\n[[step]]\nwait_s = 99999\nwhy = \"x\"\n",
    );
    for (place, what) in [
        ("day.toml:3", "orders, no work, nothing or refused"),
        ("day.toml:5", "exactly one of"),
        ("day.toml:10", "gremlin"),
        ("day.toml:14", "does not report alt"),
        ("day.toml:14", "hbsag can't be"),
        ("day.toml:17", "not between"),
        ("day.toml:18", "why"),
    ] {
        let found = faults.iter().any(|fault| fault.starts_with(place) && fault.contains(what));
        assert!(found, "{place}, {what}: {faults:#?}");
    }
}

#[test]
fn a_script_has_steps_up_to_the_bound() {
    let steps = |count: usize| "[[step]]\nrun = true\n".repeat(count);
    let parse = |text: &str| Script::parse("day.toml", text, &Model::Maglumi.into());
    let most = parse(&steps(SCRIPT_STEPS_MAX)).unwrap();
    assert_eq!(most.steps, vec![Step::Run; SCRIPT_STEPS_MAX]);
    assert!(parse(&steps(SCRIPT_STEPS_MAX + 1)).is_err());
    assert!(parse("").is_err());
}

#[test]
fn a_fault_of_the_bench_or_of_another_kind_of_line_is_no_step() {
    assert!(faults("[[step]]\nfault = \"swapped-tubes=1\"\n")[0].contains("bench"));
    let text = "[[step]]\nfault = \"bad-checksum=1\"\n";
    assert!(Script::parse("day.toml", text, &Model::MindrayBs.into()).is_err());
}

/// Runs the command with this script towards a host that has work for one donation.
async fn followed(script: &str) -> (Option<i32>, String, String) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(script.as_bytes()).unwrap();
    let model = Model::CobasE601;
    let codes = ["515", "286", "515"].map(str::to_owned).to_vec();
    let work = BTreeMap::from([("A999926000017".to_owned(), codes)]);
    let host = Host::of(model, work, right(model)).await;
    let line = format!("tcp:{}", host.address);
    let path = file.path().to_str().unwrap();
    let arguments = [
        ["--profile", "roche-cobas-e601"],
        ["--connect", &line],
        ["--script", path],
        ["--haste", "20"],
    ];
    simulated(arguments.as_flattened()).await
}

#[tokio::test]
async fn a_script_is_followed_step_by_step() {
    let (code, out, err) = followed(
        r#"
        [[step]]
        send = ["A999926000018"]
        readings = { hbsag = "reactive", hiv = "failed" }
        [[step]]
        fault = "noise=1000"
        [[step]]
        ask = "A999926000017"
        rack = 7
        position = 3
        expect = "orders"
        codes = ["286", "515", "515"]
        [[step]]
        fault = "noise=0"
        [[step]]
        run = true
        [[step]]
        drop_line = true
        [[step]]
        ask = ""
        expect = "no work"
        [[step]]
        ask = "@7"
        expect = "no work"
        [[step]]
        wait_s = 2
        expect = "nothing"
        "#,
    )
    .await;
    assert_eq!(code, Some(0), "{out}\n{err}");
    assert!(out.contains("asked about \"A999926000017\": orders 286, 515, 515"), "{out}");
    assert!(out.contains("ordered 3, run 3, results acknowledged 2"), "{out}");
    assert!(out.contains("faults: noise "), "{out}");
}

#[tokio::test]
async fn what_did_not_come_as_expected_is_named_by_step_and_exits_1() {
    let (code, out, err) = followed(
        r#"
        [[step]]
        ask = "A999926000099"
        expect = "orders"
        [[step]]
        ask = "A999926000017"
        expect = "orders"
        codes = ["286"]
        "#,
    )
    .await;
    assert_eq!(code, Some(1), "{out}\n{err}");
    assert!(err.contains("step 1: expected orders, came no work"), "{err}");
    assert!(err.contains("step 2: expected the tests 286, ordered were 286, 515, 515"), "{err}");
}

#[tokio::test]
async fn refused_orders_are_refused_until_they_are_taken_again() {
    let (code, out, err) = followed(
        r#"
        [[step]]
        refuse = true
        [[step]]
        ask = "A999926000017"
        expect = "refused"
        [[step]]
        refuse = false
        [[step]]
        run = true
        "#,
    )
    .await;
    assert_eq!(code, Some(0), "{out}\n{err}");
    assert!(out.contains("ordered 0, run 0"), "{out}");
}

#[tokio::test]
async fn a_script_with_faults_is_not_begun() {
    let (code, out, err) = followed("[[step]]\nask = 7\n").await;
    assert_eq!(code, Some(1), "{out}");
    assert!(err.contains(":2:"), "{err}");
}
