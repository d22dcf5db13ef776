//! The bench on which a case is told: results, pools, statements, in the order in which they came
//! about. Sentences change it; [`super::told`] makes facts of it.
//!
//! Refuses a sentence that speaks of what is not there: repeats of a result that is not on record,
//! a condition of no result.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::domain::{
    AboGroup, Assay, Bracket, Circumstances, Container, Controls, Details, DonationKind,
    DonorRecord, ExternalControls, HistoricGroup, Kit, KitControls, Lookback, LotStanding, Measure,
    Reading, ReleaseHistory, ResultStatus, RhdType, RuleSetStanding, Supplemental,
};

use super::accord::Said;
use super::sentence::{Answer, Condition, Earlier, Gone, Repeats, Sentence, Test, Which};
use super::words::{Saying, Unit};

/// Everything that a case says.
#[derive(Clone, Debug)]
pub(super) struct Bench {
    /// Results in the order in which they came about, those of pools too.
    pub(super) sheets: Vec<Sheet>,
    /// Pools, in the order in which they were first spoken of.
    pub(super) pools: Vec<PoolSheet>,
    /// The donation and its donor.
    pub(super) donation: DonationSheet,
    /// Review and signature.
    pub(super) review: Review,
    /// Messages that could not be read; cut short or not.
    pub(super) unread: Vec<bool>,
    /// Seen at two places.
    pub(super) two_places: bool,
    /// What an earlier verdict did.
    pub(super) release: ReleaseHistory,
    /// What the laboratory put on record of kits; holds for every result of them.
    pub(super) leaflets: Vec<(Test, Condition)>,
    /// What people said of racks, messages and each other's proposals, in order; each with how many
    /// results there were.
    pub(super) accords: Vec<(usize, Said)>,
    /// Where grey zones lie.
    grey: BTreeMap<Assay, (Decimal, Decimal)>,
    /// The test that a sentence spoke of last.
    last: Option<Test>,
    /// How many results there were, those that were taken away too.
    made: u32,
}

/// A result.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    /// The assay; `None` for a test code that nobody mapped.
    pub(super) assay: Option<Assay>,
    /// The kit's letter.
    pub(super) kit: char,
    /// The pool whose tube was tested.
    pub(super) pool: Option<String>,
    /// What it is to the others.
    pub(super) role: Role,
    /// Its place in the course of things: times follow it.
    pub(super) moment: u32,
    /// The message it came with.
    pub(super) message: u32,
    pub(super) reading: Option<Reading>,
    pub(super) value: Option<String>,
    pub(super) number: Option<Decimal>,
    pub(super) unit: Option<String>,
    pub(super) status: Option<ResultStatus>,
    pub(super) when: When,
    pub(super) operator: Option<String>,
    pub(super) expiry: LastDay,
    /// Flags, contradictions: code, whether they hold, text.
    pub(super) concerns: Vec<(String, crate::domain::Effect)>,
    pub(super) not_understood: Option<String>,
    /// The number that was scanned, where it is not simply this donation's.
    pub(super) tube: Option<String>,
    /// A test code that is mapped to nothing.
    pub(super) test_code: Option<String>,
    pub(super) circumstances: Circumstances,
}

/// What a result is to the others of its test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    First,
    Repeat,
    Later,
}

/// When a result was completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// In its turn, a day after collection.
    InTurn,
    /// So many hours after collection.
    Hours(u32),
    /// Later than the kit's leaflet allows.
    TooLate,
    /// Before collection.
    Before,
    /// So many months before collection.
    MonthsBefore(u32),
    /// Nobody says.
    Unknown,
}

/// The last day of a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastDay {
    InDate,
    On(Date),
    DayOfRun,
    DayBefore,
    NotRecorded,
}

/// A pool.
#[derive(Clone, Debug)]
pub(super) struct PoolSheet {
    pub(super) id: String,
    pub(super) size: u32,
    pub(super) members: crate::domain::PoolMembers,
    pub(super) assay: Assay,
    /// Single readings of the other members, by place; the first is member 2.
    pub(super) others: Vec<Option<Reading>>,
}

