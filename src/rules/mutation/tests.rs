//! Which mutants there are of a small set, and what notices them.

use super::*;
use crate::domain::Verdict;
use crate::rules::read::tests::SAMPLE;

fn sample() -> RuleSet {
    RuleSet::parse("s.toml", SAMPLE).unwrap()
}

fn find<'m>(mutants: &'m [Mutant], what: &str) -> &'m Mutant {
    let found = mutants.iter().find(|mutant| mutant.what.contains(what));
    found.unwrap_or_else(|| panic!("no mutant {what:?}"))
}

fn all_become(fate: Fate, names: &[&str]) {
    let rules = sample();
    let all = mutants(&rules);
    for what in names {
        assert_eq!(super::fate(&rules, find(&all, what), |_| false), fate, "{what}");
    }
}

#[test]
fn a_dropped_row_and_a_danger_weakened_to_pass_are_refused_by_the_proof() {
    let refused = [
        "[table.abo] row dropped",
        "[table.run] hold weakened to pass",
        "check viruses: hbsag not needed in its set of evidence",
        "[table.donor] reject weakened to pass",
        "check viruses: dropped",
        "check alt: needs dropped",
        "donor not judged",
        "process not judged",
        "check rhd: confirmation dropped",
    ];
    all_become(Fate::Refused, &refused);
}

#[test]
fn what_only_a_case_can_notice_survives_without_one() {
    let survives = [
        "[table.donor] reject weakened to hold",
        "[table.reagent] reason DELIVERY_NOT_ACCEPTED swapped for MISSING",
        "[table.rhd] label RHD_POSITIVE dropped",
        "[table.serology] next step repeat_in_duplicate dropped",
        "[table.serology] consequence for the donor (permanent) dropped",
        "check viruses: not required",
        "check viruses: one round fewer",
        "check viruses: run dropped",
        "check nat: pool dropped",
        "check nat: discriminatory tests dropped",
        "check alt: limit 2: above raised by one",
        "check alt: limit 2 dropped",
        "check haemoglobin: limit 1: for everybody",
        "check abo: history not compared",
        "check abo: one determination of a first donor fewer",
        "signature not judged",
        "control rule 1-3s only warns",
        "a result without status counts",
    ];
    all_become(Fate::Survived, &survives);
}

#[test]
fn a_case_that_comes_out_otherwise_notices() {
    let rules = sample();
    let all = mutants(&rules);
    let mutant = find(&all, "check viruses: one round fewer");
    let notices = |set: &RuleSet| set.checks()[0].rounds != 2;
    assert_eq!(fate(&rules, mutant, notices), Fate::Noticed);
    assert!(!notices(&rules));
}

#[test]
fn a_mutant_that_decides_everything_alike_is_none() {
    let rules = sample();
    let all = mutants(&rules);
    let same = find(&all, "[table.registration] condition on results dropped");
    let fate = fate(&rules, same, |_| true);
    assert_eq!(fate, Fate::Equivalent, "where it fits more a worse row fits, whatever cases say");
}

#[test]
fn the_score_counts_every_mutant_once_and_names_survivors_by_line() {
    let rules = sample();
    let all = mutants(&rules);
    let asked = std::cell::Cell::new(0);
    let progress = std::cell::Cell::new((0, 0));
    let notices = |set: &RuleSet| {
        asked.set(asked.get() + 1);
        set.table(crate::rules::Judges::Signature).is_some()
    };
    let score =
        score(&[Run { rules: &rules, notices: &notices }], |done, of| progress.set((done, of)));
    assert_eq!(score.mutants() + score.equivalent, all.len());
    assert_eq!(progress.get(), (all.len(), all.len()));
    assert_eq!(asked.get(), score.noticed + score.survivors.len());
    let survivors: Vec<_> = score.survivors.iter().map(|(_, what)| what.as_str()).collect();
    assert_eq!(survivors, ["signature not judged"]);
    assert_eq!(score.percent(), 99, "not everything was noticed");
    let blind = super::score(&[Run { rules: &rules, notices: &|_| false }], |_, _| {});
    let (line, what) =
        blind.survivors.iter().find(|(_, what)| what.contains("hold weakened")).unwrap();
    let row = SAMPLE.lines().nth(line.unwrap() - 1).unwrap();
    assert!(row.contains("then = \"hold\""), "{what}: {row}");
}

#[test]
fn what_survives_one_choice_may_be_noticed_with_another() {
    let rules = sample();
    let text = format!("{SAMPLE}\n[site]\nfirst_reactive = \"reject\"\n");
    let other = RuleSet::parse("s.toml", &text).unwrap();
    let at_once = |set: &RuleSet| {
        let rows = set.tables().flat_map(|table| &table.rows);
        rows.filter(|row| row.then.verdict == Verdict::Reject).count()
    };
    let right = at_once(&other);
    let notices = |set: &RuleSet| at_once(set) != right;
    let blind = |_: &RuleSet| false;
    let runs = [Run { rules: &rules, notices: &blind }, Run { rules: &other, notices: &notices }];
    let both = score(&runs, |_, _| {});
    let alone = score(&runs[..1], |_, _| {});
    assert!(both.noticed > 0 && both.mutants() > alone.mutants(), "{both:?}");
    assert!(both.survivors.len() < alone.survivors.len());
}

#[test]
fn nothing_to_notice_is_a_full_score() {
    assert_eq!(Score::default().percent(), 100);
}
