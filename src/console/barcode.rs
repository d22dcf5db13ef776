//! Bar codes on paper: Code 128 as SVG, so that a printed worklist or manifest can be scanned.
//!
//! Refuses what Code 128 cannot say (anything but printable ASCII) and what no sheet has room for:
//! then the number stands there in letters alone, which is never wrong.

use std::fmt::Write as _;

use barcoders::sym::code128::Code128;

use crate::limits;

/// Switches to the set of printable ASCII.
const LETTERS: char = '\u{0181}';
/// Switches to the set of pairs of digits.
const PAIRS: char = '\u{0106}';
/// Clear modules on either side (ISO/IEC 15417 4.4: ten at least).
const QUIET: usize = 10;
/// Height in modules; the sheet scales it.
const HEIGHT: usize = 40;

/// The text as an SVG of a Code 128 symbol; `None` where it cannot be one.
pub(super) fn code128(text: &str) -> Option<String> {
    let is_printable = text.chars().all(|c| (' '..='~').contains(&c));
    if text.is_empty() || text.len() > limits::BARCODE_TEXT_MAX || !is_printable {
        return None;
    }
    let modules = Code128::new(switched(text)).ok()?.encode();
    let width = modules.len() + 2 * QUIET;
    let mut svg = format!(
        "<svg class=\"barcode\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} \
         {HEIGHT}\" role=\"img\" aria-label=\"{}\" preserveAspectRatio=\"none\" \
         shape-rendering=\"crispEdges\"><path d=\"",
        escaped(text)
    );
    let mut at = QUIET;
    for bar in modules.chunk_by(|one, other| one == other) {
        if bar.first() == Some(&1) {
            // Writing to a String does not fail.
            let _ = write!(svg, "M{at} 0h{}v{HEIGHT}h-{}z", bar.len(), bar.len());
        }
        at += bar.len();
    }
    svg.push_str("\"/></svg>");
    Some(svg)
}

/// The text with its switches: runs of four digits and more as pairs, which halves their width. An
/// odd run begins with a single digit.
fn switched(text: &str) -> String {
    let mut out = String::new();
    let mut set = None;
    let characters: Vec<char> = text.chars().collect();
    for run in characters.chunk_by(|one, other| one.is_ascii_digit() == other.is_ascii_digit()) {
        let is_number = run.first().is_some_and(char::is_ascii_digit) && run.len() >= 4;
        let singles = if is_number { run.len() % 2 } else { run.len() };
        let (single, pairs) = run.split_at(singles);
        for (part, of) in [(single, LETTERS), (pairs, PAIRS)] {
            if !part.is_empty() && set != Some(of) {
                out.push(of);
                set = Some(of);
            }
            out.extend(part);
        }
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Widths of bars and gaps of a symbol, read back from its picture.
    fn widths(svg: &str) -> Vec<usize> {
        let path = svg.split("d=\"").nth(1).unwrap().split('"').next().unwrap();
        let mut widths = Vec::new();
        let mut end = QUIET;
        for bar in path.split('M').skip(1) {
            let (at, rest) = bar.split_once(" 0h").unwrap();
            let (at, wide): (usize, usize) =
                (at.parse().unwrap(), rest.split('v').next().unwrap().parse().unwrap());
            widths.extend((at > end).then(|| at - end));
            widths.push(wide);
            end = at + wide;
        }
        widths
    }

    #[test]
    fn a_donation_number_begins_and_ends_as_the_symbology_says() {
        let svg = code128("G123498654321").unwrap();
        let widths = widths(&svg);
        // Start B is 211214, the stop is 2331112.
        assert_eq!(widths[..6], [2, 1, 1, 2, 1, 4]);
        assert_eq!(widths[widths.len() - 7..], [2, 3, 3, 1, 1, 1, 2]);
        // Start, G, switch, six pairs, check: ten characters of eleven modules, and the stop.
        assert_eq!(widths.iter().sum::<usize>(), 10 * 11 + 13);
        assert!(svg.contains("aria-label=\"G123498654321\""));
    }

    #[test]
    fn digits_stand_in_pairs_where_that_is_shorter_and_an_odd_one_stands_alone() {
        assert_eq!(switched("G12345"), "\u{0181}G1\u{0106}2345");
        assert_eq!(switched("1234"), "\u{0106}1234");
        assert_eq!(switched("A12B"), "\u{0181}A12B");
        assert_eq!(switched("12345A"), "\u{0181}1\u{0106}2345\u{0181}A");
    }

    #[test]
    fn what_is_printable_is_a_symbol_up_to_the_bound_and_nothing_else_is() {
        let longest = "A".repeat(limits::BARCODE_TEXT_MAX);
        assert!(code128(&longest).is_some());
        assert_eq!(code128(&format!("{longest}A")), None);
        assert_eq!(code128(""), None);
        assert_eq!(code128("献血码"), None);
        assert_eq!(code128("A\tB"), None);
        assert!(code128("A").is_some());
        assert!(code128("<\"&>").unwrap().contains("aria-label=\"&lt;&quot;&amp;>\""));
    }
}
