//! `hemogate user`: accounts on the machine itself.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use hemogate::clock;
use hemogate::store::UserDesk;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use tempfile::TempDir;
use tokio_serial::{SerialPort, SerialStream};

use crate::bench::{Ran, program, run, run_with};

const PASSWORD: &str = "correct battery staple";

struct Site {
    folder: TempDir,
    config: String,
}

impl Site {
    fn new() -> Site {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("site.toml");
        std::fs::write(&path, "[store]\npath = \"hemogate.db\"\n[rules]\nfile = \"cn\"\n").unwrap();
        let config = path.to_str().unwrap().to_owned();
        Site { folder, config }
    }

    fn user(&self, arguments: &[&str]) -> Ran {
        let mut all = vec!["user"];
        all.extend(arguments);
        all.extend(["--config", &self.config]);
        run_with(format!("{PASSWORD}\n").as_bytes(), &all)
    }

    fn store(&self) -> std::path::PathBuf {
        self.folder.path().join("hemogate.db")
    }
}

#[test]
fn the_first_administrator_is_made_on_the_machine_and_there_is_none_before() {
    let site = Site::new();
    assert!(site.user(&["list"]).is(0).out.starts_with("there is no account: hemogate user add"));
    let add = ["add", "Adam", "--role", "administrator", "--name", "李 娜", "--password-stdin"];
    assert_eq!(site.user(&add).is(0).out, "adam is added: administrator\n");
    assert_eq!(site.user(&["list"]).is(0).out, "adam\t李 娜\tadministrator\topen\n");
    site.user(&add).is(1);
    let bytes = std::fs::read(site.store()).unwrap();
    assert!(!bytes.windows(PASSWORD.len()).any(|window| window == PASSWORD.as_bytes()));
}

#[test]
fn accounts_are_given_roles_and_passwords_and_closed_but_never_the_last_administrator() {
    let site = Site::new();
    site.user(&["add", "adam", "--role", "administrator", "--password-stdin"]).is(0);
    let bench = ["add", "tina", "--role", "technician,quality", "--once", "--password-stdin"];
    site.user(&[&bench[..], &["--expires", "2999-12-31"]].concat()).is(0);
    let told = site.user(&["list"]).is(0).out;
    let row =
        "tina\ttina\ttechnician, quality\topen, first password not changed yet, last day 2999";
    assert!(told.contains(row), "{told}");
    site.user(&["roles", "tina", "--role", "reviewer"]).is(0);
    site.user(&["password", "tina", "--password-stdin"]).is(0);
    assert!(site.user(&["list"]).out.contains("tina\ttina\treviewer\topen, last day"));
    site.user(&["close", "tina"]).is(0);
    assert!(site.user(&["list"]).out.contains("tina\ttina\treviewer\tclosed"));
    assert!(site.user(&["roles", "tina", "--role", "auditor"]).is(1).err.contains("for ever"));
    assert!(site.user(&["close", "adam"]).is(1).err.contains("last administrator"));
    assert!(site.user(&["close", "nobody"]).is(1).err.contains("no account of this name"));
}

#[test]
fn what_cannot_be_is_used_wrongly() {
    let site = Site::new();
    for (wrong, words) in [
        (&["add", "1st", "--role", "auditor"][..], "begins with a letter"),
        (&["add", "adam"], "--role"),
        (&["add", "adam", "--role", "root"], "there are technician, reviewer"),
        (&["add", "adam", "--role", "auditor,reviewer"], "cannot have another role"),
        (&["add", "adam", "--role", "auditor", "--expires", "soon"], "2027-01-31"),
        (&["add", "adam", "--role", "auditor", "--language", "de"], "en and zh-CN"),
        (&["add", "adam", "--role", "auditor"], "use --password-stdin"),
        (&["add", "staple", "--role", "auditor", "--password-stdin"], "user's own name"),
    ] {
        let ran = site.user(wrong).is(2);
        assert!(ran.err.contains(words), "{wrong:?}: {}", ran.err);
    }
    let short = ["user", "add", "adam", "--role", "auditor", "--password-stdin", "--config"];
    let ran = run_with(b"short\n", &[&short[..], &[&site.config]].concat()).is(2);
    assert!(ran.err.contains("at least 12 characters"), "{}", ran.err);
    run(&["user", "list", "--config", "/no/such.toml"]).is(2);
}

#[test]
fn while_a_daemon_has_the_store_the_consoles_page_is_named() {
    let site = Site::new();
    let add = ["add", "adam", "--role", "administrator", "--password-stdin"];
    site.user(&add).is(0);
    let _daemon = UserDesk::open(&site.store()).unwrap();
    let ran = site.user(&["close", "adam"]).is(1);
    assert!(ran.err.contains("on the console's page Users"), "{}", ran.err);
    assert!(site.user(&["list"]).is(0).out.starts_with("adam\t"));
}

/// A terminal that shows what is typed, as a person's does.
fn terminal() -> (SerialStream, std::fs::File) {
    let (keyboard, screen) = SerialStream::pair().unwrap();
    let path = screen.name().unwrap();
    let file = OpenOptions::new().read(true).write(true).open(Path::new(&path)).unwrap();
    let mut modes = tcgetattr(&file).unwrap();
    modes.local_modes.insert(LocalModes::ECHO | LocalModes::ICANON);
    tcsetattr(&file, OptionalActions::Now, &modes).unwrap();
    drop(screen);
    (keyboard, file)
}

/// Reads what the terminal shows until it shows this.
fn until(keyboard: &mut SerialStream, shown: &mut String, words: &str) {
    keyboard.set_timeout(std::time::Duration::from_secs(20)).unwrap();
    let mut byte = [0; 64];
    while !shown.contains(words) {
        match keyboard.read(&mut byte) {
            Ok(read) => shown.push_str(&String::from_utf8_lossy(&byte[..read])),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                std::thread::yield_now();
            }
            Err(error) => panic!("{error}: {shown}"),
        }
    }
}

#[tokio::test]
async fn on_a_terminal_the_password_is_asked_twice_and_never_shown() {
    let site = Site::new();
    let (mut keyboard, screen) = terminal();
    let mut command: Command = program();
    command.args(["user", "add", "adam", "--role", "administrator", "--config", &site.config]);
    command.stdin(Stdio::from(screen.try_clone().unwrap())).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::from(screen.try_clone().unwrap())).spawn().unwrap();
    let mut shown = String::new();
    for prompt in ["at least 12 characters): ", "Once more: "] {
        until(&mut keyboard, &mut shown, prompt);
        wait_hidden(&screen);
        keyboard.write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
    }
    assert!(child.wait().unwrap().success(), "{shown}");
    assert!(!shown.contains("battery"), "{shown}");
    let echoes = tcgetattr(&screen).unwrap().local_modes.contains(LocalModes::ECHO);
    assert!(echoes, "the terminal shows again what is typed");
    assert!(site.user(&["list"]).is(0).out.starts_with("adam\t"));
}

/// The prompt is shown a moment before typing is hidden.
fn wait_hidden(screen: &std::fs::File) {
    let begun = clock::moment();
    while tcgetattr(screen).unwrap().local_modes.contains(LocalModes::ECHO) {
        assert!(
            (clock::moment().since_start() - begun.since_start()).as_secs() < 20,
            "typing is not hidden"
        );
        std::thread::yield_now();
    }
}
