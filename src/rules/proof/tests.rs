//! What the proof refuses and tells, each with its example.

use proptest::prelude::*;

use super::*;
use crate::domain::Verdict;
use crate::rules::RuleSet;
use crate::rules::read::tests::SAMPLE;
use crate::rules::table::{Answers, Row, Table, Then};

/// Some table of a kind, made from a number: any rows, in any order, with gaps and dangers.
pub(in crate::rules) fn table(judges: Judges, seed: u64) -> Table {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let rows = (0..9).map(|line| {
        let questions = judges.questions().iter().enumerate();
        let given = questions.filter_map(|(place, question)| {
            let answers = (1_u64 << question.answers.len()) - 1;
            let some = 1 + next(answers);
            (next(3) == 0).then_some((place, u32::try_from(some).unwrap()))
        });
        let given = given.collect();
        let verdict = Verdict::ALL[usize::try_from(next(4)).unwrap()];
        row(given, verdict, line + 1)
    });
    Table { name: "some".to_owned(), judges, rows: rows.collect() }
}

fn row(given: Vec<(usize, u32)>, verdict: Verdict, line: usize) -> Row {
    let (code, next, label, donor) = (None, None, None, None);
    let then = Then { verdict, code, next, label, donor, clause: String::new() };
    Row { given, then, line }
}

/// What the sample is refused for after one change; the change must change it.
fn refused(from: &str, to: &str) -> String {
    let text = SAMPLE.replacen(from, to, 1);
    assert_ne!(text, SAMPLE, "{from:?} is not in the sample");
    match RuleSet::parse("s.toml", &text) {
        Ok(_) => String::new(),
        Err(faults) => faults.iter().map(|fault| format!("{fault}\n")).collect(),
    }
}

#[test]
fn a_gap_is_refused_with_an_example() {
    let row =
        "  { identity = \"merged\", then = \"hold\", reason = \"DONOR_MERGE\", by = \"own\" },\n";
    let clear = "{ record = \"clear\", then";
    let narrower = "{ record = \"clear\", identity = \"one\", then";
    let text = SAMPLE.replacen(row, "", 1).replacen(clear, narrower, 1);
    let faults = RuleSet::parse("s.toml", &text).unwrap_err();
    let told: Vec<_> = faults.iter().map(|fault| fault.message.as_str()).collect();
    let gap = "no row fits 1 combination, e.g. two donor records were merged, one of them adverse";
    assert_eq!(
        told,
        [
            gap,
            "lets pass what must never pass: merged donor records (1 combination, \
        e.g. reinstated after nonspecific reactivity, or requalified; two donor records were \
        merged, one of them adverse)"
        ]
    );
    assert!(faults.iter().all(|fault| fault.key == "table.donor"));
}

#[test]
fn a_danger_that_passes_is_refused_with_its_row() {
    let faults =
        refused("lot = [\"released\", \"not_recorded\"]", "lot = [\"released\", \"recalled\"]");
    let gap = "no row fits 2 combinations, e.g. the lot is not on record";
    assert!(faults.contains(gap), "{faults}");
    let row = "{ lot = \"recalled\", then = \"hold\", reason = \"LOT_RECALLED\"";
    let passes = "{ lot = \"recalled\", then = \"pass\", reason = \"LOT_RECALLED\"";
    let faults = refused(row, passes);
    let line = SAMPLE.lines().position(|line| line.contains(row)).unwrap() + 1;
    let told = format!(
        "s.toml:{line}:1: table.reagent: lets pass what must never pass: a recalled lot \
         (2 combinations, e.g. the lot was recalled)\n"
    );
    assert!(faults.contains(&told), "{faults}");
}

#[test]
fn every_danger_of_every_kind_is_found_where_everything_passes() {
    for judges in Judges::ALL.into_iter().filter(|judges| !judges.dangers().is_empty()) {
        let rows = vec![row(Vec::new(), Verdict::Releasable, 1)];
        let table = Table { name: "open".to_owned(), judges, rows };
        let proof = prove_table(&table);
        let found: Vec<_> = proof
            .refusals
            .iter()
            .filter_map(|refusal| match refusal {
                Refusal::Danger { danger, .. } => Some(danger.words),
                _ => None,
            })
            .collect();
        let all: Vec<_> = judges.dangers().iter().map(|danger| danger.words).collect();
        assert_eq!(found, all, "{}", judges.id());
    }
}

#[test]
fn an_adverse_fact_that_improves_is_refused_with_both_sides() {
    let row = "{ kit_controls = \"failed\", then = \"pending\", reason = \"RUN_INVALID\"";
    let held = "{ kit_controls = \"not_recorded\", then = \"hold\", reason = \"QC_MISSING\", by = \
                \"own\" },\n  { kit_controls = \"failed\", then = \"pending\", reason = \
                \"RUN_INVALID\"";
    let faults = refused(row, held);
    let told = "an adverse fact (a control of the kit failed) improves the verdict in 3 \
                combinations: not all controls of the kit are on record is hold, but a control of \
                the kit failed is pending";
    assert!(faults.contains(told), "{faults}");
}

