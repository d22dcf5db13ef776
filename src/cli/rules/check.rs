//! `hemogate rules check`: one rule set, judged whole.

use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::say::say;
use super::super::{FOUND_WRONG, check::report};
use super::mutate;
use crate::clock;
use crate::rules::{OtherChoice, Proof, RuleSet, TableProof, Tongue};

/// Arguments of `hemogate rules check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Faults stand on standard error, one a line with file, line, column and key; each thing that cannot
be shown with an example in laboratory words. What the set does not demand although it is good
stands on standard output as \"warning:\".

Exit status: 0 good, 1 faults (also with another choice of a switch), or a mutant that nobody
notices, 2 used wrongly: no such file.")]
pub struct Args {
    /// A rule set that we ship, or a file (a path contains "/" or ends in ".toml")
    #[arg(value_name = "NAME|FILE")]
    rules: String,
    /// Show the same for each choice of each switch, one switch at a time
    #[arg(long)]
    every_switch: bool,
    /// Make the set wrong in every place, one at a time, and count what the proof or these case
    /// files notice; without a file, those that we ship for it
    #[arg(long, value_name = "CASES", num_args = 0..)]
    mutate: Option<Vec<String>>,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

/// What was shown.
struct Shown {
    proof: Proof,
    took: Duration,
    others: Vec<OtherChoice>,
    mutation: Option<mutate::Outcome>,
}

/// Runs `hemogate rules check`.
pub fn run(args: &Args) -> ExitCode {
    let (file, rules) = match super::find(&args.rules) {
        Ok(found) => found,
        Err(status) => return status,
    };
    let begun = clock::moment();
    let proof = rules.proof();
    let took = clock::moment().since_start().saturating_sub(begun.since_start());
    let others = if args.every_switch { rules.with_every_choice(&file) } else { Vec::new() };
    let mutation = match args.mutate.as_ref().map(|cases| mutate::run(&rules, cases)).transpose() {
        Ok(mutation) => mutation,
        Err(status) => return status,
    };
    let shown = Shown { proof, took, others, mutation };
    match args.json {
        true => say(&object(&rules, &shown).to_string()),
        false => lines(&rules, &shown).iter().for_each(|line| say(line)),
    }
    verdict(&shown)
}

fn verdict(shown: &Shown) -> ExitCode {
    let mut good = shown.mutation.as_ref().is_none_or(mutate::Outcome::is_good);
    for other in &shown.others {
        if let Err(faults) = &other.proof {
            report(faults);
            good = false;
        }
    }
    if good { ExitCode::SUCCESS } else { ExitCode::from(FOUND_WRONG) }
}

fn lines(rules: &RuleSet, shown: &Shown) -> Vec<String> {
    let (identity, proof) = (rules.identity(), &shown.proof);
    let required = rules.checks().iter();
    let required = required.filter(|c| c.required == crate::rules::Need::Yes).count();
    let mut lines = vec![
        format!("rule set {} {} of {}", identity.name, identity.version, rules.dated()),
        format!("sha256 {}", identity.sha256),
        format!(
            "{} tables, {} checks, {required} of them required, {} switches",
            proof.tables.len(),
            rules.checks().len(),
            rules.switches().len()
        ),
        heading(),
    ];
    lines.extend(proof.tables.iter().map(table));
    lines.extend(shown_lines(proof));
    lines.extend(proof.tables.iter().flat_map(ties));
    lines.extend(proof.warnings.iter().map(|warning| format!("warning: {warning}")));
    lines.extend(shown.others.iter().map(other));
    lines.extend(shown.mutation.iter().flat_map(mutate::Outcome::lines));
    lines.push(format!("the rule set is good; proven in {:.3} s", shown.took.as_secs_f64()));
    lines
}

fn heading() -> String {
    format!(
        "{:<20} {:<12} {:>4} {:>12} {:>9} {:>8} {:>8} {:>8} {:>5}",
        "table", "judges", "rows", "combinations", "pass", "pending", "hold", "reject", "ties"
    )
}

fn table(table: &TableProof) -> String {
    let mut line = format!(
        "{:<20} {:<12} {:>4} {:>12}",
        table.name,
        table.judges.id(),
        table.rows,
        table.combinations
    );
    let widths = [9, 8, 8, 8];
    for ((_, count), width) in table.verdicts.iter().zip(widths) {
        line.push_str(&format!(" {count:>width$}"));
    }
    line.push_str(&format!(" {:>5}", table.ties.len()));
    line
}

/// What was shown, in words.
fn shown_lines(proof: &Proof) -> [String; 3] {
    [
        format!(
            "shown over {} combinations of answers that facts can give: each has one verdict, \
             nothing dangerous passes, every row decides somewhere",
            proof.combinations
        ),
        format!("{} steps to a more adverse answer: none improves a verdict", proof.steps),
        format!(
            "the worst table wins, so it holds for all {} combinations of answers about a donation",
            proof.product
        ),
    ]
}

fn ties(table: &TableProof) -> Vec<String> {
    let line = |tie: &crate::rules::Tie| {
        let (one, other) = tie.lines;
        let example = tie.example.words(Tongue::English);
        let (name, count) = (&table.name, tie.combinations);
        format!(
            "tie: [table.{name}] lines {one} and {other} decide {count} together, e.g. {example}"
        )
    };
    table.ties.iter().map(line).collect()
}

fn other(other: &OtherChoice) -> String {
    let OtherChoice { switch, choice, proof } = other;
    match proof {
        Ok(proof) => {
            format!("with {switch} = {choice}: good over {} combinations", proof.combinations)
        }
        Err(faults) => format!("with {switch} = {choice}: {} faults", faults.len()),
    }
}

fn object(rules: &RuleSet, shown: &Shown) -> Value {
    let (identity, proof) = (rules.identity(), &shown.proof);
    let warnings = proof.warnings.iter().map(|w| json!({ "line": w.line, "text": w.text }));
    let others = shown.others.iter().map(|other| {
        let faults = other.proof.as_ref().err().into_iter().flatten().map(ToString::to_string);
        json!({
            "switch": other.switch,
            "choice": other.choice,
            "combinations": other.proof.as_ref().ok().map(|proof| proof.combinations),
            "faults": faults.collect::<Vec<_>>(),
        })
    });
    json!({
        "rule_set": {
            "name": identity.name, "version": identity.version, "sha256": identity.sha256,
            "dated": rules.dated().to_string(),
        },
        "combinations": proof.combinations,
        "steps": proof.steps,
        "product": proof.product.digits(),
        "seconds": shown.took.as_secs_f64(),
        "tables": proof.tables.iter().map(table_object).collect::<Vec<_>>(),
        "warnings": warnings.collect::<Vec<_>>(),
        "other_choices": others.collect::<Vec<_>>(),
        "mutation": shown.mutation.as_ref().map(mutate::Outcome::object),
    })
}

fn table_object(table: &TableProof) -> Value {
    let ties = table.ties.iter().map(|tie| {
        json!({
            "lines": [tie.lines.0, tie.lines.1],
            "combinations": tie.combinations,
            "example": tie.example.words(Tongue::English),
        })
    });
    let questions = table.judges.questions();
    let asked = table.questions.iter().filter_map(|place| questions.get(*place));
    let verdicts = table.verdicts.iter().map(|(verdict, count)| (verdict.id(), json!(count)));
    json!({
        "name": table.name,
        "judges": table.judges.id(),
        "rows": table.rows,
        "questions": asked.map(|question| question.id).collect::<Vec<_>>(),
        "combinations": table.combinations,
        "impossible": table.impossible,
        "verdicts": verdicts.map(|(id, n)| (id.to_owned(), n)).collect::<serde_json::Map<_, _>>(),
        "steps": table.steps,
        "ties": ties.collect::<Vec<_>>(),
    })
}
