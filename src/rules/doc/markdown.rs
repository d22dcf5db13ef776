//! A document as Markdown, with tables as GitHub has them.

use super::page::{Block, Grid};

/// Writes the blocks.
pub(super) fn write(blocks: &[Block]) -> String {
    let mut text = String::new();
    for block in blocks {
        if !text.is_empty() {
            text.push('\n');
        }
        match block {
            Block::Heading(level, words) => {
                let marks = "#".repeat(usize::from(*level));
                line(&mut text, &format!("{marks} {}", escaped(words)));
            }
            Block::Text(words) => line(&mut text, &escaped(words)),
            Block::Items(items) => {
                items.iter().for_each(|item| line(&mut text, &format!("- {}", escaped(item))));
            }
            Block::Grid(grid) | Block::Blank(grid) => table(&mut text, grid),
        }
    }
    text
}

fn line(text: &mut String, words: &str) {
    text.push_str(words);
    text.push('\n');
}

fn table(text: &mut String, grid: &Grid) {
    line(text, &cells(&grid.head));
    line(text, &format!("|{}", " --- |".repeat(grid.head.len())));
    grid.rows.iter().for_each(|row| line(text, &cells(row)));
}

fn cells(row: &[String]) -> String {
    let cells: Vec<String> = row.iter().map(|cell| format!(" {} |", escaped(cell))).collect();
    format!("|{}", cells.concat())
}

/// What Markdown would take for its own; a line break ends no cell.
fn escaped(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for word in words.split_whitespace() {
        if !text.is_empty() {
            text.push(' ');
        }
        for character in word.chars() {
            match character {
                '|' | '*' | '`' | '[' | ']' | '\\' => text.extend(['\\', character]),
                '<' => text.push_str("&lt;"),
                '&' => text.push_str("&amp;"),
                _ => text.push(character),
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_markdown_would_take_for_its_own_is_escaped() {
        let row = vec!["a | b".to_owned(), "<b> & *c*\nd".to_owned()];
        assert_eq!(cells(&row), r"| a \| b | &lt;b> &amp; \*c\* d |");
    }
}
