//! A case file is written like a bench book: start from the baseline, say what is different.

use std::sync::LazyLock;

use hemogate::domain::{
    AboGroup, Assay, Circumstances, Concern, Decision, DonationNumber, Donor, DonorKind, Effect,
    Facts, HistoricGroup, InstrumentTime, Measure, Observation, Reading, ReasonCode,
    RecordedObservation, RecordedStatement, Registration, ReleaseHistory, ResultStatus, RhdType,
    SpecimenKind, Statement, Unaccounted, UnreadMessage, Verdict,
};
use hemogate::rules::{RuleSet, decide, shipped};

/// The set that we ship, as it is.
pub static CN: LazyLock<RuleSet> =
    LazyLock::new(|| RuleSet::parse("cn.toml", shipped("cn").unwrap()).unwrap());

/// What a site appends to it where results alone count.
pub const RESULTS_ONLY: &str = include_str!("../../fixtures/rules/results-only.toml");

/// The set for sites where results alone count: one kit for each marker, nothing else on record.
pub static RESULTS: LazyLock<RuleSet> = LazyLock::new(|| site(&[]));

/// What the sets require, with the multiplex NAT.
pub const REQUIRED: [Assay; 8] = [
    Assay::Alt,
    Assay::Hbsag,
    Assay::AntiHcv,
    Assay::Hiv,
    Assay::Tp,
    Assay::Nat,
    Assay::Abo,
    Assay::Rhd,
];

#[derive(Clone, Debug)]
pub struct Case {
    pub facts: Facts,
}

pub fn din() -> DonationNumber {
    DonationNumber::restored("G123498654321".to_owned())
}

impl Case {
    /// Registered, repeat donor A positive, not deferred, no results.
    pub fn registered() -> Case {
        let mut facts = Facts::new(din());
        facts.registration = Some(Registration {
            din: din(),
            collected_at: "2026-01-01T01:00:00Z".parse().unwrap(),
            site: "centre".to_owned(),
            donor: Donor {
                kind: DonorKind::Repeat,
                deferred: false,
                historic_group: Some(HistoricGroup { abo: AboGroup::A, rhd: RhdType::Positive }),
            },
        });
        Case { facts }
    }

    /// Everything required on record and good.
    pub fn baseline() -> Case {
        REQUIRED.into_iter().fold(Case::registered(), |case, assay| case.with(good(assay)))
    }

    pub fn with(mut self, observation: Observation) -> Case {
        self.add(observation, "a1", "profile");
        self
    }

    pub fn with_profile(mut self, observation: Observation, profile: &str) -> Case {
        self.add(observation, "a1", profile);
        self
    }

    pub fn with_analyser(mut self, observation: Observation, analyser: &str) -> Case {
        self.add(observation, analyser, "profile");
        self
    }

    fn add(&mut self, mut observation: Observation, analyser: &str, profile: &str) {
        let id = self.next_id();
        if let Some(time) = &mut observation.completed_at
            && time.civil.time() == jiff::civil::Time::midnight()
        {
            time.civil = time.civil.checked_add(jiff::Span::new().minutes(600 + id)).unwrap();
        }
        self.facts.observations.push(RecordedObservation {
            id,
            message: 100 + id,
            analyser: analyser.to_owned(),
            profile: profile.to_owned(),
            observation,
            circumstances: Circumstances::default(),
        });
    }

    /// The number that the next result gets.
    pub fn next_id(&self) -> i64 {
        let pooled = self.facts.pools.iter().flat_map(|pool| &pool.observations);
        let ids = self.facts.observations.iter().chain(pooled).map(|seen| seen.id);
        ids.max().unwrap_or(0) + 1
    }

    /// Puts the last result into the message of the one before.
    pub fn in_one_message(mut self) -> Case {
        let last = self.facts.observations.len() - 1;
        self.facts.observations[last].message = self.facts.observations[last - 1].message;
        self
    }

    pub fn without(mut self, assay: Assay) -> Case {
        self.facts.observations.retain(|r| r.observation.assay != Some(assay));
        self
    }

    /// A message that could not be read names the donation.
    pub fn unread(self) -> Case {
        self.named_in(77, false)
    }

    /// A transfer that was cut short names the donation.
    pub fn cut(self) -> Case {
        self.named_in(78, true)
    }

    fn named_in(mut self, message: i64, cut_short: bool) -> Case {
        let why = "seen".to_owned();
        self.facts.unread.push(UnreadMessage { message, why, cut_short });
        self
    }

    pub fn donor(mut self, mut change: impl FnMut(&mut Donor)) -> Case {
        self.facts.registration.iter_mut().for_each(|known| change(&mut known.donor));
        self
    }

    pub fn deferred(self) -> Case {
        self.donor(|donor| donor.deferred = true)
    }

    /// Somebody puts something on record.
    pub fn said(mut self, by: &str, statement: Statement) -> Case {
        let id = i64::try_from(self.facts.statements.len()).unwrap() + 1;
        let after_observation = self.next_id() - 1;
        self.facts.statements.push(RecordedStatement {
            id,
            by: by.to_owned(),
            at: "2026-01-03T01:00:00Z".parse().unwrap(),
            after_observation,
            statement,
        });
        self
    }

    pub fn history(mut self, release: ReleaseHistory) -> Case {
        self.facts.release = release;
        self
    }