#[test]
fn a_row_that_never_fits_or_never_decides_is_refused() {
    let row = "{ latest = \"void\", then = \"pending\"";
    let never = "{ first = \"nonreactive\", repeats = \"reactive\", then = \"hold\", reason = \
                 \"INVALID\", by = \"own\" },\n  { latest = \"void\", then = \"pending\"";
    let faults = refused(row, never);
    assert!(faults.contains("this row can never fit: no facts give such answers"), "{faults}");
    let idle = "{ corrected = \"to_reactive\", repeats = \"reactive\", then = \"hold\", reason = \
                \"INVALID\", by = \"own\" },\n  { latest = \"void\", then = \"pending\"";
    let faults = refused(row, idle);
    let told = "this row never decides: wherever it fits, a worse one does, e.g. line ";
    assert!(faults.contains(told), "{faults}");
}

#[test]
fn ties_are_reported_with_both_rows_and_an_example() {
    let proof = RuleSet::parse("s.toml", SAMPLE).unwrap().proof();
    let donor = proof.tables.iter().find(|table| table.name == "donor").unwrap();
    let said: Vec<_> = donor.ties.iter().map(|tie| tie.example.words(Tongue::English)).collect();
    let merged = "two donor records were merged, one of them adverse";
    let reactive = "an earlier donation was reactive, not requalified";
    let expected = [
        format!("the donor's record is flagged; {merged}"),
        format!("the donor is deferred; {reactive}"),
    ];
    assert_eq!(said, expected);
    assert_eq!(donor.ties[0].combinations, 1);
    let lines = donor.ties[0].lines;
    assert!(SAMPLE.lines().nth(lines.0 - 1).unwrap().contains("DONOR_FLAGGED"));
    assert!(SAMPLE.lines().nth(lines.1 - 1).unwrap().contains("DONOR_MERGE"));
}

#[test]
fn what_is_not_demanded_is_warned_of() {
    let proof = RuleSet::parse("s.toml", SAMPLE).unwrap().proof();
    let said: Vec<_> = proof.warnings.iter().map(ToString::to_string).collect();
    let told = |text: &str| said.iter().any(|warning| warning.contains(text));
    assert!(told("[table.reagent] lets pass: the lot is not on record"), "{said:#?}");
    assert!(told("[table.process] lets pass: a look-back is open, within its days"));
    assert!(told("the controls of a result are not judged: nat,"));
    assert!(told("not required, judged where it was run: htlv, others, haemoglobin, cmv"));
    assert!(told("repeats with another kit count: htlv"));
    assert!(told("not judged, whatever it says: anti-hbs"));
    assert!(!told("signed") && !told("a discriminatory test"), "{said:#?}");
    let unsigned = SAMPLE.replacen("signature = \"signature\"\n", "", 1);
    let (before, rest) = unsigned.split_once("[table.signature]").unwrap();
    let (_, after) = rest.split_once("[table.process]").unwrap();
    let unsigned = format!("{before}[table.process]{after}");
    let unsigned = unsigned.replacen("reject = [\"1-3s\", ", "reject = [", 1);
    let unsigned = unsigned.replacen("\"does_not_count\"", "\"counts\"", 1);
    let said: Vec<_> = RuleSet::parse("s.toml", &unsigned).unwrap().proof().warnings;
    let told = |text: &str| said.iter().any(|warning| warning.text.contains(text));
    assert!(told("a donation that nobody reviewed and signed is released"), "{said:#?}");
    assert!(told("the control rule 1-3s neither warns nor rejects"));
    assert!(told("a result counts for which the analyser sent no status"));
}

#[test]
fn the_numbers_of_a_proof_are_those_of_its_tables() {
    let set = RuleSet::parse("s.toml", SAMPLE).unwrap();
    let proof = set.proof();
    assert_eq!(proof.combinations, proof.tables.iter().map(|t| t.combinations).sum::<usize>());
    for table in &proof.tables {
        let verdicts: usize = table.verdicts.iter().map(|(_, count)| count).sum();
        assert_eq!(
            verdicts, table.combinations,
            "each combination has one verdict: {}",
            table.name
        );
    }
    let size = |name: &str| proof.tables.iter().find(|t| t.name == name).unwrap().combinations;
    let whole = ["registration", "donor", "signature", "process"].map(size);
    let of_checks = set.checks().iter().flat_map(|c| c.tables().map(|(_, t)| size(&t.name)));
    let mut product = Magnitude::one();
    for size in whole.into_iter().chain(of_checks.collect::<Vec<_>>()) {
        product.multiply(u32::try_from(size).unwrap());
    }
    assert_eq!(proof.product, product);
}

