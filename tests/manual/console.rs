//! A reader at a console: the real program, in a folder of its own.
//!
//! The ports of the manual may be taken on this machine, so others stand for them, and are told
//! back as those of the manual.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

pub struct Console {
    folder: TempDir,
    /// As the manual writes them, and as they are here.
    ports: Vec<(&'static str, String)>,
    /// Exit status of the last command.
    status: i32,
    running: Vec<Child>,
}

/// Of the lines and of HTTP.
const PORTS: [&str; 2] = ["127.0.0.1:5001", "127.0.0.1:8470"];

impl Console {
    /// With the files of this folder.
    pub fn new(files: &Path) -> Console {
        let folder = TempDir::new().unwrap();
        let free = PORTS.map(|_| TcpListener::bind("127.0.0.1:0").unwrap());
        let addresses = free.iter().map(|port| port.local_addr().unwrap().to_string());
        let ports: Vec<_> = PORTS.into_iter().zip(addresses).collect();
        let console = Console { folder, ports, status: 0, running: Vec::new() };
        for file in std::fs::read_dir(files).unwrap() {
            let path = file.unwrap().path();
            let to = console.folder.path().join(path.file_name().unwrap());
            match std::fs::read_to_string(&path) {
                Ok(text) if path.ends_with("hemogate.toml") => {
                    std::fs::write(to, console.here(&text)).unwrap();
                }
                _ => drop(std::fs::copy(&path, to).unwrap()),
            }
        }
        console
    }

    /// What it prints: standard output, then standard error.
    pub fn run(&mut self, command: &str) -> String {
        if command == "echo $?" {
            return self.status.to_string();
        }
        let command = self.here(command);
        let words: Vec<&str> = command.split_whitespace().collect();
        match words.as_slice() {
            ["hemogate", words @ .., "&"] => self.start(words),
            ["hemogate", words @ ..] => {
                let output = self.program(words).stdin(Stdio::null()).output().unwrap();
                self.status = output.status.code().unwrap();
                let printed = [output.stdout, output.stderr].concat();
                self.there(&String::from_utf8(printed).unwrap())
            }
            _ => panic!("the manual may show the program only, not {command}"),
        }
    }

    /// Leaves it running, once it is ready.
    fn start(&mut self, words: &[&str]) -> String {
        let mut command = self.program(words);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        self.running.push(child);
        let mut printed = Vec::new();
        for line in lines {
            printed.push(line.unwrap());
            if printed.last().is_some_and(|line| line == "ready") {
                break;
            }
        }
        self.there(&printed.join("\n"))
    }

    fn program(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hemogate"));
        command.current_dir(self.folder.path()).args(words).env_remove("HEMOGATE_LOG");
        command
    }

    fn here(&self, text: &str) -> String {
        self.ports.iter().fold(text.to_owned(), |text, (manual, here)| text.replace(manual, here))
    }

    fn there(&self, text: &str) -> String {
        self.ports.iter().fold(text.to_owned(), |text, (manual, here)| text.replace(here, manual))
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        for child in &mut self.running {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}
