//! `[file]`: which files of a folder are results, and how one is known to be complete.
//!
//! Exists for analysers that export instead of sending. Refuses to take what programs leave behind
//! while they write (names that begin with `.` or `~`, or end in `.tmp` or `.part`), whatever the
//! patterns say, and its own explanations (`.why.txt`).
//!
//! ```toml
//! [file]
//! names = ["*.txt", "EV??.csv"]          # `*` any characters, `?` one; capitals count for nothing
//! ends_with = ["[end]"]                  # the last line that is not blank; left out: no such line
//! settle_s = 10                          # how long size and time must stand still; see `settle`
//! ```

use std::time::Duration;

use crate::document::{Placed, Table};
use crate::limits;

/// How the files of an analyser look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileHabits {
    names: Vec<Pattern>,
    ends_with: Vec<String>,
    settle: Duration,
}

/// A pattern of file names, in small letters.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern(Vec<char>);

impl FileHabits {
    /// Whether a file of this name is a result.
    pub fn is_ours(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        !is_left_behind(&name) && self.names.iter().any(|pattern| pattern.fits(&name))
    }

    /// A name that such a file could have: the first pattern, filled in with a number.
    pub fn example(&self, number: u64) -> String {
        let Some(Pattern(pattern)) = self.names.first() else { return String::new() };
        let mut name = String::new();
        let digits = format!("{number:04}");
        // Each `?` is one digit, the last of them the last.
        let single = pattern.iter().filter(|char| **char == '?').count();
        let tail = format!("{number:0>single$}");
        let mut tail = tail.chars().skip(tail.len().saturating_sub(single));
        for char in pattern {
            match char {
                '*' => name.push_str(&digits),
                '?' => name.extend(tail.next()),
                own => name.push(*own),
            }
        }
        name
    }

    /// The lines one of which ends a complete file; empty where there is no such line.
    pub fn ends_with(&self) -> &[String] {
        &self.ends_with
    }

    /// What is weak in how its files end, for the user.
    pub(super) fn remark(&self) -> Option<&'static str> {
        let is_weak = self.ends_with.is_empty();
        is_weak.then_some(
            "no line ends its files: an export that was cut off looks complete once it stands \
             still; see whether the analyser can write a last line, and name it in ends_with",
        )
    }

    /// How long size and time of modification must stand still. Where a line ends the file: before
    /// one without it counts as cut off; elsewhere: before it counts as complete.
    pub const fn settle(&self) -> Duration {
        self.settle
    }

    /// What a whole file with this content lacks; `None`: it is complete.
    pub fn lacks(&self, content: &[u8]) -> Option<String> {
        let Some((_, last)) = last_line(content) else {
            return Some("there is nothing in it".to_owned());
        };
        if self.ends_with.is_empty() || self.is_end(last) {
            return None;
        }
        let marks: Vec<_> = self.ends_with.iter().map(|mark| format!("{mark:?}")).collect();
        Some(format!("its last line is not {}", marks.join(" or ")))
    }

    /// The content without the line that ends it, which belongs to the file and to no message.
    pub fn without_end<'c>(&self, content: &'c [u8]) -> &'c [u8] {
        match last_line(content) {
            Some((start, last)) if self.is_end(last) => content.get(..start).unwrap_or(content),
            Some(_) | None => content,
        }
    }

    fn is_end(&self, line: &[u8]) -> bool {
        self.ends_with.iter().any(|mark| mark.as_bytes() == line)
    }
}

/// What programs leave behind while they write; `name` in small letters.
fn is_left_behind(name: &str) -> bool {
    let ends = [".tmp", ".part", limits::WHY_ENDING];
    name.starts_with(['.', '~']) || ends.iter().any(|end| name.ends_with(end))
}

/// The last line that is not blank, without blanks around it, and where the line begins.
fn last_line(content: &[u8]) -> Option<(usize, &[u8])> {
    let end = content.iter().rposition(|byte| !byte.is_ascii_whitespace())? + 1;
    let text = content.get(..end)?;
    let before = text.iter().rposition(|byte| matches!(byte, b'\r' | b'\n'));
    let start = before.map_or(0, |at| at + 1);
    Some((start, text.get(start..)?.trim_ascii()))
}

