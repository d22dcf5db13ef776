//! A browser for one test: its driver is started on a free port and ended with it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hemogate::clock;
use serde_json::{Value, json};
use thirtyfour::common::print::PrintParameters;
use thirtyfour::prelude::*;

use crate::support::since;

/// Longest wait of these tests; only a failing test takes that long.
const PATIENCE: Duration = Duration::from_secs(30);

/// The smallest screen that the pages are made for.
pub const SCREEN: (u32, u32) = (1280, 720);

/// A browser.
pub struct Browser {
    pub driver: WebDriver,
    _driving: Driving,
    shots: PathBuf,
}

/// The driver's process; ended when dropped.
struct Driving(Child);

impl Drop for Driving {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _gone = self.0.wait();
    }
}

impl Browser {
    /// Opens one; its screenshots go to `target/console/<name>`.
    pub async fn open(name: &str) -> Browser {
        let (driving, port) = drive();
        let mut wanted = DesiredCapabilities::chrome();
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--hide-scrollbars",
            "--force-prefers-reduced-motion",
        ] {
            wanted.add_arg(argument).unwrap();
        }
        wanted.add_arg(&format!("--window-size={},{}", SCREEN.0, SCREEN.1)).unwrap();
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted).await.unwrap();
        let shots = target().join("console").join(name);
        fs::create_dir_all(&shots).unwrap();
        let browser = Browser { driver, _driving: driving, shots };
        browser.screen(SCREEN.0, SCREEN.1).await;
        browser
    }

    /// What the page sees is exactly so large.
    pub async fn screen(&self, width: u32, height: u32) {
        let inner = json!([]);
        let script = "return [window.outerWidth - window.innerWidth, \
                      window.outerHeight - window.innerHeight]";
        let frame = self.driver.execute(script, vec![inner]).await.unwrap();
        let frame: [u32; 2] = frame.convert().unwrap();
        self.driver.set_window_rect(0, 0, width + frame[0], height + frame[1]).await.unwrap();
    }

    pub async fn goto(&self, url: &str) {
        self.driver.goto(url).await.unwrap();
    }

    /// The first element for this CSS selector, waited for.
    pub async fn find(&self, selector: &str) -> WebElement {
        let began = clock::moment();
        loop {
            match self.driver.find(By::Css(selector.to_owned())).await {
                Ok(found) => return found,
                Err(why) if since(began) > PATIENCE => {
                    self.shot("not-found").await;
                    panic!("no {selector} at {}: {why}", self.driver.current_url().await.unwrap());
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// What stands in an element; asked again where the page is just being brought up to date.
    pub async fn text(&self, selector: &str) -> String {
        let began = clock::moment();
        loop {
            match self.find(selector).await.text().await {
                Ok(text) => return text,
                Err(why) if since(began) > PATIENCE => panic!("{selector}: {why}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// What stands on the page.
    pub async fn words(&self) -> String {
        self.text("body").await
    }

    /// Waits until this stands on the page.
    pub async fn sees(&self, words: &str) {
        let began = clock::moment();
        while !self.words().await.contains(words) {
            if since(began) > PATIENCE {
                self.shot("not-seen").await;
                panic!("{words:?} does not come; the page says: {}", self.words().await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until this stands on the page no more.
    pub async fn sees_no(&self, words: &str) {
        let began = clock::moment();
        while self.words().await.contains(words) {
            if since(began) > PATIENCE {
                self.shot("still-seen").await;
                panic!("{words:?} does not go; the page says: {}", self.words().await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Types into a field, from nothing.
    pub async fn fill(&self, selector: &str, text: &str) {
        let field = self.find(selector).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    pub async fn click(&self, selector: &str) {
        let element = self.find(selector).await;
        element.scroll_into_view().await.unwrap();
        element.click().await.unwrap();
    }

    /// Types what a scanner types: the text, then Enter, wherever the focus is.
    pub async fn scan(&self, text: &str) {
        let focused = self.driver.active_element().await.unwrap();
        focused.send_keys(format!("{text}\u{e007}")).await.unwrap();
    }

    /// Keeps the whole page as a picture.
    pub async fn shot(&self, name: &str) -> PathBuf {
        let path = self.shots.join(format!("{name}.png"));
        self.driver.screenshot(&path).await.unwrap();
        path
    }

    /// Keeps the page as it would be printed; a PDF.
    pub async fn printed(&self, name: &str) -> Vec<u8> {
        let printed = self.driver.print_page(PrintParameters::default()).await.unwrap();
        fs::write(self.shots.join(format!("{name}.pdf")), &printed).unwrap();
        printed
    }

    /// What axe-core finds against the page (WCAG 2.1 A and AA), a line for each element.
    pub async fn axe(&self) -> Vec<String> {
        self.driver.execute(axe(), vec![]).await.unwrap();
        let script = "const done = arguments[arguments.length - 1];
            const kinds = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];
            axe.run(document, {runOnly: kinds}).then((found) => done(found.violations),
                (why) => done([{id: String(why), nodes: []}]));";
        let found = self.driver.execute_async(script, vec![]).await.unwrap();
        let violations: Vec<Value> = found.convert().unwrap();
        let mut lines = Vec::new();
        for violation in violations {
            let nodes = violation["nodes"].as_array().cloned().unwrap_or_default();
            lines.push(format!("{}: {} ({})", violation["id"], violation["help"], nodes.len()));
            for node in nodes.iter().take(3) {
                lines.push(format!("    {} {}", node["target"], node["failureSummary"]));
            }
        }
        lines
    }

    /// What on the page is wider than the screen.
    pub async fn overflows(&self) -> Vec<String> {
        let script = "const page = document.documentElement;
            if (page.scrollWidth <= page.clientWidth + 1) return [];
            const isWide = (one) => one.getBoundingClientRect().right > page.clientWidth + 1;
            const wide = Array.from(document.querySelectorAll('body *')).filter(isWide);
            return wide.slice(0, 5).map((one) => one.tagName + '.' + one.className);";
        self.driver.execute(script, vec![]).await.unwrap().convert().unwrap()
    }

    pub async fn close(self) {
        self.driver.clone().quit().await.unwrap();
    }
}

/// Starts the driver on a free port.
fn drive() -> (Driving, u16) {
    let mut child = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver is not there: tests/run installs it");
    let said = BufReader::new(child.stdout.take().unwrap());
    let driving = Driving(child);
    let on = "started successfully on port ";
    for line in said.lines() {
        let line = line.unwrap();
        if let Some(at) = line.find(on) {
            let port = line[at + on.len()..].trim_end_matches('.').trim();
            return (driving, port.parse().unwrap());
        }
    }
    panic!("chromedriver did not start");
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_owned()
}

fn axe() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/axe/axe.min.js");
    fs::read_to_string(&path).expect("axe-core is not there: tests/run fetches it")
}
