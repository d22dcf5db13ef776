//! What a rule set may ask: the questions of each kind of table, the answers that facts can give,
//! which answer is another one with an adverse fact added, and what may never be released.
//!
//! This is the finite abstraction of facts that a rule set is proved over. The questions are the
//! program's (see `decide` and its neighbours for how facts answer them); what follows from the
//! answers is the rule set's.

mod donation;
mod marker;
mod result;
mod value;

/// A kind of table: what it judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Judges {
    /// The donation as inventory knows it.
    Registration,
    /// The donor.
    Donor,
    /// Review and signature.
    Signature,
    /// The way of release.
    Process,
    /// The reagent lot of a result.
    Reagent,
    /// The controls of the run of a result.
    Run,
    /// The specimen of a result.
    Specimen,
    /// The course of testing of one marker with one kit.
    Marker,
    /// Enough results of a required test.
    Rounds,
    /// A pool that the donation is in.
    Pool,
    /// ABO group.
    Abo,
    /// RhD type.
    Rhd,
    /// A number against limits.
    Quantity,
    /// A marker that labels and bars none.
    Label,
}

/// A question of a kind of table.
#[derive(Debug)]
pub struct Question {
    /// Its id: the key in a row.
    pub id: &'static str,
    /// What is asked, English and Chinese.
    pub words: [&'static str; 2],
    /// Every answer that facts can give.
    pub answers: &'static [Answer],
    /// Pairs of answers: the second is the first with an adverse fact added.
    pub worse: &'static [(&'static str, &'static str)],
}

/// An answer to a question.
#[derive(Debug)]
pub struct Answer {
    /// Its id: the word in a row.
    pub id: &'static str,
    /// What it says, English and Chinese.
    pub words: [&'static str; 2],
}

impl Question {
    /// The place of an answer among the answers.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.answers.iter().position(|answer| answer.id == id)
    }
}

impl Judges {
    /// Every kind.
    pub const ALL: [Judges; 14] = [
        Judges::Registration,
        Judges::Donor,
        Judges::Signature,
        Judges::Process,
        Judges::Reagent,
        Judges::Run,
        Judges::Specimen,
        Judges::Marker,
        Judges::Rounds,
        Judges::Pool,
        Judges::Abo,
        Judges::Rhd,
        Judges::Quantity,
        Judges::Label,
    ];

    /// The word in a file.
    pub const fn id(self) -> &'static str {
        match self {
            Judges::Registration => "registration",
            Judges::Donor => "donor",
            Judges::Signature => "signature",
            Judges::Process => "process",
            Judges::Reagent => "reagent",
            Judges::Run => "run",
            Judges::Specimen => "specimen",
            Judges::Marker => "marker",
            Judges::Rounds => "rounds",
            Judges::Pool => "pool",
            Judges::Abo => "abo",
            Judges::Rhd => "rhd",
            Judges::Quantity => "quantity",
            Judges::Label => "label",
        }
    }

    /// The kind with this word.
    pub fn from_id(id: &str) -> Option<Judges> {
        Judges::ALL.into_iter().find(|kind| kind.id() == id)
    }

    /// What it judges, English and Chinese.
    pub const fn words(self) -> [&'static str; 2] {
        match self {
            Judges::Registration => ["The donation as inventory knows it", "献血登记"],
            Judges::Donor => ["The donor", "献血者"],
            Judges::Signature => ["Review and signature", "审核与签发"],
            Judges::Process => ["The way of release", "放行流程"],
            Judges::Reagent => ["The reagent lot of a result", "试剂批号"],
            Judges::Run => ["The controls of the run of a result", "质控"],
            Judges::Specimen => ["The specimen of a result", "标本"],
            Judges::Marker => {
                ["The course of testing of one marker with one kit", "标志物检测过程"]
            }
            Judges::Rounds => ["Enough results of a required test", "检测次数"],
            Judges::Pool => ["A pool that the donation is in", "混样"],
            Judges::Abo => ["ABO group", "ABO血型"],
            Judges::Rhd => ["RhD type", "RhD血型"],
            Judges::Quantity => ["A number against limits", "定量结果"],
            Judges::Label => ["A marker that labels and bars none", "仅标识"],
        }
    }

    /// Its questions.
    pub const fn questions(self) -> &'static [Question] {
        match self {
            Judges::Registration => donation::REGISTRATION,
            Judges::Donor => donation::DONOR,
            Judges::Signature => donation::SIGNATURE,
            Judges::Process => donation::PROCESS,
            Judges::Reagent => result::REAGENT,
            Judges::Run => result::RUN,
            Judges::Specimen => result::SPECIMEN,
            Judges::Marker => marker::MARKER,
            Judges::Rounds => marker::ROUNDS,
            Judges::Pool => marker::POOL,
            Judges::Abo => value::ABO,
            Judges::Rhd => value::RHD,
            Judges::Quantity => value::QUANTITY,
            Judges::Label => marker::LABEL,
        }
    }
}