impl Pattern {
    fn fits(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        let (mut at, mut rest) = (0, 0);
        // Where the last `*` stands, and where what it stands for ends.
        let mut star = None;
        while let Some(next) = name.get(rest) {
            match self.0.get(at) {
                Some('*') => {
                    star = Some((at, rest));
                    at += 1;
                }
                Some(own) if *own == '?' || own == next => (at, rest) = (at + 1, rest + 1),
                Some(_) | None => {
                    let Some((place, taken)) = star else { return false };
                    star = Some((place, taken + 1));
                    (at, rest) = (place + 1, taken + 1);
                }
            }
        }
        self.0.get(at..).is_some_and(|left| left.iter().all(|own| *own == '*'))
    }
}

/// Reads `[file]`; `None` where there is none, or it is at fault.
pub(super) fn parse(root: &Table<'_>) -> Option<FileHabits> {
    let table = root.table("file")?;
    let names = few(&table, "names");
    if names.is_empty() {
        table.fault(&table.place(), "names is missing: which files are results, e.g. [\"*.txt\"]");
    }
    let names = names.iter().filter_map(|name| pattern(&table, name)).collect();
    let marks = few(&table, "ends_with");
    let ends_with: Vec<_> = marks.into_iter().filter_map(|mark| end_mark(&table, mark)).collect();
    let usual = match ends_with.is_empty() {
        true => limits::FILE_SETTLE,
        false => limits::FILE_CUT_OFF_AFTER,
    };
    let settle = super::link::seconds(&table, "settle_s", limits::FILE_SETTLE_MAX);
    Some(FileHabits { names, ends_with, settle: settle.unwrap_or(usual) })
}

fn few(table: &Table<'_>, key: &str) -> Vec<Placed<String>> {
    let texts = table.strings(key);
    if let Some(over) = texts.get(limits::FILE_PATTERNS_MAX) {
        let most = limits::FILE_PATTERNS_MAX;
        table.fault(&over.place, format!("more than {most} of {key}"));
    }
    texts
}

fn pattern(table: &Table<'_>, name: &Placed<String>) -> Option<Pattern> {
    let small = name.value.to_lowercase();
    let most = limits::FILE_PATTERN_MAX;
    let wrong = if small.trim() != small || !(1..=most).contains(&small.chars().count()) {
        format!("{:?} is not a pattern: 1 to {most} characters, no blanks around", name.value)
    } else if small.contains(['/', '\\']) {
        format!("{:?}: a pattern is of names, without a folder", name.value)
    } else if is_left_behind(&small) {
        format!(
            "{:?}: such files are never taken, programs leave them while they write",
            name.value
        )
    } else {
        return Some(Pattern(small.chars().collect()));
    };
    table.fault(&name.place, wrong);
    None
}