/// The donation and its donor.
#[derive(Clone, Debug)]
pub(super) struct DonationSheet {
    pub(super) registered: bool,
    pub(super) collected: Option<Date>,
    pub(super) first_time: bool,
    pub(super) deferred: bool,
    pub(super) deferred_later: bool,
    pub(super) history: Option<HistoricGroup>,
    pub(super) details: Details,
    pub(super) records: Vec<DonorRecord>,
    pub(super) occasions: Vec<Assay>,
    pub(super) supplementals: Vec<(Assay, Supplemental)>,
    pub(super) number_fails: bool,
    pub(super) sample: Vec<bool>,
    pub(super) lookback: Option<Lookback>,
    pub(super) manual: bool,
    pub(super) rule_set: RuleSetStanding,
    pub(super) reevaluated: bool,
}

/// Who did which step of the review; `None`: nobody.
#[derive(Clone, Debug, Default)]
pub(super) struct Review {
    pub(super) tester: Option<String>,
    pub(super) reviewer: Option<String>,
    pub(super) signer: Option<String>,
    pub(super) before_last: bool,
}

impl Bench {
    /// A donation that is registered and nothing more: whole blood of a known donor.
    pub(super) fn new() -> Bench {
        Bench {
            sheets: Vec::new(),
            pools: Vec::new(),
            donation: DonationSheet::new(),
            review: Review::default(),
            unread: Vec::new(),
            two_places: false,
            release: ReleaseHistory::NeverReleased,
            leaflets: Vec::new(),
            accords: Vec::new(),
            grey: BTreeMap::new(),
            last: None,
            made: 0,
        }
    }

    /// Lets a sentence change the bench.
    pub(super) fn apply(&mut self, sentence: &Sentence) -> Result<(), String> {
        match sentence {
            Sentence::Result(test, answer) => self.result(*test, answer),
            Sentence::Again(test, answer) => {
                let kit = self.kit_of(*test);
                self.append(test.assay, kit, Role::Later, answer).map(|_| ())
            }
            Sentence::RepeatReactive(test) => self.repeat_reactive(*test),
            Sentence::TwoReagents(assay, first, second) => {
                self.result(Test { assay: *assay, kit: None }, first)?;
                self.second(*assay, Some(second))
            }
            Sentence::Second(assay, answer) => self.second(*assay, answer.as_ref()),
            Sentence::ForwardReverse(forward, reverse) => {
                let of = |assay| Test { assay, kit: None };
                self.result(of(Assay::AboForward), &Answer::of(Saying::Group(*forward)))?;
                self.result(of(Assay::AboReverse), &Answer::of(Saying::Group(*reverse)))
            }
            Sentence::OnlyOne(assay) => self.only_one(*assay),
            Sentence::Repeats(repeats) => self.repeat(repeats),
            Sentence::Singly(assay, answer) => self.singly(*assay, answer),
            Sentence::Corrected(test, answer, after) => self.corrected(*test, answer, *after),
            Sentence::TwoAnswers(test, first, second) => self.two_answers(*test, first, second),
            Sentence::Without(gone) => self.without(gone),
            Sentence::SentTwice => self.sent_twice(),
            Sentence::GreyZone(assay, low, high) => {
                self.grey.insert(*assay, (*low, *high));
                Ok(())
            }
            Sentence::On(which, condition) => self.on(which, condition),
            Sentence::OnReleased(which, condition) => {
                self.release = ReleaseHistory::Released;
                self.on(which, condition)
            }
            Sentence::OneMaker(assay) => {
                self.one_maker(*assay);
                Ok(())
            }
            Sentence::OneOperator(assay) => self.one_operator(*assay),
            Sentence::Unmapped(code) => self.unmapped(code),
            Sentence::Unread(cut_short) => {
                self.unread.push(*cut_short);
                Ok(())
            }
            Sentence::TwoPlaces => {
                self.two_places = true;
                Ok(())
            }
            Sentence::Pool(id, saying) => self.pool(id.as_deref(), saying),
            Sentence::Donation(saying) => {
                self.donation.apply(saying);
                Ok(())
            }
            Sentence::Review(saying) => {
                self.review.apply(saying);
                Ok(())
            }
            Sentence::Supplemental(assay, finding) => self.supplemental(*assay, *finding),
            Sentence::Accord(saying) => self.accord(saying),
            Sentence::Release(earlier) => {
                self.release = match earlier {
                    Earlier::Released => ReleaseHistory::Released,
                    Earlier::Recalled => ReleaseHistory::Recalled,
                    Earlier::NeverReleased => ReleaseHistory::NeverReleased,
                };
                Ok(())
            }
            Sentence::Nothing => Ok(()),
        }
    }

