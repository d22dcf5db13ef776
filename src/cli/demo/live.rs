//! The life of a demonstration: start the daemon, run chapter after chapter, sum up, stay or go.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::{JoinHandle, JoinSet, spawn_blocking};
use tokio::time::sleep;

use super::bench::{Bench, Cable, configuration, connect, places};
use super::display::Display;
use super::inventory::{Decided, Inventory, Ledger};
use super::people::{self, Person};
use super::summary::{Summary, became, is_planned};
use super::{Args, introduce};
use crate::cli::orders::Orders;
use crate::cli::say::say;
use crate::daemon::Daemon;
use crate::domain::Record;
use crate::simulator::{
    Act, Chapter, Day, Failed, Intent, Line, Model, PlannedDonation, Player, Progress, Session,
};

/// So that a visitor can read along.
const HUMAN_PACE: Duration = Duration::from_millis(300);

/// Runs the demonstration; whether every verdict is the planned one.
///
/// # Errors
/// Why it could not be run to its end.
pub(super) async fn run(args: &Args) -> Result<bool, String> {
    // Before there is anything to leave behind.
    let mut orders = Orders::new().map_err(|error| format!("not started: {error}"))?;
    let folder =
        tempfile::tempdir().map_err(|error| format!("no folder for the store: {error}"))?;
    let cable = Cable::new()?;
    let config = configuration(folder.path(), [args.http, args.console], &cable)?;
    let people = people::add(&config.store_path)?;
    let daemon = Daemon::start(config).await.map_err(|error| error.to_string())?;
    introduce(args, daemon.http_addr(), &places(&daemon, &cable));
    let outcome = tokio::select! {
        outcome = demonstrate(args, &daemon, cable) => outcome,
        () = orders.wait() => Err("interrupted".to_owned()),
    };
    if let (Ok(summary), false) = (&outcome, args.once) {
        invite(&daemon, summary, &people);
        orders.wait().await;
    }
    daemon.shutdown().await;
    outcome.map(|summary| summary.is_equal())
}

async fn demonstrate(args: &Args, daemon: &Daemon, cable: Cable) -> Result<Summary, String> {
    let day = planned(args.seed, args.donations).await?;
    let display = Display::new(&day);
    let inventory = Inventory::new(daemon.http_addr());
    let follower = Follower::start(inventory.clone(), display.clone());
    let mut course = Course {
        bench: connect(daemon, cable).await?,
        inventory,
        display: display.clone(),
        donations: day
            .donations
            .iter()
            .map(|d| (d.planned.din.clone(), d.planned.clone()))
            .collect(),
        differences: Vec::new(),
    };
    for chapter in &day.chapters {
        course.run_chapter(chapter).await?;
        if !args.once {
            sleep(HUMAN_PACE).await;
        }
    }
    let ledger = follower.finish().await?;
    display.finish();
    let summary = Summary::new(&day, ledger, course.differences);
    summary.print();
    Ok(summary)
}

/// Many donations take a while to plan, and a stop is to be heard meanwhile.
async fn planned(seed: u64, donations: usize) -> Result<Day, String> {
    let planned = spawn_blocking(move || Day::plan(seed, donations)).await;
    planned.map_err(|error| error.to_string())
}

/// The day as it goes.
struct Course {
    bench: Bench,
    inventory: Inventory,
    display: Display,
    donations: BTreeMap<String, PlannedDonation>,
    /// What was not acknowledged, and what was not as planned at the end of a chapter.
    differences: Vec<String>,
}

impl Course {
    /// Does what the chapter says, and looks at what became of its donations.
    async fn run_chapter(&mut self, chapter: &Chapter) -> Result<(), String> {
        self.display.chapter(chapter);
        for act in &chapter.acts {
            match act {
                Act::Register(dins) => self.register(dins).await?,
                Act::Record { by, records } => self.put_on_record(by, records.clone()).await?,
                Act::Run(sessions) => self.run(sessions).await,
            }
        }
        let decided = self.look(&chapter.then).await?;
        for ((din, intent), decided) in chapter.then.iter().zip(&decided) {
            if !is_planned(*intent, decided) {
                let title = &chapter.title;
                let (verdict, code) = (intent.verdict, intent.code.id());
                self.differences.push(format!(
                    "{din}: {decided}, where {verdict} ({code}) was planned; at the end of: {title}"
                ));
            }
        }
        self.display.chapter_done(chapter, &became(&decided));
        Ok(())
    }

    async fn register(&self, dins: &[String]) -> Result<(), String> {
        let donations: Vec<_> =
            dins.iter().filter_map(|din| self.donations.get(din)).cloned().collect();
        let inventory = self.inventory.clone();
        let registered = spawn_blocking(move || inventory.register(&donations)).await;
        registered.map_err(|error| error.to_string())?
    }

