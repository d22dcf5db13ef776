//! Where steps in the life of rule sets are taken: in the store itself, or, where a daemon has it,
//! over the daemon's HTTP. Whoever takes a step need not know which.

use std::path::Path;

use crate::clock;
use crate::config::Config;
use crate::domain::RuleSetIdentity;
use crate::rules::RuleSet;
use crate::rules::life::Step;
use crate::shape::{RuleDraftShape, RuleLifeShape, RuleStepTakenShape};
use crate::store::{OpenError, RuleDesk, RuleStep, Which};

use super::super::ask::Daemon;
use super::super::check;

/// The place of one site.
pub(super) struct Desk {
    way: Way,
}

enum Way {
    Store(Box<RuleDesk>),
    Daemon(Daemon),
}

/// Who takes a step, and what it rests on.
pub(super) struct Signed<'a> {
    pub(super) by: &'a str,
    pub(super) detail: String,
}

/// The configuration, or what is wrong with it, said already.
pub(super) fn config(path: &Path) -> Result<Config, String> {
    Config::load(path).map_err(|faults| {
        check::report(&faults);
        format!("{} has faults", path.display())
    })
}

impl Desk {
    /// Opens the store of a site, or finds its daemon.
    pub(super) fn open(config: &Config) -> Result<Desk, String> {
        let way = match RuleDesk::open(&config.store_path, clock::utc) {
            Ok(desk) => Way::Store(Box::new(desk)),
            Err(OpenError::InUse { .. }) => {
                Way::Daemon(Daemon::at(&config.http_listen.to_string()))
            }
            Err(error) => return Err(error.to_string()),
        };
        Ok(Desk { way })
    }

    /// Brings a rule set, which has been proved.
    pub(super) fn draft(&mut self, rules: &RuleSet, by: &str) -> Result<RuleLifeShape, String> {
        match &mut self.way {
            Way::Store(desk) => taken(desk, &RuleStep::draft(rules, by, env!("CARGO_PKG_VERSION"))),
            Way::Daemon(daemon) => {
                let draft = RuleDraftShape { text: rules.text().to_owned(), by: by.to_owned() };
                let answer = daemon.post("/api/v1/rules", &draft);
                answer.map_err(|unanswered| unanswered.words().to_owned())
            }
        }
    }

    /// Takes a step with the rule set whose hash begins so.
    pub(super) fn step(
        &mut self,
        sha256: &str,
        step: Step,
        signed: Signed<'_>,
    ) -> Result<RuleLifeShape, String> {
        let (by, detail) = (signed.by.to_owned(), signed.detail);
        match &mut self.way {
            Way::Store(desk) => {
                let which = Which::Named(sha256.to_owned());
                taken(desk, &RuleStep { which, steps: vec![(step, by, detail)] })
            }
            Way::Daemon(daemon) => {
                let shape = RuleStepTakenShape {
                    sha256: sha256.to_owned(),
                    step: step.id().to_owned(),
                    by,
                    from: step.from().map(|day| day.to_string()),
                    detail,
                };
                let answer = daemon.post("/api/v1/rules/steps", &shape);
                answer.map_err(|unanswered| unanswered.words().to_owned())
            }
        }
    }
}

fn taken(desk: &mut RuleDesk, step: &RuleStep) -> Result<RuleLifeShape, String> {
    match desk.take(step) {
        Ok(Ok(record)) => Ok(RuleLifeShape::from(&record)),
        Ok(Err(refused)) => Err(refused.0),
        Err(error) => Err(error.to_string()),
    }
}

/// The name, version and hash of a rule set, as `rules list` shows them.
pub(super) fn named(shape: &RuleLifeShape) -> String {
    let set = &shape.rule_set;
    let (name, version, sha256) = (set.name.clone(), set.version.clone(), set.sha256.clone());
    crate::rules::life::told(&RuleSetIdentity { name, version, sha256 })
}
