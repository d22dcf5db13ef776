//! `[rules]`, `[switches]` and `[shadow_switches]`: which rule set decides, what the site chose in
//! it, which one runs beside it, and whether a change of it needs approvals.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::sources::Sources;
use crate::document::{Placed, Table};
use crate::rules::RuleSet;
use crate::rules::life::Approvals;

/// What the administrator says about rule sets.
#[derive(Clone, Debug)]
pub struct RulesConfig {
    /// The rule set that decides, with the site's choices.
    pub active: Arc<RuleSet>,
    /// The one that runs beside it, if any.
    pub shadow: Option<Arc<RuleSet>>,
    /// What the site chose, by switch.
    pub switches: BTreeMap<String, String>,
    /// What it chose for the one beside it; the same where nothing else is said.
    pub shadow_switches: BTreeMap<String, String>,
    /// Whether a change of the rule set needs approvals.
    pub approvals: Approvals,
}

pub(super) fn read(root: &Table<'_>, sources: &Sources) -> Option<RulesConfig> {
    let table = root.required_table("rules")?;
    let file = table.required_string("file");
    let shadow = table.string("shadow");
    let approvals = approvals(&table);
    let switches = switches(root, "switches")?;
    let own = switches_of_shadow(root, shadow.is_some())?;
    let file = file?;
    let active = sources.rule_set(&table, &file, &chosen(&switches));
    let shadow_switches = own.unwrap_or_else(|| switches.clone());
    let shadow = match shadow {
        Some(shadow) => sources.rule_set(&table, &shadow, &chosen(&shadow_switches)).map(Some),
        None => (!table.has("shadow")).then_some(None),
    };
    let (active, shadow, approvals) = (active?, shadow?, approvals?);
    let is_same = |shadow: &Arc<RuleSet>| shadow.identity().sha256 == active.identity().sha256;
    if shadow.as_ref().is_some_and(is_same)
        && let Some(place) = table.place_of("shadow")
    {
        table.fault(&place, "is the rule set that decides: beside itself it shows nothing");
        return None;
    }
    let (switches, shadow_switches) = (chosen(&switches), chosen(&shadow_switches));
    Some(RulesConfig { active, shadow, switches, shadow_switches, approvals })
}

type Choices = Vec<(Placed<String>, Placed<String>)>;

fn chosen(choices: &Choices) -> BTreeMap<String, String> {
    choices.iter().map(|(name, choice)| (name.value.clone(), choice.value.clone())).collect()
}

fn switches(root: &Table<'_>, key: &str) -> Option<Choices> {
    match root.table(key) {
        Some(table) => Some(table.string_entries()),
        None => (!root.has(key)).then(Vec::new),
    }
}

/// The shadow's own choices, where it has any.
fn switches_of_shadow(root: &Table<'_>, has_shadow: bool) -> Option<Option<Choices>> {
    let key = "shadow_switches";
    let choices = switches(root, key)?;
    let Some(place) = root.place_of(key) else { return Some(None) };
    if !has_shadow {
        root.fault(&place, "there is no shadow under [rules] whose choices these could be");
        return None;
    }
    Some(Some(choices))
}

fn approvals(table: &Table<'_>) -> Option<Approvals> {
    let Some(word) = table.string("approvals") else {
        return (!table.has("approvals")).then(Approvals::default);
    };
    let known = Approvals::from_id(&word.value);
    if known.is_none() {
        table.fault(&word.place, "is neither \"required\" nor \"not_used\"");
    }
    known
}