    /// The first result of a test says this.
    fn result(&mut self, test: Test, answer: &Answer) -> Result<(), String> {
        let groups = [Assay::Abo, Assay::Rhd].contains(&test.assay) && test.kit.is_none();
        let meant = |sheet: &Sheet| {
            let named = sheet.assay.is_some_and(|assay| names(test.assay, assay));
            sheet.assay == Some(test.assay) || (groups && named)
        };
        let kit = self.kit_of(test);
        let (mut found, mut places) = (false, Vec::new());
        for (at, sheet) in self.sheets.iter().enumerate() {
            let first = sheet.role == Role::First && sheet.pool.is_none() && meant(sheet);
            if first && (groups || sheet.kit == kit) {
                places.push(at);
                found = true;
            }
        }
        for at in places {
            self.set(at, answer)?;
        }
        if !found {
            self.append(test.assay, kit, Role::First, answer)?;
        }
        self.last = Some(Test { assay: test.assay, kit: Some(kit) });
        Ok(())
    }

    /// The kit that is meant: the one named, else the first on record, else A.
    pub(super) fn kit_of(&self, test: Test) -> char {
        let of_assay = self.sheets.iter().filter(|sheet| sheet.assay == Some(test.assay));
        test.kit.or_else(|| of_assay.map(|sheet| sheet.kit).next()).unwrap_or('A')
    }

    /// Gives the sheet at a place another answer; how it came about stays.
    fn set(&mut self, at: usize, answer: &Answer) -> Result<(), String> {
        let grey = &self.grey;
        let Some(sheet) = self.sheets.get_mut(at) else { return Ok(()) };
        let Some(assay) = sheet.assay else { return Ok(()) };
        sheet.answer(assay, answer, grey.get(&assay).copied())
    }

    /// Puts another result on record.
    pub(super) fn append(
        &mut self,
        assay: Assay,
        kit: char,
        role: Role,
        answer: &Answer,
    ) -> Result<usize, String> {
        self.made += 1;
        let mut sheet = Sheet::new(assay, kit, role, self.made);
        sheet.answer(assay, answer, self.grey.get(&assay).copied())?;
        self.sheets.push(sheet);
        self.last = Some(Test { assay, kit: Some(kit) });
        Ok(self.sheets.len() - 1)
    }

    fn second(&mut self, assay: Assay, answer: Option<&Answer>) -> Result<(), String> {
        let of_assay = |sheet: &&Sheet| sheet.assay == Some(assay) && sheet.pool.is_none();
        let first = self.sheets.iter().find(of_assay).map(|sheet| (sheet.kit, sheet.reading));
        let other = first.and_then(|(_, reading)| other_answer(reading?));
        let Some(answer) = answer.cloned().or(other) else {
            return Err(format!("no first result of {assay} is on record"));
        };
        let kit = first.map_or('B', |(kit, _)| if kit == 'B' { 'C' } else { 'B' });
        self.result(Test { assay, kit: Some(kit) }, &answer)
    }

    fn only_one(&mut self, assay: Assay) -> Result<(), String> {
        let same = |sheet: &Sheet| sheet.assay.is_some_and(|known| names(assay, known));
        let kit = self.sheets.iter().find(|sheet| same(sheet)).map(|sheet| sheet.kit);
        let kit = kit.ok_or_else(|| format!("no result of {assay} is on record"))?;
        self.sheets.retain(|sheet| !same(sheet) || (sheet.kit == kit && sheet.role == Role::First));
        Ok(())
    }

