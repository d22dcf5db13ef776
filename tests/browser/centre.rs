//! A blood centre for the browser: a daemon of its own with analysers, a console and its people.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::browser::Browser;
use crate::support::bench::{ANALYSERS, Bench};
use crate::support::messages;
use crate::support::process::{Daemon, write_config_text};

/// Somebody who works there.
pub struct Person {
    pub user: &'static str,
    pub name: &'static str,
    pub roles: &'static [&'static str],
}

pub const LI: Person = Person { user: "li.na", name: "李娜", roles: &["technician"] };
pub const WANG: Person =
    Person { user: "wang.wei", name: "王伟", roles: &["technician", "reviewer"] };
pub const ZHAO: Person =
    Person { user: "zhao.min", name: "赵敏", roles: &["reviewer", "quality"] };
pub const CHEN: Person = Person { user: "chen.jie", name: "陈洁", roles: &["administrator"] };
pub const SUN: Person = Person { user: "sun.yi", name: "孙毅", roles: &["auditor"] };

/// A daemon with four analysers and a console.
pub struct Centre {
    pub bench: Bench,
}

impl Centre {
    /// Starts one; its people have been added on the machine.
    pub fn start() -> Centre {
        let folder = tempfile::tempdir().unwrap();
        let analysers = ANALYSERS.iter().map(|(id, profile)| {
            format!(
                "[[analyser]]\nid = \"{id}\"\nprofile = \"{profile}\"\n\
                 tcp_listen = \"127.0.0.1:0\"\n"
            )
        });
        let rest = analysers.collect::<String>();
        let rest = format!("[console]\nlisten = \"127.0.0.1:0\"\n{rest}");
        let config = write_config_text(folder.path(), &folder.path().join("hemogate.db"), &rest);
        for person in [LI, WANG, ZHAO, CHEN, SUN] {
            add(&config, &person);
        }
        Centre { bench: Bench { daemon: Daemon::start(&config), config, folder } }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.bench.daemon.address("console"))
    }

    /// Signs somebody in.
    pub async fn sign_in(&self, browser: &Browser, person: &Person) {
        browser.driver.delete_all_cookies().await.unwrap();
        browser.goto(&self.url("/sign-in")).await;
        browser.fill("#name", person.user).await;
        browser.fill("#password", &password(person)).await;
        browser.click("main form button").await;
        browser.sees(person.name).await;
    }

    /// Registers these donations, all of repeat donors of group A.
    pub fn register(&self, dins: &[String]) {
        for din in dins {
            self.bench.daemon.register(&messages::registration(din));
        }
    }

    /// Registers a donation of a deferred donor.
    pub fn register_deferred(&self, din: &str) {
        let mut registration = messages::registration(din);
        registration["donor"]["deferred"] = json!(true);
        self.bench.daemon.register(&registration);
    }
}

pub fn password(person: &Person) -> String {
    format!("drinks oolong at dawn, {} days a week", person.name.len())
}

fn add(config: &Path, person: &Person) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hemogate"));
    command.args(["user", "add", person.user, "--name", person.name, "--password-stdin"]);
    command.arg("--config").arg(config);
    for role in person.roles {
        command.args(["--role", role]);
    }
    let mut running = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(running.stdin.take().unwrap(), "{}", password(person)).unwrap();
    let ended = running.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}
