//! `hemogate links`: the lines of a running daemon as a table, and whether any has an alarm.

use std::process::ExitCode;
use std::time::Duration;

use super::ask::Daemon;
use super::say::{complain, say};
use super::status;
use crate::config::HTTP_LISTEN;
use crate::shape::{FilesShape, LinkShape, LinksShape, WhenShape};

/// Arguments of `hemogate links`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Standard output gets a table, standard error what is wrong and what to do: every alarm, and the last
three notes of each line (orders refused, answers too late, connections turned away, ...).

Exit status: 0 no alarm, 1 an alarm or no daemon there, 2 used wrongly.")]
pub struct Args {
    /// Where the daemon's HTTP listens
    #[arg(long, value_name = "HOST:PORT", default_value_t = HTTP_LISTEN.to_string())]
    http: String,
}

/// Notes shown of each line, the last ones; HTTP has more.
const NOTES_SHOWN: usize = 3;

const TITLES: [&str; 9] = [
    "ANALYSER",
    "PROFILE",
    "LINE",
    "STATE",
    "LAST BYTE",
    "LAST MESSAGE",
    "MESSAGES",
    "FAULTS",
    "ALARM",
];

/// Runs `hemogate links`.
pub fn run(args: &Args) -> ExitCode {
    let asked = Daemon::at(&args.http).get::<LinksShape>("/api/v1/links");
    status(asked.map_err(|unanswered| unanswered.words().to_owned()).map(|shape| {
        table(&shape.links).iter().for_each(|line| say(line));
        let alarms: Vec<_> = shape.links.iter().flat_map(|link| &link.alarms).collect();
        for alarm in &alarms {
            complain(&format!("ALARM since {}: {}", alarm.since.at, alarm.text));
        }
        shape.links.iter().flat_map(last_notes).for_each(|note| complain(&note));
        alarms.is_empty()
    }))
}

/// What a line noted lately. A note is no alarm: it is over.
fn last_notes(link: &LinkShape) -> Vec<String> {
    let earlier = link.notes.len().saturating_sub(NOTES_SHOWN);
    let last = link.notes.iter().skip(earlier);
    last.map(|note| format!("{} at {}: {}", note.kind, note.when.at, note.text)).collect()
}

/// Columns as wide as what stands in them, so that it reads the same in a terminal and in a file.
fn table(links: &[LinkShape]) -> Vec<String> {
    let titles = TITLES.map(str::to_owned);
    let rows: Vec<_> = [titles].into_iter().chain(links.iter().map(row)).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..TITLES.len()).map(width).collect();
    let line = |row: &[String; 9]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn row(link: &LinkShape) -> [String; 9] {
    let state = match (&link.files, link.peers.as_slice()) {
        (Some(files), _) => format!("{}{}", link.state, files_told(files)),
        (None, [] | [_]) => link.state.clone(),
        (None, peers) => format!("{} {}", link.state, peers.len()),
    };
    let alarms: Vec<_> = link.alarms.iter().map(|alarm| alarm.kind.as_str()).collect();
    let alarms = if alarms.is_empty() { "-".to_owned() } else { alarms.join(",") };
    let messages: u64 = link.received.messages.values().sum();
    let faults: u64 = link.faults.values().sum();
    [
        link.analyser.clone(),
        link.profile.clone(),
        link.line.clone(),
        state,
        ago(link.last_received.as_ref()),
        ago(link.last_message.as_ref()),
        messages.to_string(),
        faults.to_string(),
        alarms,
    ]
}

/// What stands in the folder of a line; nothing where nothing does.
fn files_told(files: &FilesShape) -> String {
    let counts =
        [(files.waiting, "waiting"), (files.stuck, "stuck"), (files.left_alone, "left alone")];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    counts.map(|(count, word)| format!(", {count} {word}")).collect()
}

fn ago(when: Option<&WhenShape>) -> String {
    let Some(when) = when else { return "never".to_owned() };
    match Duration::from_millis(when.ago_ms).as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_the_unit_that_fits() {
        let told =
            |seconds: u64| ago(Some(&WhenShape { at: String::new(), ago_ms: seconds * 1_000 }));
        let ages = [0, 119, 120, 7_199, 7_200, 172_799, 172_800].map(told);
        assert_eq!(ages, ["0 s", "119 s", "2 min", "119 min", "2 h", "47 h", "2 d"]);
        assert_eq!(ago(None), "never");
    }
}
