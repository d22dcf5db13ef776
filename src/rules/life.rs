//! The life of a rule set: which steps it has taken, which it may take next, and whether a daemon
//! may decide with it.
//!
//! ```text
//! (unknown) --draft--> draft --check--> checked --shadow--> shadow --approve--> approved once
//!     ^                                                                               |
//!   draft                                               approve, by another person    |
//!     |                                                                               v
//!  retired <--retire-- (any state but unknown)      active <--activate, from a day-- approved
//! ```
//!
//! | state         | draft | check   | shadow        | approve       | activate | retire  |
//! |---------------|-------|---------|---------------|---------------|----------|---------|
//! | unknown       | draft | -       | -             | -             | -        | -       |
//! | draft         | -     | checked | -             | -             | -        | retired |
//! | checked       | -     | -       | shadow        | -             | -        | retired |
//! | shadow        | -     | -       | shadow        | approved once | -        | retired |
//! | approved once | -     | -       | approved once | approved      | -        | retired |
//! | approved      | -     | -       | approved      | -             | active   | retired |
//! | active        | -     | -       | active        | -             | active   | retired |
//! | retired       | draft | -       | -             | -             | -        | -       |
//!
//! Everything else is refused, in words that say what to do first. Steps are only added, like all
//! history: a state is what they come to. Nothing here reads a clock or a disk.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use thiserror::Error;

use crate::domain::RuleSetIdentity;
use crate::limits;

/// A step in the life of a rule set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Somebody brought its text.
    Draft,
    /// The program read it whole and proved it.
    Check,
    /// It decided beside the one in force: over live traffic or over what is on record.
    Shadow,
    /// Somebody signed it.
    Approve,
    /// Somebody said from which day on it decides.
    Activate(Date),
    /// Somebody took it out of use.
    Retire,
}

impl Step {
    /// The word on record: what it leads to.
    pub const fn id(self) -> &'static str {
        match self {
            Step::Draft => "draft",
            Step::Check => "checked",
            Step::Shadow => "shadow",
            Step::Approve => "approved",
            Step::Activate(_) => "active_from",
            Step::Retire => "retired",
        }
    }

    /// What is done.
    const fn verb(self) -> &'static str {
        match self {
            Step::Draft => "draft",
            Step::Check => "check",
            Step::Shadow => "shadow",
            Step::Approve => "approve",
            Step::Activate(_) => "activate",
            Step::Retire => "retire",
        }
    }

    /// The step with this word and, where it has one, its day.
    pub fn restored(id: &str, from: Option<Date>) -> Option<Step> {
        match (id, from) {
            ("draft", None) => Some(Step::Draft),
            ("checked", None) => Some(Step::Check),
            ("shadow", None) => Some(Step::Shadow),
            ("approved", None) => Some(Step::Approve),
            ("active_from", Some(from)) => Some(Step::Activate(from)),
            ("retired", None) => Some(Step::Retire),
            _ => None,
        }
    }

    /// Its day, where it has one.
    pub const fn from(self) -> Option<Date> {
        match self {
            Step::Activate(from) => Some(from),
            Step::Draft | Step::Check | Step::Shadow | Step::Approve | Step::Retire => None,
        }
    }
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The step.
    pub step: Step,
    /// Who took it.
    pub by: String,
    /// When, UTC.
    pub at: Timestamp,
    /// What it rests on, in words: what the proof counted, what a comparison found.
    pub detail: String,
}

/// What the steps come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Nobody brought it.
    Unknown,
    /// Brought, not proved.
    Draft,
    /// Proved.
    Checked,
    /// Compared with the one in force.
    Shadow,
    /// Signed by one person.
    ApprovedOnce,
    /// Signed by two.
    Approved,
    /// Decides from this day on.
    Active(Date),
    /// Out of use.
    Retired,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            State::Unknown => f.write_str("unknown"),
            State::Draft => f.write_str("draft"),
            State::Checked => f.write_str("checked"),
            State::Shadow => f.write_str("shadow"),
            State::ApprovedOnce => f.write_str("approved once"),
            State::Approved => f.write_str("approved"),
            State::Active(from) => write!(f, "active from {from}"),
            State::Retired => f.write_str("retired"),
        }
    }
}

/// Why a step was not taken, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// The life of one rule set: every step, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Life {
    steps: Vec<Taken>,
}

