//! Mutants of everything beside rows: what is required, limits, tables that are not asked.

use rust_decimal::Decimal;

use crate::domain::{DonationKind, WestgardRule};

use super::super::content::{CheckRule, Content, Limit, Need};
use super::super::question::Judges;
use super::{Mutant, Sort, Wrong};

/// Something said for the whole set, wrong.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whole {
    /// Nothing judges this.
    NotJudged(Judges),
    /// A control rule does not count as one that rejects.
    DoesNotReject(WestgardRule),
    /// A control rule that rejects only warns.
    OnlyWarns(WestgardRule),
    /// A control rule does not warn.
    DoesNotWarn(WestgardRule),
    /// A result without status counts.
    WithoutStatus,
}

impl Whole {
    pub(super) fn apply(self, content: &mut Content) {
        match self {
            Whole::NotJudged(judges) => drop(content.decide.remove(&judges)),
            Whole::DoesNotReject(rule) => content.reject.retain(|known| *known != rule),
            Whole::OnlyWarns(rule) => {
                content.reject.retain(|known| *known != rule);
                content.warn.push(rule);
            }
            Whole::DoesNotWarn(rule) => content.warn.retain(|known| *known != rule),
            Whole::WithoutStatus => content.without_status_counts = true,
        }
    }
}

/// Every mutant of a check or of the set as a whole.
pub(super) fn mutants(content: &Content) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (place, check) in content.checks.iter().enumerate() {
        let name = &check.name;
        let mutant = |what: &str, wrong: Option<Box<CheckRule>>| Mutant {
            what: format!("check {name}: {what}"),
            line: None,
            sort: Sort::Wiring,
            wrong: Wrong::Check(place, wrong),
        };
        found.push(mutant("dropped", None));
        let wrong = [needs(check), gates(check), counts(check), evidence(check), limits(check)];
        let wrong = wrong.into_iter().flatten();
        found.extend(wrong.map(|(what, check)| mutant(&what, Some(Box::new(check)))));
    }
    let whole = whole(content).into_iter();
    found.extend(whole.map(|(what, wrong)| Mutant {
        what,
        line: None,
        sort: Sort::Wiring,
        wrong: Wrong::Whole(wrong),
    }));
    found
}

type Changed = (String, CheckRule);

/// The same check, made wrong.
fn with(what: impl Into<String>, check: &CheckRule, wrong: impl FnOnce(&mut CheckRule)) -> Changed {
    let mut check = check.clone();
    wrong(&mut check);
    (what.into(), check)
}

fn needs(check: &CheckRule) -> Vec<Changed> {
    let mut found = Vec::new();
    if check.required == Need::Yes {
        found.push(with("not required", check, |c| c.required = Need::WhereRun));
        let kinds = DonationKind::ALL.into_iter().filter(|kind| !check.not_for.contains(kind));
        found.extend(kinds.map(|kind| {
            let what = format!("not required for {}", kind.id());
            with(what, check, |c| c.not_for.push(kind))
        }));
    }
    if check.needs.is_some() {
        found.push(with("needs dropped", check, |c| c.needs = None));
    }
    if let Some(later) = check.from.and_then(|from| from.tomorrow().ok()) {
        found.push(with("required a day later", check, |c| c.from = Some(later)));
    }
    if let Some(earlier) = check.until.and_then(|until| until.yesterday().ok()) {
        found.push(with("required a day less", check, |c| c.until = Some(earlier)));
    }
    found
}

fn gates(check: &CheckRule) -> Vec<Changed> {
    let gates = [
        check.reagent.is_some().then(|| with("reagent dropped", check, |c| c.reagent = None)),
        check.run.is_some().then(|| with("run dropped", check, |c| c.run = None)),
        check.specimen.is_some().then(|| with("specimen dropped", check, |c| c.specimen = None)),
        check.pool.is_some().then(|| with("pool dropped", check, |c| c.pool = None)),
    ];
    gates.into_iter().flatten().collect()
}

