//! The assays a donation can be tested with, and what kind of answer each gives.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// An assay as the laboratory names it, whatever the analyser calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assay {
    /// Alanine aminotransferase, a quantity in U/L.
    Alt,
    /// Hepatitis B surface antigen.
    Hbsag,
    /// Antibody to hepatitis C virus.
    AntiHcv,
    /// HIV antigen and antibody.
    Hiv,
    /// Antibody to *Treponema pallidum* (syphilis).
    Tp,
    /// Multiplex nucleic acid test for HBV, HCV and HIV.
    Nat,
    /// HBV DNA.
    HbvDna,
    /// HCV RNA.
    HcvRna,
    /// HIV RNA.
    HivRna,
    /// West Nile virus RNA.
    WnvRna,
    /// Antibody to HTLV-I/II.
    Htlv,
    /// Antibody to hepatitis B core antigen.
    AntiHbc,
    /// ABO group.
    Abo,
    /// RhD type.
    Rhd,
    /// Irregular red-cell antibody screen.
    AntibodyScreen,
    /// Haemoglobin, a quantity in g/L.
    Hb,
    /// ABO group of the red cells alone (forward typing).
    AboForward,
    /// ABO group as the plasma shows it (reverse typing).
    AboReverse,
    /// RhD of cells that a first anti-D found negative: weak and partial D.
    WeakD,
    /// Antibody to hepatitis B surface antigen, a quantity in mIU/mL.
    AntiHbs,
    /// Antibody to cytomegalovirus: labels a component, bars none.
    AntiCmv,
    /// Hepatitis E virus RNA.
    HevRna,
    /// Antibody to *Trypanosoma cruzi* (Chagas).
    TCruzi,
    /// *Babesia* nucleic acid.
    Babesia,
    /// Antibody to malaria parasites.
    Malaria,
}

/// What kind of answer an assay gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Reactive or not.
    Marker,
    /// An ABO group.
    Abo,
    /// An RhD type.
    Rhd,
    /// A number with a unit; the reading stays empty.
    Quantity,
}

/// A word that names no assay; says which words do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is not an assay: one of {known}", known = Assay::ALL.map(Assay::id).join(", "))]
pub struct UnknownAssay(pub String);

impl Assay {
    /// Every assay, in the order reports list them.
    pub const ALL: [Assay; 25] = [
        Assay::Alt,
        Assay::Hbsag,
        Assay::AntiHcv,
        Assay::Hiv,
        Assay::Tp,
        Assay::Nat,
        Assay::HbvDna,
        Assay::HcvRna,
        Assay::HivRna,
        Assay::WnvRna,
        Assay::Htlv,
        Assay::AntiHbc,
        Assay::Abo,
        Assay::Rhd,
        Assay::AntibodyScreen,
        Assay::Hb,
        Assay::AboForward,
        Assay::AboReverse,
        Assay::WeakD,
        Assay::AntiHbs,
        Assay::AntiCmv,
        Assay::HevRna,
        Assay::TCruzi,
        Assay::Babesia,
        Assay::Malaria,
    ];

    /// The identifier used in configuration, JSON and rule sets.
    pub const fn id(self) -> &'static str {
        match self {
            Assay::Alt => "alt",
            Assay::Hbsag => "hbsag",
            Assay::AntiHcv => "anti-hcv",
            Assay::Hiv => "hiv",
            Assay::Tp => "tp",
            Assay::Nat => "nat",
            Assay::HbvDna => "hbv-dna",
            Assay::HcvRna => "hcv-rna",
            Assay::HivRna => "hiv-rna",
            Assay::WnvRna => "wnv-rna",
            Assay::Htlv => "htlv",
            Assay::AntiHbc => "anti-hbc",
            Assay::Abo => "abo",
            Assay::Rhd => "rhd",
            Assay::AntibodyScreen => "antibody-screen",
            Assay::Hb => "hb",
            Assay::AboForward => "abo-forward",
            Assay::AboReverse => "abo-reverse",
            Assay::WeakD => "weak-d",
            Assay::AntiHbs => "anti-hbs",
            Assay::AntiCmv => "anti-cmv",
            Assay::HevRna => "hev-rna",
            Assay::TCruzi => "t-cruzi",
            Assay::Babesia => "babesia",
            Assay::Malaria => "malaria",
        }
    }

    /// The assay with this identifier.
    pub fn from_id(id: &str) -> Option<Assay> {
        Assay::ALL.into_iter().find(|assay| assay.id() == id)
    }

    /// What kind of answer the assay gives.
    pub const fn measure(self) -> Measure {
        match self {
            Assay::Alt | Assay::Hb | Assay::AntiHbs => Measure::Quantity,
            Assay::Abo | Assay::AboForward | Assay::AboReverse => Measure::Abo,
            Assay::Rhd | Assay::WeakD => Measure::Rhd,
            Assay::Hbsag
            | Assay::AntiHcv
            | Assay::Hiv
            | Assay::Tp
            | Assay::Nat
            | Assay::HbvDna
            | Assay::HcvRna
            | Assay::HivRna
            | Assay::WnvRna
            | Assay::Htlv
            | Assay::AntiHbc
            | Assay::AntibodyScreen
            | Assay::AntiCmv
            | Assay::HevRna
            | Assay::TCruzi
            | Assay::Babesia
            | Assay::Malaria => Measure::Marker,
        }
    }
}

impl fmt::Display for Assay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Assay {
    type Err = UnknownAssay;

    fn from_str(id: &str) -> Result<Assay, UnknownAssay> {
        Assay::from_id(id).ok_or_else(|| UnknownAssay(id.to_owned()))
    }
}