    pub fn decide(&self) -> Decision {
        decide(&self.facts, &RESULTS)
    }

    pub fn decide_by(&self, rules: &RuleSet) -> Decision {
        decide(&self.facts, rules)
    }

    /// The id of the last observation.
    pub fn last(&self) -> i64 {
        self.facts.observations.last().unwrap().id
    }
}

/// An acceptable result of a baseline donation.
pub fn good(assay: Assay) -> Observation {
    match assay.measure() {
        Measure::Marker => marker(assay, Reading::Nonreactive),
        Measure::Abo => result(assay).reads(Reading::Abo(AboGroup::A)),
        Measure::Rhd => result(assay).reads(Reading::Rhd(RhdType::Positive)),
        Measure::Quantity => quantity(assay, "22"),
    }
}

pub fn marker(assay: Assay, reading: Reading) -> Observation {
    let value = match reading {
        Reading::Nonreactive => "0.12",
        Reading::Reactive => "3.20",
        Reading::GreyZone => "0.92",
        Reading::Invalid | Reading::Abo(_) | Reading::Rhd(_) => "",
    };
    result(assay).says(value).reads(reading)
}

pub fn quantity(assay: Assay, value: &str) -> Observation {
    let mut observation = result(assay).says(value);
    observation.unit = Some("U/L".to_owned());
    observation
}

/// A final result without value or reading. Its time (midnight) becomes a later one with each
/// result of a case.
pub fn result(assay: Assay) -> Observation {
    Observation {
        kind: SpecimenKind::Donor,
        specimen_id: Some(din().as_str().to_owned()),
        din: Some(din()),
        rack: None,
        position: None,
        test_code: format!("code-{assay}"),
        assay: Some(assay),
        value: None,
        number: None,
        unit: None,
        reading: None,
        flags: Vec::new(),
        status: Some(ResultStatus::Final),
        completed_at: Some(time("2026-01-02T00:00:00")),
        reagent_lot: None,
        replicate: None,
        operator: None,
        started_at: None,
        control_lot: None,
        reagent_expiry: None,
        unaccounted: Vec::new(),
        concerns: Vec::new(),
    }
}

/// Local time without a zone, as most analysers send it.
pub fn time(civil: &str) -> InstrumentTime {
    InstrumentTime { civil: civil.parse().unwrap(), offset: None }
}

pub trait Bench: Sized {
    fn reads(self, reading: Reading) -> Self;
    fn says(self, value: &str) -> Self;
    fn status(self, status: ResultStatus) -> Self;
    fn at(self, civil: &str) -> Self;
    fn untimed(self) -> Self;
    fn place(self, rack: &str, position: &str) -> Self;
    fn replicate(self, replicate: &str) -> Self;
    fn concern(self, code: &str, effect: Effect) -> Self;
    fn not_understood(self) -> Self;
}

impl Bench for Observation {
    fn reads(mut self, reading: Reading) -> Self {
        self.reading = Some(reading);
        self
    }

    fn says(mut self, value: &str) -> Self {
        self.number = value.trim_start_matches(['<', '>', ' ']).parse().ok();
        self.value = Some(value.to_owned());
        self
    }

    fn status(mut self, status: ResultStatus) -> Self {
        self.status = Some(status);
        self
    }

    fn at(mut self, civil: &str) -> Self {
        self.completed_at = Some(time(civil));
        self
    }

    fn untimed(mut self) -> Self {
        self.completed_at = None;
        self
    }

    fn place(mut self, rack: &str, position: &str) -> Self {
        self.rack = Some(rack.to_owned());
        self.position = Some(position.to_owned());
        self
    }

    fn replicate(mut self, replicate: &str) -> Self {
        self.replicate = Some(replicate.to_owned());
        self
    }

    fn concern(mut self, code: &str, effect: Effect) -> Self {
        self.concerns.push(Concern { code: code.to_owned(), effect, text: "seen".to_owned() });
        self
    }

    fn not_understood(mut self) -> Self {
        self.unaccounted.push(Unaccounted {
            offset: 10,
            path: "R[1].7.2".to_owned(),
            text: "S".to_owned(),
            why: "not in the profile".to_owned(),
        });
        self
    }
}

/// The verdict and the codes of a decision, in order.
pub fn short(decision: &Decision) -> (Verdict, Vec<ReasonCode>) {
    (decision.verdict, decision.reasons.iter().map(|reason| reason.code).collect())
}

/// The set where results alone count, with these choices of a site instead.
pub fn site(choices: &[(&str, &str)]) -> RuleSet {
    site_of(shipped("cn").unwrap(), choices)
}

/// The same with one text of the set replaced.
pub fn cn_with(old: &str, new: &str) -> RuleSet {
    let text = shipped("cn").unwrap();
    assert!(text.contains(old), "{old}");
    site_of(&text.replace(old, new), &[])
}

fn site_of(text: &str, choices: &[(&str, &str)]) -> RuleSet {
    let is_chosen = |line: &&str| choices.iter().all(|(name, _)| !line.starts_with(name));
    let mut text = format!("{text}\n");
    for line in RESULTS_ONLY.lines().filter(is_chosen) {
        text.push_str(line);
        text.push('\n');
    }
    for (name, choice) in choices {
        text.push_str(&format!("{name} = \"{choice}\"\n"));
    }
    RuleSet::parse("cn.toml", &text).unwrap_or_else(|faults| panic!("{faults:#?}"))
}
