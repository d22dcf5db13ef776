//! `hemogate profile coverage`: what a profile makes of every field of some transcripts.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::super::say::{complain, say};
use super::super::{FOUND_WRONG, USED_WRONGLY, reading};
use crate::workshop::coverage::{Count, Coverage, Row, Standing};
use crate::workshop::transcript;

/// Arguments of `hemogate profile coverage`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 every byte is mapped, ignored by name, or holds the messages together; 1 a byte is
unaccounted for, or was refused; 2 used wrongly: no such profile, no such file.")]
pub struct Args {
    #[command(flatten)]
    reading: reading::Site,
    /// A profile that we ship, or a file (a path contains "/" or ends in ".toml")
    #[arg(value_name = "NAME|FILE")]
    profile: String,
    /// What the analyser sent: sessions, MLLP blocks, texts in blocks, or bare records
    #[arg(value_name = "TRANSCRIPT", required = true)]
    transcripts: Vec<PathBuf>,
}

/// Runs `hemogate profile coverage`.
pub fn run(args: &Args) -> ExitCode {
    let analyser = match args.reading.analyser(&args.profile) {
        Ok(analyser) => analyser,
        Err(status) => return status,
    };
    let mut coverage = Coverage::default();
    for path in &args.transcripts {
        match bytes(path) {
            Ok(bytes) => coverage.add(&analyser, &bytes),
            Err(error) => {
                complain(&format!("{}: {error}", path.display()));
                return ExitCode::from(USED_WRONGLY);
            }
        }
    }
    coverage.faults.iter().for_each(|fault| complain(fault));
    say(&table(&coverage));
    if coverage.is_complete() { ExitCode::SUCCESS } else { ExitCode::from(FOUND_WRONG) }
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    transcript::whole(&mut File::open(path)?)
}

fn table(coverage: &Coverage) -> String {
    let wide = |cell: fn(&Row) -> String| {
        coverage.rows().map(|row| cell(row).chars().count()).max().unwrap_or(0)
    };
    let [place, times, example] = [wide(place), wide(times), wide(example)];
    let line = |row: &Row| {
        let (own_place, own_times, own_example) =
            (self::place(row), self::times(row), self::example(row));
        let standing = standing(&row.standing);
        format!("{own_place:<place$}  {own_times:>times$}  {own_example:<example$}  {standing}")
    };
    let rows: Vec<String> = coverage.rows().map(line).collect();
    format!("{}\n\n{}", rows.join("\n"), totals(coverage))
}

fn place(row: &Row) -> String {
    row.place.clone()
}

fn times(row: &Row) -> String {
    format!("{}x", row.times)
}

fn example(row: &Row) -> String {
    row.example.as_ref().map_or("(not shown)".to_owned(), |text| format!("\"{text}\""))
}

fn standing(standing: &Standing) -> String {
    match standing {
        Standing::Mapped(role) => format!("mapped: {role}"),
        Standing::Ignored(why) => format!("ignored: {why}"),
        Standing::Unaccounted(why) => format!("UNACCOUNTED: {why}"),
    }
}

fn totals(coverage: &Coverage) -> String {
    let Coverage { mapped, ignored, unaccounted, structure_bytes, messages, .. } = coverage;
    let all = Count {
        bytes: mapped.bytes + ignored.bytes + unaccounted.bytes,
        fields: mapped.fields + ignored.fields + unaccounted.fields,
    };
    let line = |name: &str, count: &Count| {
        let fields = per_cent(count.fields, all.fields);
        let bytes = per_cent(count.bytes, all.bytes);
        format!(
            "{name:<12} {:>6} fields {fields:>6}   {:>7} bytes {bytes:>6}",
            count.fields, count.bytes
        )
    };
    [
        format!("{messages} messages; {structure_bytes} bytes hold them together or carry them"),
        line("mapped", mapped),
        line("ignored", ignored),
        line("unaccounted", unaccounted),
    ]
    .join("\n")
}

/// Tenths of a per cent; never 100.0 where something is lacking, nor 0.0 where something is there.
fn per_cent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    let exact = part.saturating_mul(1_000) / whole;
    let tenths = if part > 0 { exact.max(1) } else { exact };
    format!("{}.{} %", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn per_cents_are_never_better_than_they_are() {
        assert_eq!(per_cent(0, 0), "-");
        assert_eq!(per_cent(0, 5), "0.0 %");
        assert_eq!(per_cent(1, 100_000), "0.1 %");
        assert_eq!(per_cent(99_999, 100_000), "99.9 %");
        assert_eq!(per_cent(7, 7), "100.0 %");
    }
}
