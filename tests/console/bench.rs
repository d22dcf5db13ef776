//! A console with people, on a real socket, and browsers that come to it.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hemogate::clock::{self, At};
use hemogate::config::Config;
use hemogate::console::{self, ConsoleState, Door, DoorPlan};
use hemogate::daemon::{Daemon, runtime};
use hemogate::domain::DonationNumberScheme;
use hemogate::people::{
    Change, FullName, Lifetimes, NewAccount, Password, Role, Roles, Sealed, UserId,
};
use hemogate::rules::RuleSet;
use hemogate::store::{Options, Store, UserDesk, UserEvent};
use hemogate::traffic::Board;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Longest wait for anything; only a failing test takes that long.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Everybody's password in these tests.
pub const PASSWORD: &str = "correct battery staple";

/// One of each role, and a second administrator.
pub const PEOPLE: [(&str, Role); 6] = [
    ("tina", Role::Technician),
    ("rui", Role::Reviewer),
    ("quan", Role::Quality),
    ("adam", Role::Administrator),
    ("ada", Role::Administrator),
    ("audrey", Role::Auditor),
];

/// A running daemon with a console.
pub struct Bench {
    daemon: Option<Daemon>,
    runtime: Runtime,
    pub folder: TempDir,
}

impl Bench {
    pub fn new() -> Bench {
        Bench::configured("", &[])
    }

    /// With more of `[console]`, and files beside the configuration.
    pub fn configured(console: &str, files: &[(&str, &str)]) -> Bench {
        let folder = TempDir::new().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        add_people(&folder.path().join("hemogate.db"));
        let config = Config::parse("test.toml", &config_text(console), folder.path()).unwrap();
        let runtime = runtime().unwrap();
        let daemon = runtime.block_on(Daemon::start(config)).unwrap();
        Bench { daemon: Some(daemon), runtime, folder }
    }

    pub fn address(&self) -> SocketAddr {
        self.daemon.as_ref().unwrap().console_addr().unwrap()
    }

    /// Where inventory speaks to the daemon.
    pub fn http(&self) -> SocketAddr {
        self.daemon.as_ref().unwrap().http_addr()
    }

    /// Where an analyser is awaited.
    pub fn line(&self, analyser: &str) -> SocketAddr {
        self.daemon.as_ref().unwrap().analyser_addr(analyser).unwrap()
    }

    pub fn daemon(&self) -> &Daemon {
        self.daemon.as_ref().unwrap()
    }

    pub fn browser(&self) -> Browser {
        Browser::at(self.address())
    }

    /// A browser in which this person has signed in.
    pub fn signed_in(&self, user: &str) -> Browser {
        let browser = self.browser();
        let answer = browser.sign_in(user, PASSWORD);
        assert_eq!(answer.status, 303, "{user}: {}", answer.text);
        browser
    }

    pub fn stop(&mut self) {
        let daemon = self.daemon.take().unwrap();
        self.runtime.block_on(daemon.shutdown());
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if self.daemon.is_some() {
            self.stop();
        }
    }
}

/// A console whose clock is ours.
pub struct Timed {
    now: Arc<Mutex<At>>,
    address: SocketAddr,
    _runtime: Runtime,
    _folder: TempDir,
}

impl Timed {
    pub fn new() -> Timed {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("hemogate.db");
        add_people(&path);
        let rules = Arc::new(RuleSet::parse("cn.toml", &rules_text()).unwrap());
        let options = Options { path, rules: Arc::clone(&rules), utc: clock::utc };
        let store = Store::open(options).unwrap();
        let now = Arc::new(Mutex::new(clock::now()));
        let told = Arc::clone(&now);
        let plan = DoorPlan {
            lifetimes: Lifetimes {
                idle: Duration::from_secs(15 * 60),
                absolute: Duration::from_secs(12 * 60 * 60),
            },
            secure: false,
            now: Arc::new(move || *told.lock().unwrap()),
        };
        let runtime = Runtime::new().unwrap();
        let address = runtime.block_on(async {
            let door = Door::open(&store, plan).unwrap();
            let scheme = Arc::new(DonationNumberScheme::Isbt128);
            let board = Board::new(clock::now());
            let state = ConsoleState::new(store, scheme, rules, board, Default::default(), door);
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let router = console::router(state);
            tokio::spawn(async move { axum::serve(listener, router).await });
            address
        });
        Timed { now, address, _runtime: runtime, _folder: folder }
    }

    pub fn pass(&self, time: Duration) {
        let mut now = self.now.lock().unwrap();
        *now = At { moment: now.moment.plus(time), utc: now.utc + time };
    }

    pub fn today(&self) -> jiff::civil::Date {
        self.now.lock().unwrap().utc.to_zoned(jiff::tz::TimeZone::UTC).date()
    }

    pub fn browser(&self) -> Browser {
        Browser::at(self.address)
    }