impl Life {
    /// Its steps, oldest first.
    pub fn steps(&self) -> &[Taken] {
        &self.steps
    }

    /// What they come to.
    pub fn state(&self) -> State {
        self.steps.iter().fold(State::Unknown, |state, taken| after(state, taken.step))
    }

    /// Who brought it, the last time.
    pub fn author(&self) -> Option<&str> {
        self.current().first().map(|taken| taken.by.as_str())
    }

    /// Who signed it since it was brought.
    pub fn approvers(&self) -> impl Iterator<Item = &Taken> {
        self.current().iter().filter(|taken| taken.step == Step::Approve)
    }

    /// Takes one more step.
    ///
    /// # Errors
    /// Why not; nothing was changed.
    pub fn take(&mut self, taken: Taken) -> Result<State, Refused> {
        signed(&taken)?;
        let state = self.state();
        if !allowed(state, taken.step) {
            return Err(Refused(instead(state, taken.step)));
        }
        self.lawful(&taken)?;
        self.steps.push(taken);
        Ok(self.state())
    }

    /// What the table does not say: who signs, and that no day is chosen that is over.
    fn lawful(&self, taken: &Taken) -> Result<(), Refused> {
        match taken.step {
            Step::Approve => match self.approvers().find(|before| same_person(before, taken)) {
                Some(before) => Err(Refused(format!(
                    "{} approved it already: the second approval is another person's",
                    before.by
                ))),
                None => Ok(()),
            },
            Step::Activate(from) if from < day(taken.at) => Err(Refused(format!(
                "{from} is over: nothing that was decided is decided backwards; name today ({}) or \
                 a later day",
                day(taken.at)
            ))),
            Step::Draft | Step::Check | Step::Shadow | Step::Activate(_) | Step::Retire => Ok(()),
        }
    }

    /// The steps since it was brought the last time.
    fn current(&self) -> &[Taken] {
        let last = self.steps.iter().rposition(|taken| taken.step == Step::Draft);
        last.and_then(|at| self.steps.get(at..)).unwrap_or_default()
    }
}

/// The day of a moment, UTC: no time zone is known here.
pub fn day(at: Timestamp) -> Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn signed(taken: &Taken) -> Result<(), Refused> {
    let name = taken.by.trim();
    if name.is_empty() {
        return Err(Refused("say who does it: --by NAME".to_owned()));
    }
    if taken.by.len() > limits::LIFE_NAME_MAX || name.chars().any(char::is_control) {
        return Err(Refused(format!(
            "a name has no control characters and at most {} bytes",
            limits::LIFE_NAME_MAX
        )));
    }
    Ok(())
}

/// The same person, however the name is spaced and in whatever case.
fn same_person(one: &Taken, other: &Taken) -> bool {
    let plain = |name: &str| -> String {
        name.split_whitespace().flat_map(str::chars).flat_map(char::to_lowercase).collect()
    };
    plain(&one.by) == plain(&other.by)
}

const fn allowed(state: State, step: Step) -> bool {
    match state {
        State::Unknown | State::Retired => matches!(step, Step::Draft),
        State::Draft => matches!(step, Step::Check | Step::Retire),
        State::Checked => matches!(step, Step::Shadow | Step::Retire),
        State::Shadow | State::ApprovedOnce => {
            matches!(step, Step::Shadow | Step::Approve | Step::Retire)
        }
        State::Approved | State::Active(_) => {
            matches!(step, Step::Shadow | Step::Activate(_) | Step::Retire)
        }
    }
}

/// What an allowed step leads to.
const fn after(state: State, step: Step) -> State {
    match (step, state) {
        (Step::Draft, _) => State::Draft,
        (Step::Check, _) => State::Checked,
        (Step::Shadow, State::Checked) => State::Shadow,
        (Step::Shadow, _) => state,
        (Step::Approve, State::Shadow) => State::ApprovedOnce,
        (Step::Approve, _) => State::Approved,
        (Step::Activate(from), _) => State::Active(from),
        (Step::Retire, _) => State::Retired,
    }
}

