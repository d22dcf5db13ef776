//! The language of case files: what is refused, where, and with what would be right.

use hemogate::casebook;

fn faults(text: &str) -> Vec<String> {
    let faults = casebook::read("cases.toml", text).unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

fn case(body: &str) -> String {
    format!("rules = \"cn\"\n[[case]]\nid = \"a\"\nverdict = \"HOLD\"\n{body}\n")
}

#[test]
fn a_word_that_is_not_understood_is_told_with_its_line_and_with_what_would_be() {
    let text = case("change = [\n  \"no NAT\",\n  \"HBsAg kit A is wobbly\",\n]");
    let [fault] = faults(&text).try_into().unwrap();
    assert!(fault.starts_with("cases.toml:7:3: case[1].change[2]: "), "{fault}");
    assert!(fault.contains("\"wobbly\" is not understood"), "{fault}");
    assert!(fault.contains("\"HBsAg kit A is reactive\""), "{fault}");
}

#[test]
fn every_fault_of_a_file_is_told_at_once() {
    let text = "rules = \"cn\"\nbaseline = \"atlantis\"\nspare = 1\n\
                [[case]]\nid = \"a\"\nverdict = \"GOOD\"\nreason = \"NO_SUCH\"\nchange = \"what\"\n\
                [[case]]\nid = \"a\"\nverdict = \"HOLD\"\nnext = \"dance\"\nlabels = \"BLUE\"\n\
                donor = \"forever\"\n[[case]]\nverdict = \"HOLD\"\n";
    let told = faults(text).join("\n");
    for part in [
        "baseline: \"atlantis\" is no shipped baseline: one of cn, eu, uk, us",
        "spare: is not a known key",
        "case[1].verdict: \"GOOD\" is no verdict",
        "case[1].reason: \"NO_SUCH\" is no reason code",
        "case[1].change: no sentence begins with \"what\"",
        "case[2].id: case \"a\" stands on line 4 already",
        "case[2].next: \"dance\" is no next step",
        "case[2].labels: \"BLUE\" is no label",
        "case[2].donor: \"forever\" is neither",
        "case[3].id: is missing",
    ] {
        assert!(told.contains(part), "{part} in\n{told}");
    }
}

#[test]
fn a_file_without_rules_or_cases_is_refused() {
    let told = faults("").join("\n");
    assert!(told.contains("`rules` is missing") && told.contains("there is no case"), "{told}");
}

#[test]
fn an_answer_that_an_assay_cannot_give_is_refused() {
    for (sentence, why) in [
        ("ABO is reactive", "abo is A, B, O, AB or invalid"),
        ("HBsAg is A", "hbsag is reactive, nonreactive"),
        ("RhD is grey zone", "rhd is positive, negative"),
        ("ALT is reactive", "alt is a number"),
    ] {
        let told = faults(&case(&format!("change = {sentence:?}"))).join("\n");
        assert!(told.contains(why), "{sentence}: {told}");
    }
}

/// Words of the tables that people wrote before there was a language, and other ways to say things.
#[test]
fn common_ways_to_say_things_are_understood() {
    for sentence in [
        "hbsag A is reactive",
        "HBsAg assay A reactive",
        "duplicate = NR/NR",
        "HBsAg kit A duplicate: NR/INVALID",
        "anti-HCV S/CO 0.92",
        "HIV Ag/Ab S/CO = 1.00",
        "ALT = 50 U/L",
        "Hb 118 g/L",
        "NAT result absent",
        "pool of 6 reactive",
        "pool P1 of 6 is nonreactive",
        "pool reactive",
        "this member individually NR",
        "another member reactive",
        "all 6 members individually NR",
        "RhD first test negative",
        "kit negative or positive control of HBsAg outside limits",
        "one operator recorded for both serology rounds",
        "same operator recorded for both serology rounds",
        "tester = reviewer = signer",
        "report is not signed",
        "donor currently deferred",
        "donor shielded",
        "first donation",
        "anti-HBs is 120 mIU/mL 30 months ago",
        "external control of HBsAg breaks 1-3s and 2-2s",
        "syphilis is reactive",
        "HIV NAT is reactive",
        "two ABO tests disagree",
        "one ABO test only",
        "anti-D negative",
        "weak-D test positive",
        "lookback overdue",
        "computer out of service",
        "anti-HBc repeat reactive on an earlier occasion",
        "CMV is reactive",
        "plasma for fractionation only",
        "autologous predeposit",
        "collected on 2031-01-01",
    ] {
        casebook::understand(sentence).unwrap_or_else(|why| panic!("{sentence}: {why}"));
    }
}