    fn repeat(&mut self, repeats: &Repeats) -> Result<(), String> {
        let of = repeats.of.or(self.last).ok_or("repeats of what? name the assay")?;
        let kit = self.kit_of(of);
        let first = |sheet: &Sheet| sheet.assay == Some(of.assay) && sheet.kit == kit;
        if !self.sheets.iter().any(first) {
            return Err(format!("there is no result of {} kit {kit} to repeat", of.assay));
        }
        for saying in &repeats.sayings {
            let with = repeats.with.unwrap_or(kit);
            let at = self.append(of.assay, with, Role::Repeat, &Answer::of(*saying))?;
            if let (Some(container), Some(sheet)) = (repeats.from, self.sheets.get_mut(at)) {
                sheet.circumstances.container = Some(container);
            }
        }
        self.last = Some(Test { assay: of.assay, kit: Some(kit) });
        Ok(())
    }

    /// A result that is reactive already is reactive in a repeat; any other first, then in both.
    fn repeat_reactive(&mut self, test: Test) -> Result<(), String> {
        let kit = self.kit_of(test);
        let own = |sheet: &&Sheet| sheet.assay == Some(test.assay) && sheet.kit == kit;
        let mut known = self.sheets.iter().filter(own).filter(|sheet| sheet.pool.is_none());
        let is_reactive =
            known.any(|sheet| matches!(sheet.reading, Some(Reading::Reactive | Reading::GreyZone)));
        let of = Test { assay: test.assay, kit: Some(kit) };
        let mut sayings = vec![Saying::Positive];
        if !is_reactive {
            self.result(of, &Answer::of(Saying::Positive))?;
            sayings.push(Saying::Positive);
        }
        self.repeat(&Repeats { of: Some(of), with: None, from: None, sayings })
    }

    fn supplemental(
        &mut self,
        assay: Option<Assay>,
        finding: Option<Supplemental>,
    ) -> Result<(), String> {
        let last = self.last.map(|test| test.assay);
        let assay = assay.or(last).ok_or("a supplemental test of what? name the assay")?;
        match finding {
            Some(finding) => self.donation.supplementals.push((assay, finding)),
            None => self.donation.supplementals.retain(|(known, _)| *known != assay),
        }
        Ok(())
    }

    fn singly(&mut self, assay: Option<Assay>, answer: &Answer) -> Result<(), String> {
        let of_pool = self.pools.last().map(|pool| pool.assay);
        let assay = assay.or(of_pool).ok_or("singly by which assay? there is no pool")?;
        let kit = self.kit_of(Test { assay, kit: None });
        self.append(assay, kit, Role::Later, answer).map(|_| ())
    }

    fn corrected(&mut self, test: Test, answer: &Answer, after: bool) -> Result<(), String> {
        let kit = self.kit_of(test);
        let same = |sheet: &&Sheet| sheet.assay == Some(test.assay) && sheet.kit == kit;
        let Some(corrected) = self.sheets.iter().rev().find(same).cloned() else {
            return Err(format!("there is no result of {} kit {kit} to correct", test.assay));
        };
        let at = self.append(test.assay, kit, Role::Later, answer)?;
        if let Some(sheet) = self.sheets.get_mut(at) {
            (sheet.moment, sheet.pool) = (corrected.moment, corrected.pool);
            sheet.circumstances = corrected.circumstances;
            sheet.status = Some(ResultStatus::Corrected);
        }
        if after {
            self.release = ReleaseHistory::Released;
        }
        Ok(())
    }

    fn two_answers(&mut self, test: Test, one: &Answer, other: &Answer) -> Result<(), String> {
        self.result(test, one)?;
        let kit = self.kit_of(test);
        let same = |sheet: &&Sheet| sheet.assay == Some(test.assay) && sheet.kit == kit;
        let first = self.sheets.iter().find(same).map(|sheet| (sheet.moment, sheet.message));
        let at = self.append(test.assay, kit, Role::Later, other)?;
        if let (Some(sheet), Some((moment, message))) = (self.sheets.get_mut(at), first) {
            (sheet.moment, sheet.message) = (moment, message);
        }
        Ok(())
    }

