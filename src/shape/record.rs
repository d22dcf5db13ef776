//! What people and other systems put on record, as JSON: sent over HTTP, kept in the store.
//!
//! Every word is one of a closed list, every number exact (written as text), every field known: a
//! record that says anything else is refused with the field, what stands in it, and what may.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::{
    Container, ControlFailure, ControlSource, ControlTarget, DonationNumber, Expected, Kit,
    KitRecord, LotRecord, LotStanding, Pool, Reading, Record,
};

use super::accord::MessageRecordShape;
use super::quality::{EqaShape, RunShape};
use super::rack::RackRecordShape;
use super::record_error::{RecordError, day, decimal, said, time, word, words};
use super::statement::StatementShape;

/// A record as JSON. `record` says which kind it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case", deny_unknown_fields)]
pub enum RecordShape {
    /// About one donation.
    Donation {
        /// The donation number.
        din: String,
        /// What is said.
        statement: StatementShape,
    },
    /// A kit: what a test code of a profile or analyser is bought as.
    Kit(KitShape),
    /// How a reagent lot stands.
    Lot(LotShape),
    /// What a control must show.
    ControlTarget(ControlTargetShape),
    /// A failure of controls found after the run had been accepted.
    ControlFailure(ControlFailureShape),
    /// A pool and its members.
    Pool(PoolShape),
    /// A step of a rack's loading.
    Rack(RackRecordShape),
    /// A step towards what becomes of an unread message.
    Message(MessageRecordShape),
    /// A run judged by a person.
    Run(RunShape),
    /// A step of a round of external quality assessment.
    Eqa(EqaShape),
}

/// A kit as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KitShape {
    /// Profile, or analyser id; what is said of an analyser goes before what is of its profile.
    pub profile: String,
    /// The analyser's test code.
    pub test_code: String,
    /// Who makes it.
    pub maker: String,
    /// Its name.
    pub name: String,
    /// `serum`, `edta`, `segment`, `plasma`: what it is validated for; empty: not registered.
    #[serde(default)]
    pub containers: Vec<String>,
    /// How long after collection a specimen may be tested.
    #[serde(default)]
    pub stability_hours: Option<u32>,
    /// Largest pool it is validated for; 1 for single donations only.
    #[serde(default)]
    pub pool_max: Option<u32>,
    /// The controls that every run needs, by material.
    #[serde(default)]
    pub controls: Vec<String>,
}

/// A reagent lot as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LotShape {
    /// Profile, or analyser id.
    pub profile: String,
    /// The analyser's test code.
    pub test_code: String,
    /// The lot, as results name it.
    pub lot: String,
    /// `not_recorded`, `released`, `not_released`, `delivery_not_accepted` or `recalled`.
    pub standing: String,
    /// Its last day, ISO 8601.
    #[serde(default)]
    pub expiry: Option<String>,
}

/// A control's target as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlTargetShape {
    /// Analyser id.
    pub analyser: String,
    /// The analyser's test code.
    pub test_code: String,
    /// The control's specimen id.
    pub material: String,
    /// Lot of the control.
    #[serde(default)]
    pub control_lot: Option<String>,
    /// 1, 2, ...
    pub level: u32,
    /// `kit` or `external`.
    pub source: String,
    /// What it must show.
    pub expected: ExpectedShape,
}

/// What a control must show, as JSON: exactly one of the three.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedShape {
    /// A reading, e.g. `nonreactive`.
    Reading(String),
    /// Two numbers as text, both included.
    Between([String; 2]),
    /// Mean and standard deviation, as text.
    Distribution([String; 2]),
}

/// A failure of controls as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlFailureShape {
    /// Analyser id.
    pub analyser: String,
    /// The analyser's test code.
    pub test_code: String,
    /// Results received from here on are meant, RFC 3339.
    pub from: String,
    /// Up to here, RFC 3339.
    pub to: String,
}

/// A pool as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolShape {
    /// Its id, as on its tube.
    pub id: String,
    /// Donation numbers in order; empty where nobody said.
    #[serde(default)]
    pub members: Vec<String>,
    /// Who or what pipetted it.
    #[serde(default)]
    pub made_by: Option<String>,
}