#[test]
fn every_choice_of_every_switch_is_shown_and_a_dangerous_one_found() {
    let set = RuleSet::parse("s.toml", SAMPLE).unwrap();
    let others = set.with_every_choice("s.toml");
    let named: Vec<_> = others.iter().map(|o| (o.switch.as_str(), o.choice.as_str())).collect();
    assert_eq!(
        named,
        [
            ("alt_limit", "40"),
            ("alt_limit", "90"),
            ("first_reactive", "reject"),
            ("htlv", "yes"),
            ("rounds", "1")
        ]
    );
    assert!(others.iter().all(|other| other.proof.is_ok()));
    let row =
        "{ first = \"reactive\", then = \"reject\", reason = \"REACTIVE\", donor = \"temporary\"";
    let text = SAMPLE.replacen(row, "{ first = \"reactive\", then = \"pass\"", 1);
    assert_ne!(text, SAMPLE);
    let set = RuleSet::parse("s.toml", &text).expect("good as the file chooses");
    let wrong = set.with_every_choice("s.toml").into_iter().filter(|other| other.proof.is_err());
    let wrong: Vec<_> = wrong.map(|other| (other.switch, other.choice)).collect();
    assert_eq!(wrong, [("first_reactive".to_owned(), "reject".to_owned())]);
}

#[test]
fn a_table_may_have_as_many_combinations_as_the_bound_and_not_one_more() {
    let most = crate::limits::TABLE_COMBINATIONS_MAX;
    assert!(super::table::is_walkable(most) && !super::table::is_walkable(most + 1));
    for judges in Judges::ALL {
        let answers = judges.questions().iter().map(|question| question.answers.len());
        let all: usize = answers.product();
        assert!(all <= most, "a {} table that asks everything cannot be read", judges.id());
    }
    let refusal = Refusal::TooMany { combinations: most + 1 };
    assert!(refusal.words().contains("more than"), "{}", refusal.words());
}

fn kinds() -> impl Strategy<Value = Judges> {
    prop::sample::select(Judges::ALL.to_vec())
}

/// Rows that are kept as long as they are needed and right: a table that passes the proof, from one
/// that does not.
fn mended(mut table: Table) -> Table {
    table.rows.push(row(Vec::new(), Verdict::Releasable, 98));
    for line in 0..64 {
        let proof = prove_table(&table);
        let Some(refusal) = proof.refusals.first() else { return table };
        match refusal {
            Refusal::NeverFits { line } | Refusal::NeverDecides { line, .. } => {
                let line = *line;
                table.rows.retain(|row| row.line != line);
            }
            Refusal::Danger { danger, .. } => {
                let questions = table.judges.questions();
                let given = danger.when.iter().map(|(id, answers)| {
                    let place = questions.iter().position(|question| question.id == *id).unwrap();
                    let bits = answers.iter().map(|a| 1 << questions[place].place(a).unwrap());
                    (place, bits.sum())
                });
                table.rows.push(row(given.collect(), Verdict::Reject, 100 + line));
            }
            Refusal::Improves { line, .. } => {
                let line = *line;
                let worst = table.rows.iter_mut().find(|row| row.line == line).unwrap();
                worst.then.verdict = Verdict::Reject;
            }
            Refusal::Gap { .. } | Refusal::TooMany { .. } => return table,
        }
    }
    table
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Held against the table itself, answer by answer, without the walk that the proof takes.
    #[test]
    fn a_table_that_is_proven_lets_no_danger_pass_and_no_adverse_fact_improve(
        judges in kinds(),
        seed in any::<u64>(),
        places in prop::collection::vec(any::<u8>(), 12 * 64),
    ) {
        let mut some = table(judges, seed);
        for row in &mut some.rows {
            row.given.retain(|(place, _)| place % 3 == usize::from(places[0]) % 3);
        }
        let table = mended(some);
        prop_assume!(prove_table(&table).refusals.is_empty());
        for places in places.chunks(12) {
            let mut answers = Answers::of(judges);
            for ((at, question), place) in judges.questions().iter().enumerate().zip(places) {
                answers.set(at, usize::from(*place) % question.answers.len());
            }
            let possible = |answers: &Answers| {
                !judges.impossible().iter().any(|when| answers.fulfils(when))
            };
            if !possible(&answers) {
                continue;
            }
            let verdict = table.verdict(&answers);
            prop_assert!(verdict.is_some(), "a gap: {answers:?}");
            for danger in judges.dangers().iter().filter(|danger| answers.fulfils(danger.when)) {
                prop_assert!(verdict > Some(Verdict::Releasable), "{}: {answers:?}", danger.words);
            }
            for question in judges.questions() {
                let now = answers.answer(question.id).unwrap();
                for (_, worse) in question.worse.iter().filter(|(better, _)| *better == now) {
                    let after = answers.with(question.id, worse);
                    prop_assert!(!possible(&after) || table.verdict(&after) >= verdict);
                }
            }
        }
    }
}