    fn without(&mut self, gone: &Gone) -> Result<(), String> {
        match gone {
            Gone::Everything => {
                self.sheets.clear();
                self.pools.clear();
            }
            Gone::Pool(id) => {
                let meant = |known: &str| id.as_deref().is_none_or(|id| id == known);
                if !self.pools.iter().any(|pool| meant(&pool.id)) {
                    return Err("there is no such pool on record".to_owned());
                }
                self.pools.retain(|pool| !meant(&pool.id));
                self.sheets.retain(|sheet| !sheet.pool.as_deref().is_some_and(meant));
            }
            Gone::Test(test) => return self.without_test(*test),
        }
        Ok(())
    }

    /// An assay that is not there stays away: saying so twice is no fault.
    fn without_test(&mut self, test: Test) -> Result<(), String> {
        let parts = [Assay::HbvDna, Assay::HcvRna, Assay::HivRna];
        let on_record = |assay: Assay| {
            let tested = self.sheets.iter().any(|sheet| sheet.assay == Some(assay));
            tested || self.pools.iter().any(|pool| pool.assay == assay)
        };
        let by_multiplex = parts.contains(&test.assay) && !on_record(test.assay);
        let covers = |assay: Assay| {
            let part = test.assay == Assay::Nat && parts.contains(&assay);
            names(test.assay, assay) || part || (by_multiplex && assay == Assay::Nat)
        };
        let gone = |sheet: &Sheet| {
            let kit = test.kit.is_none_or(|kit| kit == sheet.kit);
            kit && sheet.assay.is_some_and(covers)
        };
        self.sheets.retain(|sheet| !gone(sheet));
        if test.kit.is_none() {
            self.pools.retain(|pool| !covers(pool.assay));
        }
        Ok(())
    }

    fn sent_twice(&mut self) -> Result<(), String> {
        let last = self.sheets.iter().map(|sheet| sheet.message).max().unwrap_or(0);
        let mut copies = self.sheets.clone();
        copies.iter_mut().for_each(|sheet| sheet.message += last);
        self.sheets.extend(copies);
        Ok(())
    }

    fn unmapped(&mut self, code: &str) -> Result<(), String> {
        let at = self.append(Assay::Hbsag, 'Z', Role::Later, &Answer::of(Saying::Negative))?;
        if let Some(sheet) = self.sheets.get_mut(at) {
            (sheet.assay, sheet.test_code) = (None, Some(code.to_owned()));
            (sheet.reading, sheet.circumstances.kit) = (None, None);
        }
        Ok(())
    }

    fn one_maker(&mut self, assay: Assay) {
        let maker = Condition::Maker(Some("One Maker".to_owned()));
        self.leaflets.push((Test { assay, kit: None }, maker));
    }

    fn one_operator(&mut self, assay: Option<Assay>) -> Result<(), String> {
        self.everywhere(assay, |sheet| sheet.operator = Some("operator-1".to_owned()))
    }

    fn everywhere(
        &mut self,
        assay: Option<Assay>,
        change: impl Fn(&mut Sheet),
    ) -> Result<(), String> {
        let which = assay.map_or(Which::All, |assay| Which::Of(Test { assay, kit: None }));
        self.meant(&which)?.into_iter().for_each(change);
        Ok(())
    }