/// Why a step is not allowed, and which one comes first.
fn instead(state: State, step: Step) -> String {
    let next = match state {
        State::Unknown => "bring it first: hemogate rules draft",
        State::Draft => "it must be proved first: hemogate rules draft does both",
        State::Checked => {
            "it must run beside the one in force first: shadow = \"FILE\" under [rules], or \
             hemogate rules replay"
        }
        State::Shadow => "two people must approve it: hemogate rules approve",
        State::ApprovedOnce => "a second person must approve it: hemogate rules approve",
        State::Approved => "two people approved it; next is its day: hemogate rules activate",
        State::Active(_) => "it is active; it can get another day, or be retired",
        State::Retired => "it was taken out of use: bring it anew: hemogate rules draft",
    };
    format!("it is {state} and cannot take the step {:?}: {next}", step.verb())
}

/// Whether rule sets need approvals here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Approvals {
    /// They do.
    #[default]
    Required,
    /// The site answers for every change by other means.
    NotUsed,
}

impl Approvals {
    /// The word in the configuration.
    pub const fn id(self) -> &'static str {
        match self {
            Approvals::Required => "required",
            Approvals::NotUsed => "not_used",
        }
    }

    /// What this word means.
    pub fn from_id(id: &str) -> Option<Approvals> {
        [Approvals::Required, Approvals::NotUsed].into_iter().find(|known| known.id() == id)
    }
}

/// What a start with a rule set is judged by.
#[derive(Clone, Debug)]
pub struct Application<'a> {
    /// The rule set that is to decide.
    pub rules: &'a RuleSetIdentity,
    /// Its text.
    pub text: &'a str,
    /// Its life so far.
    pub life: &'a Life,
    /// The rule set that decided last in this store, if any has.
    pub before: Option<&'a RuleSetIdentity>,
    /// Whether approvals are needed.
    pub approvals: Approvals,
    /// Today, UTC.
    pub today: Date,
}

impl Application<'_> {
    /// Whether it may decide from now on; where it may, what an administrator should know.
    ///
    /// # Errors
    /// Why not, and which commands help.
    pub fn judged(&self) -> Result<Option<String>, Refused> {
        let state = self.life.state();
        let is_same = self.before.is_some_and(|before| before.sha256 == self.rules.sha256);
        match (self.approvals, state) {
            (_, State::Active(from)) if from <= self.today => Ok(None),
            (_, State::Retired) => Err(self.refused("it was retired")),
            (Approvals::NotUsed, _) if is_same => Ok(None),
            (Approvals::NotUsed, _) => Ok(Some(self.unsigned())),
            (Approvals::Required, _) if is_same => Ok(self.continued(state)),
            (Approvals::Required, _) if self.is_first() => Ok(Some(self.first())),
            (Approvals::Required, State::Active(from)) => {
                Err(self.refused(&format!("its day is {from} and today (UTC) is {}", self.today)))
            }
            (Approvals::Required, _) => Err(self.refused(&format!("it is {state}"))),
        }
    }

    /// A text of ours, with the site's choices and nothing else, where nothing was decided yet:
    /// somebody must begin.
    fn is_first(&self) -> bool {
        self.before.is_none() && super::shipped::is_ours(self.text)
    }

    fn first(&self) -> String {
        format!(
            "the first start of this store: the rule set {} decides as shipped, with the choices \
             under [switches], approved by nobody here; validate it before any blood is released \
             by it. Every other text, and every other choice, will need two approvals",
            told(self.rules)
        )
    }

    fn unsigned(&self) -> String {
        let before = self.before.map_or_else(String::new, |before| {
            format!(" in place of {}, over every donation on record", told(before))
        });
        format!(
            "the rule set {} decides from now on{before}, and nobody approved it: approvals = \
             \"not_used\" under [rules]",
            told(self.rules)
        )
    }

    /// What decided before goes on, whatever its papers: stopping it would change nothing.
    fn continued(&self, state: State) -> Option<String> {
        (state == State::Unknown).then(|| {
            format!(
                "the rule set {} goes on as it began: nobody approved it here",
                told(self.rules)
            )
        })
    }

    fn refused(&self, why: &str) -> Refused {
        let new = told(self.rules);
        let before = match self.before {
            Some(before) if before.sha256 != self.rules.sha256 => {
                format!("; until now {} decided, and can go on with the old file", told(before))
            }
            Some(_) | None => String::new(),
        };
        Refused(format!(
            "the rule set {new} must not decide yet: {why}{before}. What it needs, with --config \
             naming this configuration: hemogate rules draft --by NAME; hemogate rules replay --by \
             NAME; hemogate rules approve {sha} --by NAME, twice, by two people; hemogate rules \
             activate {sha} --from DATE --by NAME. hemogate rules list says how far it is",
            sha = short(&self.rules.sha256)
        ))
    }
}

