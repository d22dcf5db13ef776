//! What a donation needs, how each test is judged, limits, and what is not judged.

use jiff::civil::Date;

use super::super::content::{CheckRule, Limit};
use super::super::question::Judges;
use super::super::rule_set::RuleSet;
use super::super::words::{self, Lang};
use super::page::{Block, Grid};
use super::phrases as say;
use super::{head, row, section};
use crate::domain::{Assay, DonationKind, WestgardRule};

/// Writes the sections about checks.
pub(super) fn write(set: &RuleSet, lang: Lang, blocks: &mut Vec<Block>) {
    section(blocks, lang, say::REQUIRED_TESTS);
    blocks.push(Block::Text(lang.of(say::REQUIRED_AS_OF).to_owned()));
    blocks.push(Block::Grid(required(set, lang)));
    section(blocks, lang, say::HOW_JUDGED);
    blocks.push(Block::Grid(judged(set, lang)));
    groups(set, lang, blocks);
    limits(set, lang, blocks);
    section(blocks, lang, say::CONTROL_RULES);
    blocks.push(Block::Grid(control_rules(set, lang)));
    not_judged(set, lang, blocks);
}

fn required(set: &RuleSet, lang: Lang) -> Grid {
    let mut heads = head(lang, [say::CHECK]);
    heads.extend(DonationKind::ALL.map(|kind| lang.of(words::donation_kind(kind)).to_owned()));
    heads.extend(head(lang, [say::FROM, say::UNTIL, say::EVIDENCE, say::CLAUSE]));
    let rows = set.checks().iter().map(|check| {
        let mut cells = vec![check.name.clone()];
        let day = check.from.max(Some(set.dated())).unwrap_or_else(|| set.dated());
        let day = check.until.map_or(day, |until| until.min(day));
        cells.extend(DonationKind::ALL.map(|kind| {
            let needed = check.is_needed(kind, day);
            lang.of(if needed { say::REQUIRED } else { say::WHERE_RUN }).to_owned()
        }));
        let days = [check.from, check.until];
        cells.extend(days.map(|day| day.as_ref().map(Date::to_string).unwrap_or_default()));
        cells.extend([evidence(check, lang), check.clause.clone()]);
        cells
    });
    Grid { head: heads, rows: rows.collect() }
}

fn evidence(check: &CheckRule, lang: Lang) -> String {
    let sets = check.evidence.iter().map(|set| assays(set, lang, " + "));
    sets.collect::<Vec<_>>().join(" / ")
}

fn assays(assays: &[Assay], lang: Lang, between: &str) -> String {
    let labels: Vec<&str> = assays.iter().map(|assay| lang.of(words::assay(*assay))).collect();
    labels.join(between)
}

fn judged(set: &RuleSet, lang: Lang) -> Grid {
    let heads = [
        say::CHECK,
        say::JUDGED_BY,
        say::KITS,
        say::REPEATS,
        say::OTHER_TABLES,
        say::DISCRIMINATORY,
    ];
    let rows = set.checks().iter().map(|check| {
        let others = check.tables().filter(|(judges, _)| *judges != check.table.judges);
        let others: Vec<&str> = others.map(|(_, table)| table.name.as_str()).collect();
        let discriminatory = assays(&check.discriminatory, lang, ", ");
        let (kits, repeats) = (check.rounds.to_string(), repeats(check, lang));
        let table = &check.table.name;
        row(&[&check.name, table, &kits, &repeats, &others.join(", "), &discriminatory])
    });
    Grid { head: head(lang, heads), rows: rows.collect() }
}

fn repeats(check: &CheckRule, lang: Lang) -> String {
    if check.table.judges != Judges::Marker {
        return String::new();
    }
    let kit = lang.of(if check.same_kit { say::SAME_KIT } else { say::ANY_KIT });
    format!("{} ({kit})", check.repeats)
}

