//! What a donation's earlier verdicts amount to.

use super::form::VerdictForm;
use crate::domain::{
    Facts, RecordedStatement, ReleaseHistory, RuleSetStanding, Statement, Verdict,
};

/// Whether an earlier verdict let the donation go.
pub(super) fn release(earlier: &[VerdictForm]) -> ReleaseHistory {
    match earlier.last() {
        Some(last) if says(last, Verdict::Recalled) => ReleaseHistory::Recalled,
        Some(_) if earlier.iter().any(|one| says(one, Verdict::Releasable)) => {
            ReleaseHistory::Released
        }
        Some(_) | None => ReleaseHistory::NeverReleased,
    }
}

fn says(one: &VerdictForm, verdict: Verdict) -> bool {
    one.decision.verdict == verdict.id()
}

/// Whether another rule set than the one that decided last judged results of the donation, and
/// nobody looked again since. A release stands as it is.
pub(super) fn rule_set(
    last: &str,
    earlier: &[VerdictForm],
    facts: &Facts,
    statements: &[(i64, RecordedStatement)],
) -> RuleSetStanding {
    if earlier.last().is_none_or(|one| says(one, Verdict::Releasable)) {
        return RuleSetStanding::Unchanged;
    }
    let elsewhere = || earlier.iter().filter(|one| one.rule_set != last);
    let judged_to = elsewhere().map(|one| one.message_to).max().unwrap_or_default();
    let seq = elsewhere().map(|one| one.seq).max().unwrap_or_default();
    let pooled = facts.pools.iter().flat_map(|pool| &pool.observations);
    let judged = facts.observations.iter().chain(pooled).any(|found| found.message <= judged_to);
    let looked = statements.iter().any(|(after, said)| {
        *after >= seq && said.statement == Statement::Reevaluated(last.to_owned())
    });
    match judged && !looked {
        true => RuleSetStanding::Changed,
        false => RuleSetStanding::Unchanged,
    }
}

/// Verdicts that are missing or out of order; each with the number of the one at fault.
pub(super) fn gaps(verdicts: &[VerdictForm]) -> Vec<(i64, &'static str)> {
    let versions = verdicts.iter().zip(1_i64..).filter(|(one, version)| one.version != *version);
    let missing = versions.map(|(one, _)| (one.seq, "a version before it is missing"));
    let pairs = verdicts.iter().zip(verdicts.iter().skip(1));
    let disordered = pairs.filter(|(one, next)| next.seq <= one.seq);
    missing.chain(disordered.map(|(_, next)| (next.seq, "it is out of order"))).collect()
}
