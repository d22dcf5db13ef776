//! What an analyser that asks has to tell in the end.

/// Counts, and what the host did wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Questions asked.
    pub asked: u64,
    /// Answered while the analyser waited.
    pub in_time: u64,
    /// Answered when it had stopped waiting.
    pub late: u64,
    /// Not answered while it waited, at most so many late.
    pub unanswered: u64,
    /// Of those in time: there was nothing to do.
    pub without_work: u64,
    /// Messages with orders that the analyser refused.
    pub refused: u64,
    /// Messages with orders that nobody had asked for.
    pub unasked: u64,
    /// Determinations ordered and accepted.
    pub ordered: u64,
    /// Determinations run.
    pub run: u64,
    /// Messages with results that the host acknowledged.
    pub acknowledged: u64,
    /// Messages that nobody acknowledged, and why.
    pub failures: Vec<String>,
    /// What no host may do.
    pub host_faults: Vec<String>,
}

impl Account {
    /// The counts in one line.
    pub fn line(&self) -> String {
        let Account { asked, in_time, late, unanswered, without_work, .. } = self;
        let Account { refused, unasked, ordered, run, acknowledged, .. } = self;
        format!(
            "asked {asked}, answered in time {in_time} (without work {without_work}), \
             late {late}, unanswered {unanswered}, unasked {unasked}, refused {refused}, \
             ordered {ordered}, run {run}, results acknowledged {acknowledged}"
        )
    }
}

/// What happens while an analyser asks and runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// A tube was asked about.
    Asked {
        /// Where it stands.
        rack: u32,
        /// Position in the rack.
        position: u32,
        /// What came of it.
        outcome: AnswerOutcome,
    },
    /// Results of a rack were acknowledged.
    Reported {
        /// The rack.
        rack: u32,
        /// How many determinations.
        results: usize,
    },
    /// The line was lost and is opened again.
    LineLost {
        /// Why.
        why: String,
    },
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerOutcome {
    /// So many determinations were ordered.
    Work(usize),
    /// There was nothing to do.
    NoWork,
    /// The analyser refused the orders.
    Refused,
    /// The host says that it can't answer.
    NotUnderstood(String),
    /// Nobody answered in time.
    Unanswered,
}