fn counts(check: &CheckRule) -> Vec<Changed> {
    let mut found = Vec::new();
    if check.rounds > 1 {
        found.push(with("one round fewer", check, |c| c.rounds -= 1));
    }
    if check.repeats > 1 {
        found.push(with("one repeat fewer", check, |c| c.repeats -= 1));
    }
    if check.same_kit {
        found.push(with("repeats with another kit count", check, |c| c.same_kit = false));
    }
    if check.determinations.first > 1 {
        let what = "one determination of a first donor fewer";
        found.push(with(what, check, |c| c.determinations.first -= 1));
    }
    if check.determinations.repeat > 1 {
        let what = "one determination of a repeat donor fewer";
        found.push(with(what, check, |c| c.determinations.repeat -= 1));
    }
    if check.history {
        found.push(with("history not compared", check, |c| c.history = false));
    }
    if check.confirms.is_some() {
        found.push(with("confirmation dropped", check, |c| c.confirms = None));
    }
    if !check.discriminatory.is_empty() {
        found.push(with("discriminatory tests dropped", check, |c| c.discriminatory.clear()));
    }
    found
}

/// Less is enough; with one set for each assay, dropping one drops nothing that is asked for.
fn evidence(check: &CheckRule) -> Vec<Changed> {
    let joined = check.evidence.iter().enumerate().filter(|(_, set)| set.len() > 1);
    let fewer = joined.flat_map(|(place, set)| {
        set.iter().map(move |assay| {
            with(format!("{assay} not needed in its set of evidence"), check, |c| {
                let own = c.evidence.get_mut(place);
                own.into_iter().for_each(|set| set.retain(|known| known != assay));
            })
        })
    });
    fewer.collect()
}

fn limits(check: &CheckRule) -> Vec<Changed> {
    let mut found = Vec::new();
    for (place, limit) in check.limits.iter().enumerate() {
        let mut change = |what: &str, wrong: fn(&mut Limit)| {
            let what = format!("limit {}: {what}", place + 1);
            let changed = with(what, check, |c| {
                c.limits.get_mut(place).into_iter().for_each(wrong);
            });
            found.push(changed);
        };
        if limit.above.is_some() {
            change("above raised by one", |l| l.above = l.above.map(|n| n + Decimal::ONE));
            change("above lowered by one", |l| l.above = l.above.map(|n| n - Decimal::ONE));
        }
        if limit.below.is_some() {
            change("below lowered by one", |l| l.below = l.below.map(|n| n - Decimal::ONE));
            change("below raised by one", |l| l.below = l.below.map(|n| n + Decimal::ONE));
        }
        change("at the limit judged otherwise", |l| l.or_equal = !l.or_equal);
        let later = check.limits.iter().skip(place + 1);
        if limit.sex.is_some() && !later.into_iter().any(|other| is_for_the_rest(limit, other)) {
            change("for everybody", |l| l.sex = None);
        }
    }
    let dropped = (0..check.limits.len()).map(|place| {
        with(format!("limit {} dropped", place + 1), check, |c| drop(c.limits.remove(place)))
    });
    found.extend(dropped);
    found
}

/// Whether this limit, which comes later and so is preferred, is for the others wherever that one
/// is.
fn is_for_the_rest(limit: &Limit, later: &Limit) -> bool {
    later.sex != limit.sex && later.from <= limit.from && later.kinds == limit.kinds
}

/// Mutants of what is said for the whole set.
fn whole(content: &Content) -> Vec<(String, Whole)> {
    let judged = content.decide.keys();
    let mut found: Vec<(String, Whole)> =
        judged.map(|kind| (format!("{} not judged", kind.id()), Whole::NotJudged(*kind))).collect();
    for rule in &content.reject {
        let id = rule.id();
        found.push((format!("control rule {id} does not reject"), Whole::DoesNotReject(*rule)));
        found.push((format!("control rule {id} only warns"), Whole::OnlyWarns(*rule)));
    }
    for rule in &content.warn {
        let what = format!("control rule {} does not warn", rule.id());
        found.push((what, Whole::DoesNotWarn(*rule)));
    }
    if !content.without_status_counts {
        found.push(("a result without status counts".to_owned(), Whole::WithoutStatus));
    }
    found
}