fn end_mark(table: &Table<'_>, mark: Placed<String>) -> Option<String> {
    let most = limits::FILE_PATTERN_MAX;
    let trimmed = mark.value.trim();
    let is_plain = trimmed.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    if is_plain && (1..=most).contains(&trimmed.len()) {
        return Some(trimmed.to_owned());
    }
    let wrong = format!("{:?} is not the end of a file: 1 to {most} ASCII characters", mark.value);
    table.fault(&mark.place, wrong);
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;

    fn read(text: &str) -> Result<FileHabits, Vec<String>> {
        let habits = document::read("p.toml", &format!("[file]\n{text}"), parse);
        habits.map_err(|faults| faults.iter().map(ToString::to_string).collect())
    }

    fn habits(names: &str) -> FileHabits {
        read(&format!("names = [{names}]")).unwrap()
    }

    #[test]
    fn patterns_fit_whole_names_whatever_their_capitals() {
        let own = habits(r#""*.txt", "EV??-*.csv""#);
        for name in ["a.txt", "txt.txt.txt", "A.TXT", "ev01-.csv", "EVab-x.y.CSV"] {
            assert!(own.is_ours(name), "{name}");
        }
        for name in ["a.txt2", "a.tx", "ev1-a.csv", "ev123-a.csv", "xev01-a.csv", "txt", ""] {
            assert!(!own.is_ours(name), "{name}");
        }
        let stars = habits(r#""a*b*c""#);
        assert!(stars.is_ours("abbcbc") && stars.is_ours("abc") && !stars.is_ours("abcb"));
    }

    #[test]
    fn what_programs_leave_behind_is_never_ours() {
        let all = habits(r#""*""#);
        for name in [".a.txt", "~a.txt", "a.TMP", "a.txt.part", "a.txt.why.txt"] {
            assert!(!all.is_ours(name), "{name}");
        }
        assert!(all.is_ours("a.txt") && all.is_ours("tmp") && all.is_ours("a~"));
    }

    #[test]
    fn a_file_is_complete_with_its_last_line() {
        let own = read("names = [\"*\"]\nends_with = [\"[end]\", \" [End Of Results] \"]").unwrap();
        for whole in ["[end]", "a\r\n[end]", "a\n [end]\t\r\n\r\n", "a\r[End Of Results]"] {
            assert_eq!(own.lacks(whole.as_bytes()), None, "{whole:?}");
        }
        for cut in ["a\n[end", "[end]\na", "a [end]", "[END]"] {
            let lacks = own.lacks(cut.as_bytes()).unwrap();
            assert_eq!(lacks, "its last line is not \"[end]\" or \"[End Of Results]\"", "{cut:?}");
        }
        assert_eq!(own.without_end(b"a\r\nb\r\n [end]\r\n"), b"a\r\nb\r\n");
        assert_eq!(own.without_end(b"a\r\nb"), b"a\r\nb");
    }

    #[test]
    fn an_empty_file_is_never_complete() {
        let own = habits(r#""*""#);
        assert_eq!(own.lacks(b"\r\n \t").unwrap(), "there is nothing in it");
        assert_eq!(own.lacks(b"\r\n a"), None);
    }

    #[test]
    fn how_long_it_stands_still_depends_on_whether_a_line_ends_it() {
        assert_eq!(habits(r#""*""#).settle(), limits::FILE_SETTLE);
        let marked = |more: &str| {
            read(&format!("names = [\"*\"]\nends_with = [\"x\"]\n{more}")).unwrap().settle()
        };
        assert_eq!(marked(""), limits::FILE_CUT_OFF_AFTER);
        assert_eq!(marked("settle_s = 3"), Duration::from_secs(3));
        let longest = limits::FILE_SETTLE_MAX.as_secs();
        assert_eq!(marked(&format!("settle_s = {longest}")), limits::FILE_SETTLE_MAX);
        let past = format!("names = [\"*\"]\nsettle_s = {}", longest + 1);
        assert!(read(&past).unwrap_err()[0].contains("is not between"));
    }

    #[test]
    fn wrong_patterns_and_ends_are_faults() {
        for (wrong, why) in [
            ("", "names is missing"),
            ("names = []", "names is missing"),
            ("names = [\"\"]", "is not a pattern"),
            ("names = [\" *.txt\"]", "is not a pattern"),
            ("names = [\"sub/*.txt\"]", "without a folder"),
            ("names = [\"*.tmp\"]", "never taken"),
            ("names = [\"*\"]\nends_with = [\" \"]", "is not the end of a file"),
            ("names = [\"*\"]\nends_with = [\"末\"]", "is not the end of a file"),
            ("names = [\"*\"]\nend = \"x\"", "end"),
        ] {
            let faults = read(wrong).unwrap_err();
            assert!(faults[0].contains(why), "{wrong}: {faults:?}");
        }
    }

    #[test]
    fn patterns_are_bounded_in_number_and_length() {
        let names = |count: usize, length: usize| {
            let name = format!("\"{}\"", "x".repeat(length));
            read(&format!("names = [{}]", vec![name; count].join(", ")))
        };
        assert!(names(limits::FILE_PATTERNS_MAX, limits::FILE_PATTERN_MAX).is_ok());
        assert!(names(limits::FILE_PATTERNS_MAX + 1, 1).is_err());
        assert!(names(1, limits::FILE_PATTERN_MAX + 1).is_err());
    }
}
