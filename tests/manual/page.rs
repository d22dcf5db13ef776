//! A page of the manual, taken apart: commands with what they print, pieces of files, links.

use std::path::Path;

pub struct Page {
    pub name: String,
    pub steps: Vec<Step>,
    /// Blocks of TOML with their lines.
    pub pieces: Vec<(usize, String)>,
    /// Without anchors; none that leads out of the house.
    pub links: Vec<String>,
}

/// A command and what it prints.
pub struct Step {
    pub line: usize,
    pub command: String,
    pub printed: Vec<String>,
}

impl Page {
    pub fn read(path: &Path) -> Page {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut page = Page { name, steps: Vec::new(), pieces: Vec::new(), links: Vec::new() };
        let mut fence: Option<String> = None;
        for (number, line) in (1..).zip(text.lines()) {
            match (&fence, line.strip_prefix("```")) {
                (Some(_), Some(_)) => fence = None,
                (None, Some(kind)) => {
                    if kind == "toml" {
                        page.pieces.push((number, String::new()));
                    }
                    fence = Some(kind.to_owned());
                }
                (Some(kind), None) if kind == "console" => page.console(number, line),
                (Some(kind), None) if kind == "toml" => {
                    let piece = &mut page.pieces.last_mut().unwrap().1;
                    *piece += line;
                    piece.push('\n');
                }
                (Some(_), None) => {}
                (None, None) => page.links.extend(links(line)),
            }
        }
        page
    }

    fn console(&mut self, number: usize, line: &str) {
        match line.strip_prefix("$ ") {
            Some(command) => {
                let command = command.to_owned();
                self.steps.push(Step { line: number, command, printed: Vec::new() });
            }
            None => self.steps.last_mut().unwrap().printed.push(line.to_owned()),
        }
    }
}

fn links(line: &str) -> Vec<String> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let own = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    own.map(|target| target.split('#').next().unwrap().to_owned()).collect()
}

/// Whether this was printed: `...` alone stands for any lines, within a line for any text; how
/// many blanks stand between words does not count.
pub fn agrees(shown: &[String], printed: &str) -> Result<(), String> {
    let printed: Vec<String> = printed.lines().map(single_blanks).collect();
    let mut rest = printed.as_slice();
    let mut is_anywhere = false;
    for line in shown {
        if line.trim() == "..." {
            is_anywhere = true;
            continue;
        }
        let shown = single_blanks(line);
        let at = match is_anywhere {
            true => rest.iter().position(|line| fits(&shown, line)),
            false => rest.first().filter(|line| fits(&shown, line)).map(|_| 0),
        };
        let Some(at) = at else { return Err(format!("is not printed here: {shown}")) };
        rest = &rest[at + 1..];
        is_anywhere = false;
    }
    match rest {
        [more, ..] if !is_anywhere => Err(format!("is printed as well: {more}")),
        _ => Ok(()),
    }
}

fn single_blanks(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn fits(shown: &str, printed: &str) -> bool {
    let Some((before, after)) = shown.split_once("...") else { return shown == printed };
    let rest = printed.strip_prefix(before);
    rest.is_some_and(|rest| rest.ends_with(after))
}

#[test]
fn what_is_left_out_on_a_page_is_left_out_where_it_says_so() {
    let agrees = |shown: &[&str], printed| {
        let shown: Vec<String> = shown.iter().map(|line| (*line).to_owned()).collect();
        agrees(&shown, printed).is_ok()
    };
    assert!(agrees(&["a", "..."], "a\nb\nc\n"));
    assert!(agrees(&["...", "c"], "a\nb\nc\n"));
    assert!(agrees(&["a  b ... d"], "a b c d\n"));
    assert!(!agrees(&["a"], "a\nb\n"));
    assert!(!agrees(&["b"], "a\nb\n"));
    assert!(!agrees(&["...", "d"], "a\nb\n"));
    assert!(!agrees(&["a ... d"], "a b c\n"));
}