impl From<&Record> for RecordShape {
    fn from(record: &Record) -> Self {
        match record {
            Record::Donation(din, statement) => RecordShape::Donation {
                din: din.as_str().to_owned(),
                statement: StatementShape::from(statement),
            },
            Record::Kit(kit) => RecordShape::Kit(KitShape::from(kit)),
            Record::Lot(lot) => RecordShape::Lot(LotShape::from(lot)),
            Record::Target(target) => RecordShape::ControlTarget(ControlTargetShape::from(target)),
            Record::ControlFailure(failure) => {
                RecordShape::ControlFailure(ControlFailureShape::from(failure))
            }
            Record::Pool(pool) => RecordShape::Pool(PoolShape::from(pool)),
            Record::Rack(rack) => RecordShape::Rack(RackRecordShape::from(rack)),
            Record::Message(message) => RecordShape::Message(MessageRecordShape::from(message)),
            Record::Run(run) => RecordShape::Run(RunShape::from(run)),
            Record::Eqa(round) => RecordShape::Eqa(EqaShape::from(round)),
        }
    }
}

impl RecordShape {
    /// The record this says. `number` reads a donation number: whoever takes a record from outside
    /// checks it there, whoever reads one back from the store restores it.
    ///
    /// # Errors
    /// The first field that cannot be what it says.
    pub fn restore(
        self,
        number: impl Fn(&str) -> Option<DonationNumber>,
    ) -> Result<Record, RecordError> {
        let number = |field: &'static str, text: &str| {
            number(text).ok_or_else(|| RecordError::new(field, text, "a donation number"))
        };
        Ok(match self {
            RecordShape::Donation { din, statement } => {
                Record::Donation(number("din", &din)?, statement.restore()?)
            }
            RecordShape::Kit(kit) => Record::Kit(kit.restore()?),
            RecordShape::Lot(lot) => Record::Lot(lot.restore()?),
            RecordShape::ControlTarget(target) => Record::Target(target.restore()?),
            RecordShape::ControlFailure(failure) => Record::ControlFailure(failure.restore()?),
            RecordShape::Rack(rack) => Record::Rack(rack.restore()?),
            RecordShape::Message(message) => Record::Message(message.restore()?),
            RecordShape::Run(run) => Record::Run(run.restore()?),
            RecordShape::Eqa(round) => Record::Eqa(round.restore()?),
            RecordShape::Pool(pool) => {
                let members = pool.members.iter().map(|din| number("members", din));
                let members = members.collect::<Result<_, _>>()?;
                Record::Pool(Pool { id: said("id", pool.id)?, members, made_by: pool.made_by })
            }
        })
    }
}

impl From<&KitRecord> for KitShape {
    fn from(record: &KitRecord) -> Self {
        let kit = &record.kit;
        KitShape {
            profile: record.profile.clone(),
            test_code: record.test_code.clone(),
            maker: kit.maker.clone(),
            name: kit.name.clone(),
            containers: kit.containers.iter().map(|one| one.id().to_owned()).collect(),
            stability_hours: kit.stability_hours,
            pool_max: kit.pool_max,
            controls: kit.controls.clone(),
        }
    }
}

impl KitShape {
    fn restore(self) -> Result<KitRecord, RecordError> {
        let controls = self.controls.into_iter().map(|material| said("controls", material));
        let kit = Kit {
            maker: said("maker", self.maker)?,
            name: said("name", self.name)?,
            containers: words("containers", &Container::ALL, Container::id, &self.containers)?,
            stability_hours: self.stability_hours,
            pool_max: self.pool_max,
            controls: controls.collect::<Result<_, _>>()?,
        };
        let profile = said("profile", self.profile)?;
        Ok(KitRecord { profile, test_code: said("test_code", self.test_code)?, kit })
    }
}

impl From<&LotRecord> for LotShape {
    fn from(lot: &LotRecord) -> Self {
        LotShape {
            profile: lot.profile.clone(),
            test_code: lot.test_code.clone(),
            lot: lot.lot.clone(),
            standing: lot.standing.id().to_owned(),
            expiry: lot.expiry.map(|day| day.to_string()),
        }
    }
}

