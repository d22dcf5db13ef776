//! `hemogate profile`: what the administrator asks about profiles.

use crate::bench::run;

/// Which analysers there are and how well each is founded: nobody may be told more than is true.
#[test]
fn the_manual_lists_every_profile_as_the_program_does() {
    let manual = std::fs::read_to_string("docs/manual/analysers.md").unwrap();
    let listed = run(&["profile", "list", "--markdown"]).is(0);
    let table: Vec<&str> = manual.lines().filter(|line| line.starts_with('|')).collect();
    assert!(table.len() > 10, "the table was not found");
    assert!(
        listed.out.lines().eq(table),
        "write it anew: hemogate profile list --markdown, into docs/manual/analysers.md"
    );
}
