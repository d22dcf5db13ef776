//! A document as one HTML file: its style is in it, nothing is fetched, and it prints on A4.

use super::super::words::Lang;
use super::page::{Block, Grid};

const STYLE: &str = include_str!("style.css");

/// Writes the blocks.
pub(super) fn write(blocks: &[Block], lang: Lang, title: &str) -> String {
    let body: Vec<String> = blocks.iter().map(block).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
        lang.id(),
        escaped(title),
        body.concat()
    )
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(level, words) => format!("<h{level}>{}</h{level}>\n", escaped(words)),
        Block::Text(words) => format!("<p>{}</p>\n", escaped(words)),
        Block::Items(items) => {
            let items: Vec<String> =
                items.iter().map(|item| format!("<li>{}</li>\n", escaped(item))).collect();
            format!("<ul>\n{}</ul>\n", items.concat())
        }
        Block::Grid(grid) => table(grid, "<table>"),
        Block::Blank(grid) => table(grid, "<table class=\"blank\">"),
    }
}

fn table(grid: &Grid, open: &str) -> String {
    let rows: Vec<String> = grid.rows.iter().map(|row| cells(row, "td")).collect();
    let head = cells(&grid.head, "th");
    format!("{open}\n<thead>\n{head}</thead>\n<tbody>\n{}</tbody>\n</table>\n", rows.concat())
}

fn cells(row: &[String], tag: &str) -> String {
    let cells: Vec<String> =
        row.iter().map(|cell| format!("<{tag}>{}</{tag}>", escaped(cell))).collect();
    format!("<tr>{}</tr>\n", cells.concat())
}

fn escaped(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for character in words.chars() {
        match character {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            _ => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_never_taken_for_tags_and_nothing_is_fetched() {
        let grid = Grid { head: vec!["a".to_owned()], rows: vec![vec!["<script>&\"".to_owned()]] };
        let page = write(&[Block::Grid(grid)], Lang::ZhCn, "t");
        assert!(page.contains("<td>&lt;script&gt;&amp;&quot;</td>"));
        assert!(page.contains("lang=\"zh-CN\""));
        assert!(!page.contains("http") && !page.contains("url("));
    }
}