impl LotShape {
    fn restore(self) -> Result<LotRecord, RecordError> {
        Ok(LotRecord {
            profile: said("profile", self.profile)?,
            test_code: said("test_code", self.test_code)?,
            lot: said("lot", self.lot)?,
            standing: word("standing", &LotStanding::ALL, LotStanding::id, &self.standing)?,
            expiry: self.expiry.map(|text| day("expiry", &text)).transpose()?,
        })
    }
}

impl From<&ControlTarget> for ControlTargetShape {
    fn from(target: &ControlTarget) -> Self {
        ControlTargetShape {
            analyser: target.analyser.clone(),
            test_code: target.test_code.clone(),
            material: target.material.clone(),
            control_lot: target.control_lot.clone(),
            level: target.level,
            source: target.source.id().to_owned(),
            expected: ExpectedShape::from(&target.expected),
        }
    }
}

impl ControlTargetShape {
    fn restore(self) -> Result<ControlTarget, RecordError> {
        if self.level == 0 {
            return Err(RecordError::new("level", "0", "1, 2, ..."));
        }
        Ok(ControlTarget {
            analyser: said("analyser", self.analyser)?,
            test_code: said("test_code", self.test_code)?,
            material: said("material", self.material)?,
            control_lot: self.control_lot.map(|lot| said("control_lot", lot)).transpose()?,
            level: self.level,
            source: word("source", &ControlSource::ALL, ControlSource::id, &self.source)?,
            expected: self.expected.restore()?,
        })
    }
}

impl From<&Expected> for ExpectedShape {
    fn from(expected: &Expected) -> Self {
        match expected {
            Expected::Reading(reading) => ExpectedShape::Reading(reading.id().to_owned()),
            Expected::Between(low, high) => {
                ExpectedShape::Between([low.to_string(), high.to_string()])
            }
            Expected::Distribution(mean, sd) => {
                ExpectedShape::Distribution([mean.to_string(), sd.to_string()])
            }
        }
    }
}

impl ExpectedShape {
    fn restore(self) -> Result<Expected, RecordError> {
        match self {
            ExpectedShape::Reading(word) => match Reading::from_id(&word) {
                Some(reading) => Ok(Expected::Reading(reading)),
                None => Err(RecordError::new("expected.reading", &word, READINGS)),
            },
            ExpectedShape::Between([low, high]) => {
                let field = "expected.between";
                let (from, to) = (decimal(field, &low)?, decimal(field, &high)?);
                if from > to {
                    let found = format!("{low} to {high}");
                    return Err(RecordError::new(field, &found, "the lower limit first"));
                }
                Ok(Expected::Between(from, to))
            }
            ExpectedShape::Distribution([mean, sd]) => {
                let field = "expected.distribution";
                let (mean, deviation) = (decimal(field, &mean)?, decimal(field, &sd)?);
                if deviation <= Decimal::ZERO {
                    return Err(RecordError::new(field, &sd, "a standard deviation above 0"));
                }
                Ok(Expected::Distribution(mean, deviation))
            }
        }
    }
}

const READINGS: &str = "nonreactive, reactive, grey_zone, invalid, a group or an RhD type";

impl From<&ControlFailure> for ControlFailureShape {
    fn from(failure: &ControlFailure) -> Self {
        ControlFailureShape {
            analyser: failure.analyser.clone(),
            test_code: failure.test_code.clone(),
            from: failure.from.to_string(),
            to: failure.to.to_string(),
        }
    }
}

impl ControlFailureShape {
    fn restore(self) -> Result<ControlFailure, RecordError> {
        let (from, to) = (time("from", &self.from)?, time("to", &self.to)?);
        if from > to {
            return Err(RecordError::new("to", &self.to, "a time that is not before `from`"));
        }
        Ok(ControlFailure {
            analyser: said("analyser", self.analyser)?,
            test_code: said("test_code", self.test_code)?,
            from,
            to,
        })
    }
}