/// A rule set for people: its name, its version and the beginning of its hash.
pub fn told(identity: &RuleSetIdentity) -> String {
    format!("{} {} ({})", identity.name, identity.version, short(&identity.sha256))
}

/// The beginning of a hash, enough to tell rule sets apart.
pub fn short(sha256: &str) -> &str {
    sha256.get(..limits::SHA_SHOWN).unwrap_or(sha256)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 6] =
        [Step::Draft, Step::Check, Step::Shadow, Step::Approve, Step::Activate(DAY), Step::Retire];
    const DAY: Date = jiff::civil::date(2026, 12, 1);

    fn taken(step: Step, by: &str) -> Taken {
        let at = "2026-11-28T08:00:00Z".parse().unwrap();
        Taken { step, by: by.to_owned(), at, detail: String::new() }
    }

    /// A life in each state, by the word of the table.
    fn lives() -> Vec<(&'static str, Life)> {
        let way = [
            ("unknown", None),
            ("draft", Some(taken(Step::Draft, "Li"))),
            ("checked", Some(taken(Step::Check, "hemogate"))),
            ("shadow", Some(taken(Step::Shadow, "hemogate"))),
            ("approved once", Some(taken(Step::Approve, "Li"))),
            ("approved", Some(taken(Step::Approve, "Wang"))),
            ("active", Some(taken(Step::Activate(DAY), "Wang"))),
            ("retired", Some(taken(Step::Retire, "Wang"))),
        ];
        let mut life = Life::default();
        let mut lives = Vec::new();
        for (word, step) in way {
            if let Some(step) = step {
                life.take(step).unwrap();
            }
            lives.push((word, life.clone()));
        }
        lives
    }

    fn word(state: State) -> String {
        let told = state.to_string();
        told.split(" from ").next().unwrap().to_owned()
    }

    /// The cells of the table at the top of this file: state, step, what follows (`-`: refused).
    fn drawn() -> Vec<(String, usize, String)> {
        let rows = include_str!("life.rs").lines().filter_map(|line| line.strip_prefix("//! | "));
        let rows = rows.skip(1);
        let cells = rows.flat_map(|row| {
            let cells: Vec<_> = row.split('|').map(|cell| cell.trim().to_owned()).collect();
            let state = cells[0].clone();
            (0..STEPS.len()).map(move |at| (state.clone(), at, cells[at + 1].clone()))
        });
        cells.collect()
    }

    #[test]
    fn every_step_from_every_state_leads_where_the_table_says() {
        let (lives, drawn) = (lives(), drawn());
        assert_eq!(drawn.len(), lives.len() * STEPS.len(), "the table has a cell for each");
        for (state, at, expected) in drawn {
            let (_, life) = lives.iter().find(|(word, _)| *word == state).unwrap();
            let mut life = life.clone();
            let before = life.clone();
            let outcome = life.take(taken(STEPS[at], "Zhao"));
            match outcome {
                Ok(to) => assert_eq!(word(to), expected, "{state}, {:?}", STEPS[at]),
                Err(refused) => {
                    assert_eq!("-", expected, "{state}, {:?}: {refused}", STEPS[at]);
                    assert!(refused.0.contains("hemogate rules") || state == "active", "{refused}");
                    assert_eq!(life, before);
                }
            }
        }
    }

    #[test]
    fn two_approvals_are_those_of_two_people_however_a_name_is_written() {
        for (first, second) in [("Li Wei", "li  wei "), ("Li Wei", "LI WEI"), ("author", "Author")]
        {
            let mut life = Life::default();
            for step in [taken(Step::Draft, "author"), taken(Step::Check, "hemogate")] {
                life.take(step).unwrap();
            }
            life.take(taken(Step::Shadow, "hemogate")).unwrap();
            life.take(taken(Step::Approve, first)).unwrap();
            let refused = life.take(taken(Step::Approve, second)).unwrap_err();
            assert!(refused.0.contains("another person"), "{refused}");
            assert_eq!(life.take(taken(Step::Approve, "Zhao")), Ok(State::Approved));
        }
    }

    #[test]
    fn what_was_signed_before_a_text_was_retired_does_not_count_when_it_is_brought_anew() {
        let (_, mut life) = lives().pop().unwrap();
        for step in [Step::Draft, Step::Check, Step::Shadow] {
            life.take(taken(step, "Zhao")).unwrap();
        }
        assert_eq!((life.approvers().count(), life.author()), (0, Some("Zhao")));
        assert!(life.take(taken(Step::Activate(DAY), "Zhao")).is_err());
        assert_eq!(life.take(taken(Step::Approve, "Li")), Ok(State::ApprovedOnce));
    }

    #[test]
    fn a_day_that_is_over_and_a_step_without_a_name_are_refused() {
        let life = || lives().swap_remove(5).1;
        let yesterday = Step::Activate(jiff::civil::date(2026, 11, 27));
        assert!(life().take(taken(yesterday, "Li")).unwrap_err().0.contains("2026-11-28"));
        let today = Step::Activate(jiff::civil::date(2026, 11, 28));
        assert!(life().take(taken(today, "Li")).is_ok());
        assert!(life().take(taken(today, "  ")).is_err());
        assert!(life().take(taken(today, "Li\nWang")).is_err());
        let at_the_bound = "x".repeat(limits::LIFE_NAME_MAX);
        assert!(life().take(taken(today, &at_the_bound)).is_ok());
        assert!(life().take(taken(today, &(at_the_bound + "x"))).is_err());
    }

    #[test]
    fn a_step_comes_back_from_its_word_and_its_day_and_from_nothing_else() {
        for step in STEPS {
            assert_eq!(Step::restored(step.id(), step.from()), Some(step));
            let other = if step.from().is_some() { None } else { Some(DAY) };
            assert_eq!(Step::restored(step.id(), other), None, "{step:?}");
        }
        assert_eq!(Step::restored("Draft", None), None);
    }

    fn identity(sha256: &str) -> RuleSetIdentity {
        let (name, version) = ("cn".to_owned(), "1".to_owned());
        RuleSetIdentity { name, version, sha256: sha256.to_owned() }
    }

    /// Whether it may decide, for every state, before, approvals and day.
    fn judged(state: &str, before: Option<&str>, approvals: Approvals, today: Date) -> bool {
        let life = lives().into_iter().find(|(word, _)| *word == state).unwrap().1;
        let (own, before) = (identity("aa"), before.map(identity));
        let (rules, text, before, life) = (&own, "text", before.as_ref(), &life);
        Application { rules, text, life, before, approvals, today }.judged().is_ok()
    }

    #[test]
    fn another_rule_set_decides_only_when_it_is_active_and_its_day_has_come() {
        let eve = jiff::civil::date(2026, 11, 30);
        for (state, _) in lives() {
            for before in [None, Some("bb")] {
                let may = |today| judged(state, before, Approvals::Required, today);
                assert_eq!(may(DAY), state == "active", "{state} {before:?}");
                assert!(!may(eve), "{state} {before:?}: its day has not come");
            }
            let goes_on = judged(state, Some("aa"), Approvals::Required, eve);
            assert_eq!(goes_on, state != "retired", "{state}: what decided before goes on");
            let unsigned = judged(state, Some("bb"), Approvals::NotUsed, eve);
            assert_eq!(unsigned, state != "retired", "{state}");
        }
    }

    #[test]
    fn a_shipped_text_begins_a_store_and_changes_none() {
        let text = crate::rules::shipped("cn").unwrap();
        let own = identity(&crate::document::sha256(text));
        let (other, life) = (identity("bb"), Life::default());
        let (approvals, today) = (Approvals::Required, DAY);
        let begins = |before| {
            Application { rules: &own, text, life: &life, before, approvals, today }.judged()
        };
        let loud = begins(None).unwrap().unwrap();
        assert!(loud.contains("first start") && loud.contains("validate"), "{loud}");
        let refused = begins(Some(&other)).unwrap_err().0;
        for command in ["rules draft", "rules replay", "rules approve", "rules activate"] {
            assert!(refused.contains(command), "{refused}");
        }
    }
}
