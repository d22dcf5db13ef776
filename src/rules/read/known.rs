//! What the rest of a file may name: its clauses and switches. A site's choices are applied here;
//! whatever depends on a switch must be good with every choice.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::document::{Placed, Table};
use crate::limits;

use super::super::content::{Clause, Confidence, Switch};
use super::words::{choice, is_word, words};
use super::{bounded, words as say};

/// The clauses and switches of a file, and which of them something rests on.
pub(super) struct Known<'d> {
    pub(super) clauses: BTreeMap<String, Clause>,
    pub(super) switches: BTreeMap<String, Switch>,
    /// Every name, with the table it stands in, whether it could be read or not.
    clause_tables: BTreeMap<String, Rc<Table<'d>>>,
    switch_tables: BTreeMap<String, Rc<Table<'d>>>,
    used_clauses: RefCell<BTreeSet<String>>,
    used_switches: RefCell<BTreeSet<String>>,
}

impl<'d> Known<'d> {
    /// Reads them; `choice`, a switch and what is chosen of it, outdoes file and site.
    pub(super) fn read(root: &Table<'d>, choice: Option<(&str, &str)>) -> Known<'d> {
        let mut known = Known {
            clauses: BTreeMap::new(),
            switches: BTreeMap::new(),
            clause_tables: named_tables(root, "clause", limits::CLAUSES_MAX),
            switch_tables: named_tables(root, "switch", limits::SWITCHES_MAX),
            used_clauses: RefCell::default(),
            used_switches: RefCell::default(),
        };
        let clauses = known.clause_tables.iter();
        let clauses = clauses.filter_map(|(id, table)| Some((id.clone(), clause(table)?)));
        known.clauses = clauses.collect();
        let switches = known.switch_tables.iter();
        let switches = switches.filter_map(|(id, table)| Some((id.clone(), known.switch(table)?)));
        known.switches = switches.collect();
        known.choose(root);
        if let Some((switch, choice)) = choice {
            let switch = known.switches.get_mut(switch);
            switch.into_iter().for_each(|switch| choice.clone_into(&mut switch.value));
        }
        known
    }

    fn switch(&self, table: &Table<'_>) -> Option<Switch> {
        let text = words(table, "text");
        let clause = self.clause(table, "clause");
        let choices = choices(table);
        let value = table.required_string("value")?;
        if !choices.contains(&value.value) {
            let known: Vec<&str> = choices.iter().map(String::as_str).collect();
            say::not_one_of(table, &value, &known);
        }
        let (value, default) = (value.value.clone(), value.value);
        Some(Switch { value, default, choices, text: text?, clause: clause? })
    }

    /// Applies what the site chose.
    fn choose(&mut self, root: &Table<'_>) {
        let Some(site) = root.table("site") else { return };
        for (name, choice) in site.string_entries() {
            let Some(switch) = self.switches.get_mut(&name.value) else {
                if !self.switch_tables.contains_key(&name.value) {
                    let known: Vec<&str> = self.switch_tables.keys().map(String::as_str).collect();
                    let message = format!("is no switch of this set: one of {}", known.join(", "));
                    site.fault(&name.place, message);
                }
                continue;
            };
            if switch.choices.contains(&choice.value) {
                switch.value = choice.value;
            } else {
                let known: Vec<&str> = switch.choices.iter().map(String::as_str).collect();
                say::not_one_of(&site, &choice, &known);
            }
        }
    }

    /// The id of a clause that must be there.
    pub(super) fn clause(&self, table: &Table<'_>, key: &str) -> Option<String> {
        let id = words(table, key)?;
        if !self.clause_tables.contains_key(&id) {
            let place = table.place_of(key).unwrap_or_else(|| table.place());
            table.fault(&place, format!("there is no clause [clause.{id}]"));
            return None;
        }
        self.used_clauses.borrow_mut().insert(id.clone());
        Some(id)
    }

    /// The switch of this name.
    fn find(&self, table: &Table<'_>, name: &Placed<String>) -> Option<&Switch> {
        let word = name.value.trim_start_matches('$');
        if !self.switch_tables.contains_key(word) {
            table.fault(&name.place, format!("there is no switch [switch.{word}]"));
            return None;
        }
        self.used_switches.borrow_mut().insert(word.to_owned());
        self.switches.get(word)
    }

    /// A word, or `$name` of a switch, each of whose choices must do here.
    pub(super) fn word<T>(
        &self,
        table: &Table<'_>,
        key: &str,
        wanted: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let word = table.string(key)?;
        if !word.value.starts_with('$') {
            let value = read(&word.value);
            if value.is_none() {
                table.fault(&word.place, format!("{:?} is not {wanted}", word.value));
            }
            return value;
        }
        let switch = self.find(table, &word)?;
        for choice in switch.choices.iter().filter(|choice| read(choice).is_none()) {
            let name = word.value.trim_start_matches('$');
            let message = format!("the choice {choice:?} of switch {name} is not {wanted}");
            table.fault(&word.place, message);
        }
        read(&switch.value)
    }

    /// Whether a row is there: every switch that its `when` names is set to one of the words there.
    pub(super) fn holds(&self, row: &Table<'_>) -> Option<bool> {
        let Some(when) = row.table("when") else { return (!row.has("when")).then_some(true) };
        let conditions = when.keys().into_iter().map(|name| {
            let words = when.one_or_more(&name.value);
            let switch = self.find(&when, &name)?;
            let known: Vec<&str> = switch.choices.iter().map(String::as_str).collect();
            for word in words.iter().filter(|word| !known.contains(&word.value.as_str())) {
                say::not_one_of(&when, word, &known);
            }
            Some(words.iter().any(|word| word.value == switch.value))
        });
        let conditions: Vec<Option<bool>> = conditions.collect();
        conditions.into_iter().try_fold(true, |all, one| Some(all && one?))
    }

    /// A clause or switch on which nothing rests is no rule.
    pub(super) fn judge_use(&self) {
        let (clauses, switches) = (self.used_clauses.borrow(), self.used_switches.borrow());
        for (name, table) in self.clause_tables.iter().filter(|(id, _)| !clauses.contains(*id)) {
            table.fault(&table.place(), format!("nothing rests on the clause {name:?}"));
        }
        for (name, table) in self.switch_tables.iter().filter(|(id, _)| !switches.contains(*id)) {
            table.fault(&table.place(), format!("the switch {name:?} switches nothing"));
        }
    }
}

/// The tables below a table, by name.
pub(super) fn named_tables<'d>(
    root: &Table<'d>,
    key: &str,
    most: usize,
) -> BTreeMap<String, Rc<Table<'d>>> {
    let Some(all) = root.table(key) else { return BTreeMap::new() };
    let names = all.keys();
    bounded(&all, names.len(), most, &format!("tables [{key}. ...]"));
    for name in names.iter().filter(|name| !is_word(&name.value)) {
        all.fault(&name.place, "a name is made of letters, digits, _ . -");
    }
    let names = names.into_iter().take(most);
    names.filter_map(|name| Some((name.value.clone(), all.table(&name.value)?))).collect()
}

fn clause(table: &Table<'_>) -> Option<Clause> {
    let text = words(table, "text");
    let source = words(table, "source");
    let confidence = choice(table, "confidence", &Confidence::ALL.map(|known| (known.id(), known)));
    Some(Clause { text: text?, source: source?, confidence: confidence? })
}

fn choices(table: &Table<'_>) -> Vec<String> {
    let mut choices: Vec<String> = Vec::new();
    for choice in table.strings("choices") {
        if !is_word(&choice.value) {
            table.fault(&choice.place, "a choice is made of letters, digits, _ . -");
        }
        if choices.contains(&choice.value) {
            table.fault(&choice.place, "stands here twice");
        } else {
            choices.push(choice.value);
        }
    }
    if choices.len() < 2 {
        table.fault(&table.place(), "choices must list at least two words");
    }
    bounded(table, choices.len(), limits::SWITCH_CHOICES_MAX, "choices");
    choices
}