impl From<&Pool> for PoolShape {
    fn from(pool: &Pool) -> Self {
        PoolShape {
            id: pool.id.clone(),
            members: pool.members.iter().map(|din| din.as_str().to_owned()).collect(),
            made_by: pool.made_by.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::super::any::{self, moment, name};
    use super::*;
    use crate::domain::{
        Assay, Details, DonationKind, DonorRecord, Lookback, ReviewStep, Sex, Statement,
        Supplemental,
    };

    fn restored(text: &str) -> Option<DonationNumber> {
        Some(DonationNumber::restored(text.to_owned()))
    }

    fn din() -> impl Strategy<Value = DonationNumber> {
        "[A-Z0-9]{1,14}".prop_map(DonationNumber::restored)
    }

    fn number() -> impl Strategy<Value = Decimal> {
        (any::<i64>(), 0_u32..=28).prop_map(|(digits, scale)| Decimal::new(digits, scale))
    }

    fn any_statement() -> BoxedStrategy<Statement> {
        let assay = || select(Assay::ALL.to_vec());
        let details = (
            select(DonationKind::ALL.to_vec()),
            any::<bool>(),
            option::of(select(Sex::ALL.to_vec())),
            vec(assay(), 0..4),
        );
        prop_oneof![
            details.prop_map(|(kind, autologous, sex, extras)| {
                Statement::Details(Details { kind, autologous, sex, extras })
            }),
            Just(Statement::Deferred),
            select(DonorRecord::ALL.to_vec()).prop_map(Statement::DonorRecord),
            assay().prop_map(Statement::EarlierOccasion),
            (assay(), select(Supplemental::ALL.to_vec()))
                .prop_map(|(assay, found)| Statement::Supplemental(assay, found)),
            select(ReviewStep::ALL.to_vec()).prop_map(Statement::Signature),
            Just(Statement::SampleNotReceived),
            Just(Statement::SampleReceived),
            Just(Statement::NumberCheckFailed),
            select(Container::ALL.to_vec()).prop_map(Statement::Container),
            select(Lookback::ALL.to_vec()).prop_map(Statement::Lookback),
            Just(Statement::ManualPath),
            "[0-9a-f]{64}".prop_map(Statement::Reevaluated),
            any::statement(),
        ]
        .boxed()
    }

    fn any_kit() -> impl Strategy<Value = KitRecord> {
        let texts = (name(), name(), name(), name());
        let limits = (option::of(any::<u32>()), option::of(any::<u32>()));
        let lists = (vec(select(Container::ALL.to_vec()), 0..4), vec(name(), 0..3));
        (texts, limits, lists).prop_map(|(texts, limits, (containers, controls))| {
            let ((profile, test_code, maker, name), (stability_hours, pool_max)) = (texts, limits);
            let kit = Kit { maker, name, containers, stability_hours, pool_max, controls };
            KitRecord { profile, test_code, kit }
        })
    }

    fn any_target() -> impl Strategy<Value = ControlTarget> {
        let readings = ["nonreactive", "reactive", "grey_zone", "invalid", "AB", "positive"]
            .map(|id| Reading::from_id(id).unwrap());
        let expected = prop_oneof![
            select(readings.to_vec()).prop_map(Expected::Reading),
            (number(), number()).prop_map(|(a, b)| Expected::Between(a.min(b), a.max(b))),
            (number(), 1_i64.., 0_u32..=28).prop_map(|(mean, sd, scale)| Expected::Distribution(
                mean,
                Decimal::new(sd, scale)
            )),
        ];
        let key = (name(), name(), name(), option::of(name()));
        (key, 1_u32.., select(ControlSource::ALL.to_vec()), expected).prop_map(
            |((analyser, test_code, material, control_lot), level, source, expected)| {
                ControlTarget {
                    analyser,
                    test_code,
                    material,
                    control_lot,
                    level,
                    source,
                    expected,
                }
            },
        )
    }

    fn any_record() -> BoxedStrategy<Record> {
        let lot = (name(), name(), name(), select(LotStanding::ALL.to_vec()), option::of(0..9_i8));
        prop_oneof![
            (din(), any_statement()).prop_map(|(din, said)| Record::Donation(din, said)),
            any_kit().prop_map(Record::Kit),
            lot.prop_map(|(profile, test_code, lot, standing, day)| {
                let expiry = day.map(|day| date(2027, 1, day + 1));
                Record::Lot(LotRecord { profile, test_code, lot, standing, expiry })
            }),
            any_target().prop_map(Record::Target),
            (name(), name(), moment(), moment()).prop_map(|(analyser, test_code, a, b)| {
                let (from, to) = (a.min(b), a.max(b));
                Record::ControlFailure(ControlFailure { analyser, test_code, from, to })
            }),
            (name(), vec(din(), 0..9), option::of(name()))
                .prop_map(|(id, members, made_by)| Record::Pool(Pool { id, members, made_by })),
            any::record(),
        ]
        .boxed()
    }

    proptest! {
        #[test]
        fn what_is_put_on_record_is_read_back_exactly(record in any_record()) {
            let text = serde_json::to_string(&RecordShape::from(&record)).unwrap();
            let shape: RecordShape = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(shape.restore(restored).unwrap(), record);
        }
    }

    fn refusal(json: &str) -> String {
        match serde_json::from_str::<RecordShape>(json) {
            Ok(shape) => shape.restore(restored).unwrap_err().to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_a_record_cannot_say_is_refused_with_the_field_and_what_may_stand_there() {
        let cases = [
            (
                r#"{"record":"lot","profile":"p","test_code":"1","lot":"7","standing":"good"}"#,
                &["standing", "good", "recalled"][..],
            ),
            (
                r#"{"record":"lot","profile":"p","test_code":"1","lot":" ","standing":"recalled"}"#,
                &["lot is"],
            ),
            (
                r#"{"record":"lot","profile":"p","test_code":"1","lot":"7","standing":"recalled",
               "expiry":"31.12.2026"}"#,
                &["expiry", "31.12.2026", "YYYY-MM-DD"],
            ),
            (
                r#"{"record":"lot","profile":"p","test_code":"1","lot":"7","standing":"recalled",
               "until":"2026-12-31"}"#,
                &["unknown field `until`"],
            ),
            (
                r#"{"record":"donation","din":"A","statement":{"says":"signature","step":"seen"}}"#,
                &["step", "seen", "tested, reviewed, signed"],
            ),
            (
                r#"{"record":"donation","din":"A","statement":{"says":"deferred","until":"x"}}"#,
                &["unknown field `until`"],
            ),
            (
                r#"{"record":"donation","din":"A","statement":{"says":"supplemental","assay":"hcg",
               "result":"negative"}}"#,
                &["assay", "hcg", "hbsag"],
            ),
            (
                r#"{"record":"donation","din":"A","statement":{"says":"reevaluated",
               "rule_set":"cn"}}"#,
                &["rule_set", "cn", "64"],
            ),
            (
                r#"{"record":"control_failure","analyser":"a","test_code":"1",
               "from":"2026-01-02T00:00:00Z","to":"2026-01-01T00:00:00Z"}"#,
                &["to is", "before"],
            ),
            (
                r#"{"record":"control_target","analyser":"a","test_code":"1","material":"m",
               "level":0,
               "source":"kit","expected":{"reading":"reactive"}}"#,
                &["level", "1, 2"],
            ),
            (
                r#"{"record":"control_target","analyser":"a","test_code":"1","material":"m",
               "level":1,
               "source":"kit","expected":{"distribution":["1.0","0"]}}"#,
                &["deviation"],
            ),
            (
                r#"{"record":"control_target","analyser":"a","test_code":"1","material":"m",
               "level":1,
               "source":"kit","expected":{"between":["2","1"]}}"#,
                &["2 to 1", "lower limit"],
            ),
            (r#"{"record":"kit"}"#, &["missing field"]),
            (r#"{"record":"note"}"#, &["unknown variant `note`"]),
        ];
        for (json, words) in cases {
            let said = refusal(json);
            assert!(words.iter().all(|word| said.contains(word)), "{json}: {said}");
        }
    }

    #[test]
    fn a_number_that_is_none_is_refused_where_a_record_comes_from_outside() {
        let pool = r#"{"record":"pool","id":"P1","members":["A","B"]}"#;
        let shape: RecordShape = serde_json::from_str(pool).unwrap();
        let only_a = |text: &str| (text == "A").then(|| DonationNumber::restored(text.to_owned()));
        let refused = shape.restore(only_a).unwrap_err();
        assert_eq!((refused.field, refused.value.as_str()), ("members", "B"));
    }
}
