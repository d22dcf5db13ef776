//! Decision cases: every row of the tables the rule sets were written after, the language of case
//! files and its faults, and the manual held true.

mod command;
mod language;
mod manual;
mod rows;
mod running;
