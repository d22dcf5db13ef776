//! Runs the real program.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

pub struct Ran {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// The JSON objects on standard output.
    pub fn objects(&self) -> Vec<serde_json::Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[track_caller]
    pub fn is(self, status: i32) -> Ran {
        assert_eq!(self.status, status, "out:\n{}\nerr:\n{}", self.out, self.err);
        self
    }
}

pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hemogate"));
    command.env_remove("HEMOGATE_LOG");
    command
}

pub fn run(arguments: &[&str]) -> Ran {
    ran(program().args(arguments).stdin(Stdio::null()).output().unwrap())
}

pub fn run_in(folder: &Path, arguments: &[&str]) -> Ran {
    ran(program().args(arguments).current_dir(folder).stdin(Stdio::null()).output().unwrap())
}

/// Runs with these bytes on standard input.
pub fn run_with(input: &[u8], arguments: &[&str]) -> Ran {
    let mut command = program();
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // A program that refuses its arguments does not read.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    ran(output)
}

fn ran(output: Output) -> Ran {
    Ran {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