    /// The results on record that are meant; none is a fault of the case.
    pub(super) fn meant(&mut self, which: &Which) -> Result<Vec<&mut Sheet>, String> {
        let of = |sheet: &Sheet, test: &Test| {
            let kit = test.kit.is_none_or(|kit| kit == sheet.kit);
            kit && sheet.assay.is_some_and(|assay| names(test.assay, assay))
        };
        let meant = |sheet: &Sheet| match which {
            Which::Of(test) => of(sheet, test),
            Which::RepeatsOf(test) => of(sheet, test) && sheet.role == Role::Repeat,
            Which::Pool(id) => match (id, &sheet.pool) {
                (Some(id), Some(pool)) => id == pool,
                (None, Some(_)) => true,
                (_, None) => false,
            },
            Which::All => true,
        };
        let sheets: Vec<&mut Sheet> = self.sheets.iter_mut().filter(|sheet| meant(sheet)).collect();
        if sheets.is_empty() {
            return Err(match which {
                Which::Of(test) => format!("there is no result of {} on record", test.said()),
                Which::RepeatsOf(test) => format!("no repeats of {} are on record", test.said()),
                Which::Pool(_) => "there is no result of the pool on record".to_owned(),
                Which::All => "there is no result on record".to_owned(),
            });
        }
        Ok(sheets)
    }

    /// Remembers that a pool's tube was tested.
    pub(super) fn append_pool(
        &mut self,
        id: &str,
        assay: Assay,
        answer: &Answer,
    ) -> Result<(), String> {
        let kit = self.kit_of(Test { assay, kit: None });
        let at = self.append(assay, kit, Role::Later, answer)?;
        if let Some(sheet) = self.sheets.get_mut(at) {
            sheet.pool = Some(id.to_owned());
        }
        Ok(())
    }

    /// Gives the first result of a pool's tube another answer.
    pub(super) fn set_pool(&mut self, id: &str, answer: &Answer) -> Result<bool, String> {
        let first = self.sheets.iter().position(|sheet| sheet.pool.as_deref() == Some(id));
        match first {
            Some(at) => self.set(at, answer).map(|()| true),
            None => Ok(false),
        }
    }
}

/// Whether a sentence that names one assay means results of the other: ABO means forward and
/// reverse typing too.
pub(super) fn names(said: Assay, assay: Assay) -> bool {
    said == assay || (said == Assay::Abo && assay.measure() == Measure::Abo)
}

/// Whether it looks for nucleic acids.
pub(super) const fn is_nucleic_acid(assay: Assay) -> bool {
    match assay {
        Assay::Nat
        | Assay::HbvDna
        | Assay::HcvRna
        | Assay::HivRna
        | Assay::WnvRna
        | Assay::HevRna
        | Assay::Babesia => true,
        Assay::Alt
        | Assay::Hbsag
        | Assay::AntiHcv
        | Assay::Hiv
        | Assay::Tp
        | Assay::Htlv
        | Assay::AntiHbc
        | Assay::Abo
        | Assay::Rhd
        | Assay::AntibodyScreen
        | Assay::Hb
        | Assay::AboForward
        | Assay::AboReverse
        | Assay::WeakD
        | Assay::AntiHbs
        | Assay::AntiCmv
        | Assay::TCruzi
        | Assay::Malaria => false,
    }
}

/// What another determination would have to say to differ.
fn other_answer(reading: Reading) -> Option<Answer> {
    let saying = match reading {
        Reading::Abo(AboGroup::A) => Saying::Group(AboGroup::B),
        Reading::Abo(AboGroup::B | AboGroup::O | AboGroup::Ab) => Saying::Group(AboGroup::A),
        Reading::Rhd(RhdType::Positive) | Reading::Reactive => Saying::Negative,
        Reading::Rhd(RhdType::Negative) | Reading::Nonreactive => Saying::Positive,
        Reading::GreyZone | Reading::Invalid => return None,
    };
    Some(Answer::of(saying))
}

impl Test {
    /// In words.
    fn said(self) -> String {
        match self.kit {
            Some(kit) => format!("{} kit {kit}", self.assay),
            None => self.assay.to_string(),
        }
    }
}

impl Sheet {
    fn new(assay: Assay, kit: char, role: Role, place: u32) -> Sheet {
        Sheet {
            assay: Some(assay),
            kit,
            pool: None,
            role,
            moment: place,
            message: place,
            reading: None,
            value: None,
            number: None,
            unit: None,
            status: Some(ResultStatus::Final),
            when: When::InTurn,
            operator: Some(format!("operator-{kit}")),
            expiry: LastDay::InDate,
            concerns: Vec::new(),
            not_understood: None,
            tube: None,
            test_code: None,
            circumstances: good_circumstances(assay, kit),
        }
    }

