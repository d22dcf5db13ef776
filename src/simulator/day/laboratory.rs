//! What the laboratory of the day has bought, and what its controls must show: put on record before
//! anything runs.

use jiff::civil::{Date, date};

use super::super::Model;
use super::controls::Control;
use crate::domain::{
    Assay, ControlSource, ControlTarget, Kit, KitRecord, LotRecord, LotStanding, Record,
};

/// The lot that is on the ARCHITECT.
pub(super) const LOT: &str = "47331M100";
/// The lot that its maker recalls in the evening.
pub(super) const RECALLED_LOT: &str = "47331M200";
/// The lot that somebody left on board.
pub(super) const EXPIRED_LOT: &str = "46002M300";
/// Last day of what is in date.
const IN_DATE: Date = date(2027, 6, 30);
/// Last day of the expired lot: some days before.
const OVER: Date = date(2026, 2, 20);
/// Largest pool that the NAT kit is validated for.
const POOL_MAX: u32 = 6;

/// A test as one analyser names it in its results, and the kit it is bought as.
struct Test {
    model: Model,
    assay: Assay,
    code: &'static str,
    maker: &'static str,
    name: &'static str,
}

const ROCHE: [(Assay, &str, &str); 4] = [
    (Assay::Hbsag, "515", "Elecsys HBsAg"),
    (Assay::AntiHcv, "286", "Elecsys Anti-HCV"),
    (Assay::Hiv, "111", "Elecsys HIV combi"),
    (Assay::Tp, "149", "Elecsys Syphilis"),
];
const ABBOTT: [(Assay, &str, &str); 4] = [
    (Assay::Hbsag, "605", "ARCHITECT HBsAg"),
    (Assay::AntiHcv, "161", "ARCHITECT Anti-HCV"),
    (Assay::Hiv, "396", "ARCHITECT HIV Ag/Ab"),
    (Assay::Tp, "380", "ARCHITECT Syphilis TP"),
];
const SNIBE: [(Assay, &str, &str); 4] = [
    (Assay::Hbsag, "HBsAg", "MAGLUMI HBsAg"),
    (Assay::AntiHcv, "Anti-HCV", "MAGLUMI Anti-HCV"),
    (Assay::Hiv, "HIV Combi", "MAGLUMI HIV Combi"),
    (Assay::Tp, "Syphilis", "MAGLUMI Syphilis"),
];
const MPX: [(Assay, &str, &str); 3] = [
    (Assay::HivRna, "HIV", "cobas MPX"),
    (Assay::HcvRna, "HCV", "cobas MPX"),
    (Assay::HbvDna, "HBV", "cobas MPX"),
];
const ALT: [(Assay, &str, &str); 1] = [(Assay::Alt, "13", "ALT")];
const GROUPS: [(Assay, &str, &str); 2] =
    [(Assay::Abo, "ABO", "BioVue ABO/Rh"), (Assay::Rhd, "Rh", "BioVue ABO/Rh")];

fn tests() -> impl Iterator<Item = Test> {
    let makers: [(Model, &str, &[(Assay, &'static str, &'static str)]); 6] = [
        (Model::CobasE601, "Roche", &ROCHE),
        (Model::Architect, "Abbott", &ABBOTT),
        (Model::Maglumi, "SNIBE", &SNIBE),
        (Model::Cobas6800, "Roche", &MPX),
        (Model::MindrayBs, "Mindray", &ALT),
        (Model::Vision, "Ortho", &GROUPS),
    ];
    makers.into_iter().flat_map(|(model, maker, tests)| {
        let test = move |(assay, code, name)| Test { model, assay, code, maker, name };
        tests.to_vec().into_iter().map(test)
    })
}

/// Kits, lots and targets: what the daemon must know before the first run.
pub(super) fn records() -> Vec<Record> {
    let of_test = |test: Test| {
        let lots = test.lots().into_iter().map(Record::Lot);
        let targets = test.targets().map(Record::Target);
        let kit = Record::Kit(test.kit());
        std::iter::once(kit).chain(lots).chain(targets).collect::<Vec<_>>()
    };
    tests().flat_map(of_test).collect()
}

/// Every reagent of this lot is recalled.
pub(super) fn recall(lot: &str) -> Vec<Record> {
    let recalled = |test: Test| Record::Lot(test.lot(lot, LotStanding::Recalled, IN_DATE));
    tests().filter(|test| test.model == Model::Architect).map(recalled).collect()
}

impl Test {
    fn kit(&self) -> KitRecord {
        let controls = Control::head(self.model).iter();
        let of_kit = controls.filter(|control| control.source(self.model) == ControlSource::Kit);
        let kit = Kit {
            maker: self.maker.to_owned(),
            name: self.name.to_owned(),
            containers: Vec::new(),
            stability_hours: None,
            pool_max: (self.model == Model::Cobas6800).then_some(POOL_MAX),
            controls: of_kit.map(|control| control.material(self.model).to_owned()).collect(),
        };
        let (profile, test_code) = (self.model.profile().to_owned(), self.code.to_owned());
        KitRecord { profile, test_code, kit }
    }

    /// Only the ARCHITECT names the lot in its results; of the others, the one in use is on record.
    fn lots(&self) -> Vec<LotRecord> {
        let lots: &[(&str, Date)] = match self.model == Model::Architect {
            true => &[(LOT, IN_DATE), (RECALLED_LOT, IN_DATE), (EXPIRED_LOT, OVER)],
            false => &[("26A", IN_DATE)],
        };
        let released = |(lot, last): &(&str, Date)| self.lot(lot, LotStanding::Released, *last);
        lots.iter().map(released).collect()
    }

    fn lot(&self, lot: &str, standing: LotStanding, last_day: Date) -> LotRecord {
        LotRecord {
            profile: self.model.profile().to_owned(),
            test_code: self.code.to_owned(),
            lot: lot.to_owned(),
            standing,
            expiry: Some(last_day),
        }
    }

    fn targets(&self) -> impl Iterator<Item = ControlTarget> + '_ {
        Control::head(self.model).iter().map(|control| ControlTarget {
            analyser: self.model.profile().to_owned(),
            test_code: self.code.to_owned(),
            material: control.material(self.model).to_owned(),
            control_lot: None,
            level: control.level(),
            source: control.source(self.model),
            expected: control.expected(self.model, self.assay),
        })
    }
}
