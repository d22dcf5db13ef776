use super::*;
use crate::rules::proof;

/// A whole set that breaks nowhere.
pub(in crate::rules) const SAMPLE: &str = include_str!("sample.toml");

fn faults(text: &str) -> Vec<String> {
    match read("s.toml", text) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn the_sample_is_read_whole_and_proven() {
    assert_eq!(faults(SAMPLE), Vec::<String>::new());
    let content = read("s.toml", SAMPLE).unwrap();
    let proof = proof::prove(&content);
    let found: Vec<_> = proof.faults("s.toml", &content).iter().map(ToString::to_string).collect();
    assert_eq!(found, Vec::<String>::new());
    for warning in &proof.warnings {
        println!("{warning}");
    }
    for table in &proof.tables {
        println!(
            "{} {} {:?} ties {}",
            table.name,
            table.combinations,
            table.verdicts,
            table.ties.len()
        );
    }
    println!("{} {}", proof.combinations, proof.product);
}