    pub fn signed_in(&self, user: &str) -> Browser {
        let browser = self.browser();
        assert_eq!(browser.sign_in(user, PASSWORD).status, 303);
        browser
    }
}

/// A browser: it keeps our cookie and follows nothing by itself.
pub struct Browser {
    agent: ureq::Agent,
    pub address: SocketAddr,
    pub cookie: RefCell<Option<String>>,
}

/// An answer, read to its end.
pub struct Answer {
    pub status: u16,
    pub location: Option<String>,
    pub set_cookie: Option<String>,
    pub headers: Vec<(String, String)>,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// What is in a hidden field.
    pub fn field(&self, name: &str) -> Option<String> {
        let start = format!("name=\"{name}\" value=\"");
        let (_, rest) = self.text.split_once(&start)?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    }

    #[track_caller]
    pub fn says(&self, words: &str) {
        assert!(self.text.contains(words), "{words:?} is not in: {}", self.text);
    }
}

impl Browser {
    pub fn at(address: SocketAddr) -> Browser {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let agent = agent.max_redirects_will_error(false).timeout_global(Some(PATIENCE));
        Browser { agent: agent.build().into(), address, cookie: RefCell::default() }
    }

    pub fn get(&self, path: &str) -> Answer {
        let request = self.agent.get(self.url(path)).header("accept-language", "en");
        let request = match self.cookie.borrow().as_ref() {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        };
        self.read(request.call().unwrap())
    }

    /// A form as a page of ours sends it, without the token of the session.
    pub fn post_bare(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let origin = format!("http://{}", self.address);
        self.post_from(path, fields, &[("origin", &origin)])
    }

    /// A form with these headers.
    pub fn post_from(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.agent.post(self.url(path)).header("accept-language", "en");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookie) = self.cookie.borrow().as_ref() {
            request = request.header("cookie", cookie);
        }
        let fields = fields.iter().map(|(name, value)| (*name, *value));
        let answer = request.send_form(fields).unwrap();
        self.read(answer)
    }

    /// A form of a page of ours.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.token();
        let mut fields = fields.to_vec();
        fields.push(("csrf", &token));
        self.post_bare(path, &fields)
    }

    /// The token of the session: it is in every page.
    pub fn token(&self) -> String {
        self.get("/password").field("csrf").expect("a page with the session's token")
    }

    pub fn sign_in(&self, user: &str, password: &str) -> Answer {
        self.post_bare("/sign-in", &[("name", user), ("password", password)])
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn read(&self, mut response: ureq::http::Response<ureq::Body>) -> Answer {
        let text = |value: &ureq::http::HeaderValue| value.to_str().unwrap().to_owned();
        let headers: Vec<_> =
            response.headers().iter().map(|(name, v)| (name.to_string(), text(v))).collect();
        let header = |wanted: &str| {
            headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone())
        };
        let set_cookie = header("set-cookie");
        if let Some(set) = &set_cookie {
            *self.cookie.borrow_mut() = match set.contains("Max-Age=0") {
                true => None,
                false => set.split(';').next().map(str::to_owned),
            };
        }
        Answer {
            status: response.status().as_u16(),
            location: header("location"),
            set_cookie,
            headers,
            text: response.body_mut().read_to_string().unwrap(),
        }
    }
}

pub fn rules_text() -> String {
    let site = include_str!("../../fixtures/rules/results-only.toml");
    format!("{}{site}", hemogate::rules::shipped("cn").unwrap())
}

pub fn config_text(console: &str) -> String {
    format!(
        "[store]\npath = \"hemogate.db\"\n[http]\nlisten = \"127.0.0.1:0\"\n[rules]\n\
         file = \"cn\"\n[console]\nlisten = \"127.0.0.1:0\"\n{console}"
    )
}

/// Makes everybody's account, as `hemogate user add` does.
pub fn add_people(path: &Path) {
    let mut desk = UserDesk::open(path).unwrap();
    for event in people() {
        desk.put(&event).unwrap();
    }
}

/// The events that make everybody's account.
pub fn people() -> Vec<UserEvent> {
    let sealed = Password::typed(PASSWORD).seal(&UserId::read("nobody").unwrap()).unwrap();
    let event = |(user, role): (&str, Role)| {
        let change = Change::Added(Box::new(NewAccount {
            name: FullName::read(&format!("{user} of the laboratory")).unwrap(),
            roles: Roles::of([role]).unwrap(),
            language: "en".to_owned(),
            expires: None,
            sealed: Sealed::kept(sealed.text()),
            once: false,
        }));
        UserEvent {
            id: 0,
            name: user.to_owned(),
            kind: change.kind().to_owned(),
            payload: change.detail(),
            made_by: "hemogate user".to_owned(),
            made_at: clock::utc(),
        }
    };
    PEOPLE.map(event).into()
}
