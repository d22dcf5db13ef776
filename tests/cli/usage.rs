//! Help, versions and exit status everywhere.

use crate::bench::run;

const COMMANDS: [&str; 7] = ["serve", "check", "decode", "profile", "audit", "simulate", "demo"];

#[test]
fn help_and_version_are_everywhere() {
    let version = format!("{}\n", env!("CARGO_PKG_VERSION"));
    assert!(run(&["--version"]).is(0).out.ends_with(&version));
    let help = run(&["--help"]).is(0).out;
    for command in COMMANDS {
        assert!(help.contains(command), "{help}");
        assert!(run(&[command, "--help"]).is(0).out.contains("Usage: hemogate"), "{command}");
        assert!(run(&[command, "--version"]).is(0).out.ends_with(&version), "{command}");
        assert!(run(&["help", command]).is(0).out.contains("Usage: hemogate"), "{command}");
    }
}

#[test]
fn wrong_usage_is_status_2_with_words_on_standard_error() {
    for wrong in [
        &[][..],
        &["transfuse"],
        &["--loud"],
        &["check"],
        &["check", "--config"],
        &["check", "hemogate.toml"],
        &["serve"],
        &["decode"],
        &["audit"],
        &["decode", "--profile", "snibe-maglumi", "one", "two"],
        &["decode", "--profile", "snibe-maglumi", "--tests", "HBsAg"],
        &["decode", "--profile", "snibe-maglumi", "--tests", "HBsAg=hepatitis"],
        &["decode", "--profile", "snibe-maglumi", "--donation-number-pattern", "("],
    ] {
        let ran = run(wrong).is(2);
        assert!(ran.out.is_empty(), "{wrong:?}: {}", ran.out);
        assert!(!ran.err.is_empty(), "{wrong:?}");
    }
}