fn groups(set: &RuleSet, lang: Lang, blocks: &mut Vec<Block>) {
    let rows = set.checks().iter().filter(|check| is_group(check)).map(|check| {
        let wanted = check.determinations;
        let history = lang.of(if check.history { say::MUST_AGREE } else { say::NOT_COMPARED });
        let confirms = check.confirms.map_or("", |assay| lang.of(words::assay(assay)));
        let wanted = format!("{}, {}", wanted.first, wanted.repeat);
        row(&[&check.name, &wanted, history, confirms])
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if !rows.is_empty() {
        blocks.push(Block::Heading(3, lang.of(say::GROUPS).to_owned()));
        let heads = [say::CHECK, say::DETERMINATIONS, say::HISTORY, say::CONFIRMED_BY];
        blocks.push(Block::Grid(Grid { head: head(lang, heads), rows }));
    }
}

fn is_group(check: &CheckRule) -> bool {
    matches!(check.table.judges, Judges::Abo | Judges::Rhd)
}

fn limits(set: &RuleSet, lang: Lang, blocks: &mut Vec<Block>) {
    let limits = |check: &CheckRule| {
        let name = check.name.clone();
        let all = check.limits.clone().into_iter();
        all.map(move |known| limit(&name, &known, lang)).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<String>> = set.checks().iter().flat_map(limits).collect();
    if rows.is_empty() {
        return;
    }
    blocks.push(Block::Heading(3, lang.of(say::LIMITS).to_owned()));
    blocks.push(Block::Text(lang.of(say::LIMITS_LAST).to_owned()));
    let heads = [
        say::CHECK,
        say::FROM,
        say::SEX,
        say::KINDS,
        say::BELOW,
        say::ABOVE,
        say::AT_THE_LIMIT,
        say::UNITS,
        say::WITHIN_MONTHS,
    ];
    blocks.push(Block::Grid(Grid { head: head(lang, heads), rows }));
}

fn limit(name: &str, limit: &Limit, lang: Lang) -> Vec<String> {
    let sex = limit.sex.map_or(lang.of(say::ALL), |sex| lang.of(words::sex(sex)));
    let kinds = limit.kinds.iter().map(|kind| lang.of(words::donation_kind(*kind)));
    let kinds: Vec<&str> = kinds.collect();
    let kinds = if kinds.is_empty() { lang.of(say::ALL).to_owned() } else { kinds.join(", ") };
    let [below, above] = [limit.below, limit.above]
        .map(|number| number.map(|number| number.to_string()).unwrap_or_default());
    let at = lang.of(if limit.or_equal { say::OUTSIDE } else { say::INSIDE });
    let (from, units) = (limit.from.to_string(), limit.units.join(", "));
    let months = limit.within_months.map(|months| months.to_string()).unwrap_or_default();
    row(&[name, &from, sex, &kinds, &below, &above, at, &units, &months])
}

fn control_rules(set: &RuleSet, lang: Lang) -> Grid {
    let content = set.content();
    let status = if set.without_status_counts() { say::COUNTS } else { say::COUNTS_NOT };
    let rules =
        |rules: &[WestgardRule]| rules.iter().map(|rule| rule.id()).collect::<Vec<_>>().join(", ");
    let rows = vec![
        row(&[lang.of(say::WITHOUT_STATUS), lang.of(status), &content.without_status_clause]),
        row(&[lang.of(say::WARNS), &rules(set.warn()), &content.westgard_clause]),
        row(&[lang.of(say::OUT_OF_CONTROL), &rules(set.reject()), &content.westgard_clause]),
    ];
    Grid { head: head(lang, [say::WHAT, say::VALUE, say::CLAUSE]), rows }
}

fn not_judged(set: &RuleSet, lang: Lang, blocks: &mut Vec<Block>) {
    if set.ignored().is_empty() {
        return;
    }
    blocks.push(Block::Heading(3, lang.of(say::NOT_JUDGED).to_owned()));
    let rows = set.ignored().iter();
    let rows = rows.map(|known| row(&[lang.of(words::assay(known.assay)), &known.clause]));
    let heads = head(lang, [say::WHAT, say::CLAUSE]);
    blocks.push(Block::Grid(Grid { head: heads, rows: rows.collect() }));
}