    async fn put_on_record(&self, by: &'static str, records: Vec<Record>) -> Result<(), String> {
        let inventory = self.inventory.clone();
        let recorded = spawn_blocking(move || inventory.put_on_record(by, &records)).await;
        recorded.map_err(|error| error.to_string())?
    }

    async fn look(&self, then: &[(String, Intent)]) -> Result<Vec<Decided>, String> {
        let dins: Vec<String> = then.iter().map(|(din, _)| din.clone()).collect();
        let inventory = self.inventory.clone();
        let look = move || dins.iter().map(|din| inventory.decided(din)).collect();
        spawn_blocking(look).await.map_err(|error| error.to_string())?
    }

    /// Every analyser sends its sessions; they do not wait for one another.
    async fn run(&mut self, sessions: &[Session]) {
        let mut by_model: BTreeMap<Model, Vec<Session>> = BTreeMap::new();
        for session in sessions {
            if let Some(model) = session.load.model.made() {
                by_model.entry(model).or_default().push(session.clone());
            }
        }
        let mut running = JoinSet::new();
        for (model, sessions) in by_model {
            if let Some(player) = self.bench.players.remove(&model) {
                running.spawn(send(model, player, sessions, self.display.clone()));
            }
        }
        while let Some(sent) = running.join_next().await {
            match sent {
                Ok((model, player, failed)) => {
                    self.bench.players.insert(model, player);
                    self.differences.extend(failed);
                }
                Err(error) => self.differences.push(format!("an analyser broke: {error}")),
            }
        }
    }
}

async fn send(
    model: Model,
    mut player: Player<Line>,
    sessions: Vec<Session>,
    display: Display,
) -> (Model, Player<Line>, Vec<String>) {
    let mut unacknowledged = Vec::new();
    for session in &sessions {
        let rack = session.load.rack;
        display.sent(model, session.messages.len());
        let mut tell = |progress| match progress {
            Progress::Acknowledged(_) => display.acknowledged(model),
            Progress::SentAgain { message, attempt, why } => {
                let profile = model.profile();
                display.remark(&format!(
                    "{profile}: rack {rack}, message {message}, attempt {attempt}: {why}"
                ));
            }
            Progress::Ordered(tests) => {
                display.remark(&format!("{}: rack {rack}: {tests} ordered", model.profile()));
            }
            Progress::LineLost { why } => {
                display.remark(&format!("{}: rack {rack}: {why}", model.profile()));
            }
        };
        let failed = player.play(&session.messages, &mut tell).await;
        unacknowledged.extend(failed.into_iter().map(|Failed { message, why, .. }| {
            format!("{}: rack {rack}, message {message}: {why}", model.profile())
        }));
    }
    (model, player, unacknowledged)
}

/// The thread that follows the feed.
struct Follower {
    done: Arc<AtomicBool>,
    thread: JoinHandle<Result<Ledger, String>>,
}

impl Follower {
    fn start(inventory: Inventory, display: Display) -> Follower {
        let done = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&done);
        let thread =
            spawn_blocking(move || inventory.follow(&seen, |ledger| display.verdicts(ledger)));
        Follower { done, thread }
    }

    /// Every acknowledgement came after its commit, so what the feed has now is all.
    async fn finish(self) -> Result<Ledger, String> {
        self.done.store(true, Ordering::SeqCst);
        self.thread.await.map_err(|error| error.to_string())?
    }
}

/// What the visitor can ask the daemon that goes on running.
fn invite(daemon: &Daemon, summary: &Summary, people: &[Person]) {
    let http = daemon.http_addr();
    if let Some(console) = daemon.console_addr() {
        say(&format!("\nThe console: http://{console}/ for two people, in two browsers:\n"));
        for Person { user, roles, password } in people {
            let password = password.reveal_once();
            say(&format!("  {:<10} {password}   {roles}", user.as_str()));
        }
    }
    say("\nThe daemon stays. Try, in another terminal:\n");
    say(&format!("  curl -s 'http://{http}/api/v1/verdicts?after=0&limit=3'"));
    say(&format!("  curl -s http://{http}/api/v1/donations/{}", summary.remarkable));
    say(&format!("  curl -s 'http://{http}/api/v1/donations/{}?lang=zh-CN'", summary.remarkable));
    say(&format!("  curl -s 'http://{http}/api/v1/worklist?action=sign'"));
    say(&format!("  curl -s http://{http}/metrics"));
    say("\nCtrl-C ends it; the store goes with it.");
}