    fn answer(
        &mut self,
        assay: Assay,
        answer: &Answer,
        grey: Option<(Decimal, Decimal)>,
    ) -> Result<(), String> {
        let marker = assay.measure() == Measure::Marker;
        self.reading = answer.reading(assay)?;
        if let Some(months) = answer.months_ago {
            self.when = When::MonthsBefore(months);
        }
        let Some(amount) = &answer.amount else {
            self.value = self.reading.map(|reading| typical(reading).to_owned());
            self.number = self.value.as_deref().and_then(|value| value.parse().ok());
            return Ok(());
        };
        self.value = Some(amount.text.clone());
        self.number = Some(amount.number);
        self.unit = match &amount.unit {
            Some(Unit::Named(unit)) => Some(unit.clone()),
            Some(Unit::Absent) => None,
            None => usual_unit(assay).map(str::to_owned),
        };
        if marker && self.reading.is_none() {
            self.reading = Some(by_cut_off(&amount.text, amount.number, grey));
        }
        Ok(())
    }
}

/// A marker is reactive from 1.0 on; a value below the measuring range is below everything.
fn by_cut_off(text: &str, number: Decimal, grey: Option<(Decimal, Decimal)>) -> Reading {
    let below = text.starts_with(['<', '\u{2264}']);
    let in_grey = grey.is_some_and(|(low, high)| low <= number && number <= high);
    match (below, in_grey) {
        (true, _) if number <= Decimal::ONE => Reading::Nonreactive,
        (false, true) => Reading::GreyZone,
        (_, _) if number >= Decimal::ONE => Reading::Reactive,
        (_, _) => Reading::Nonreactive,
    }
}

/// The number an analyser might send with a reading; none with a group.
const fn typical(reading: Reading) -> &'static str {
    match reading {
        Reading::Nonreactive => "0.12",
        Reading::Reactive => "3.20",
        Reading::GreyZone => "0.92",
        Reading::Invalid => "",
        Reading::Abo(group) => group.id(),
        Reading::Rhd(rhd) => rhd.id(),
    }
}

fn usual_unit(assay: Assay) -> Option<&'static str> {
    const UNITS: [(Assay, &str); 3] =
        [(Assay::Alt, "U/L"), (Assay::Hb, "g/L"), (Assay::AntiHbs, "mIU/mL")];
    UNITS.into_iter().find(|(known, _)| *known == assay).map(|(_, unit)| unit)
}

/// Everything in order: what a case does not speak of is as it should be.
fn good_circumstances(assay: Assay, kit: char) -> Circumstances {
    let containers = match is_nucleic_acid(assay) {
        true => vec![Container::Edta, Container::Plasma, Container::Segment],
        false => vec![Container::Serum, Container::Edta, Container::Segment],
    };
    Circumstances {
        received_at: None,
        kit: Some(Kit {
            maker: format!("Maker {kit}"),
            name: format!("{assay} kit {kit}"),
            containers,
            stability_hours: Some(72),
            pool_max: Some(6),
            controls: Vec::new(),
        }),
        lot: LotStanding::Released,
        lot_expiry: None,
        controls: Controls {
            kit: KitControls::Passed,
            external: ExternalControls { recorded: true, ..ExternalControls::default() },
            bracket: Bracket::Closed,
            failed_later: false,
            observations: Vec::new(),
        },
        container: Some(Container::Edta),
    }
}

impl DonationSheet {
    fn new() -> DonationSheet {
        DonationSheet {
            registered: true,
            collected: None,
            first_time: false,
            deferred: false,
            deferred_later: false,
            history: None,
            details: Details { kind: DonationKind::WholeBlood, ..Details::default() },
            records: Vec::new(),
            occasions: Vec::new(),
            supplementals: Vec::new(),
            number_fails: false,
            sample: Vec::new(),
            lookback: None,
            manual: false,
            rule_set: RuleSetStanding::Unchanged,
            reevaluated: false,
        }
    }
}
