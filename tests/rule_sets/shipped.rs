//! Every set that we ship is proved as it stands, and with every choice that it leaves to a site.

use std::collections::BTreeMap;
use std::path::Path;

use hemogate::rules::RuleSet;

pub const NAMES: [&str; 3] = ["eu", "uk", "us"];

pub fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/rules").join(name);
    std::fs::read_to_string(path.with_extension("toml")).unwrap()
}

pub fn parse(name: &str, text: &str) -> RuleSet {
    RuleSet::parse(name, text).unwrap_or_else(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        panic!("{name}:\n{}", faults.join("\n"))
    })
}

#[test]
fn every_set_is_read_and_proved() {
    for name in NAMES {
        let set = parse(name, &text(name));
        assert_eq!(set.identity().name, name);
        assert!(set.status().starts_with("NOT VALIDATED"), "{name}");
    }
}

/// A switch that makes a set unsafe would be found by the laboratory that needs it. Every choice
/// stands in one of a few sites, beside choices of all the other switches.
#[test]
fn every_choice_of_every_switch_is_proved_too() {
    for name in NAMES {
        let text = text(name);
        let set = parse(name, &text);
        let most = set.switches().values().map(|switch| switch.choices.len()).max().unwrap();
        for turn in 0..most {
            let choice = |choices: &[String]| choices[turn % choices.len()].clone();
            let chosen: BTreeMap<String, String> = set
                .switches()
                .iter()
                .map(|(name, switch)| (name.clone(), choice(&switch.choices)))
                .collect();
            let with = RuleSet::with_site(&text, &chosen).unwrap();
            let site = parse(&format!("{name}, turn {turn}"), &with);
            for (switch, choice) in &chosen {
                assert_eq!(&site.switches()[switch].value, choice, "{name}");
            }
        }
    }
}
