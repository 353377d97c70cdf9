//! A browser with a page for everybody in the hall, driven step by step: `tests/browser/driver.mjs` knows the
//! pages, the test knows what must be true. Debian's Chromium by playwright-core, which lies in `web/node_modules`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

/// No step takes longer than its own waiting, 60 seconds at most.
const STEP_WAIT: Duration = Duration::from_secs(120);

/// The driver as a process; dropping it ends it and its browser.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    steps: Option<ChildStdin>,
    answers: Receiver<String>,
}

impl Browser {
    /// Opens the browser; pages of the service are at `url`, pictures of pages go to a folder.
    ///
    /// # Panics
    /// When node, playwright-core or Chromium is missing; the message says what to install.
    #[must_use]
    pub fn open(url: &str, pictures: &Path) -> Self {
        let driver = house().join("tests/browser/driver.mjs");
        let mut child = Command::new("node")
            .arg(driver)
            .env("YICHUANG_URL", url)
            .env("YICHUANG_PICTURES", pictures)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node runs: make setup");
        let output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        let (sender, answers) = channel();
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut browser = Self { steps: child.stdin.take(), child, answers };
        assert_eq!(browser.answer("start"), "ready", "the browser is ready: make setup, scripts/pages.sh install");
        browser
    }

    /// Does a step and gives what it saw.
    ///
    /// # Panics
    /// When the step fails; a picture of its page lies beside the others.
    #[track_caller]
    pub fn step(&mut self, step: &str, mut told: Value) -> Value {
        told["step"] = step.into();
        let steps = self.steps.as_mut().expect("the driver listens");
        writeln!(steps, "{told}").expect("the driver reads");
        self.answer(step)
    }

    #[track_caller]
    fn answer(&mut self, step: &str) -> Value {
        let line = self.answers.recv_timeout(STEP_WAIT).unwrap_or_else(|error| panic!("{step}: the driver is silent ({error})"));
        let mut answer: Value = serde_json::from_str(&line).expect("an answer of the driver is JSON");
        assert!(answer.get("error").is_none(), "{}\n{}", answer["error"].as_str().unwrap_or_default(), answer["troubles"]);
        answer["value"].take()
    }

    /// Neither serious accessibility violations nor anything that sticks out sideways, and a picture of the page.
    ///
    /// # Panics
    /// When there is one.
    #[track_caller]
    pub fn look(&mut self, page: &str, file: &str) {
        self.step("picture", serde_json::json!({ "page": page, "file": file }));
        let violations = self.step("violations", serde_json::json!({ "page": page }));
        assert_eq!(violations, serde_json::json!([]), "serious violations on {file}");
        let sideways = self.step("sideways", serde_json::json!({ "page": page }));
        assert!(sideways.as_i64().unwrap_or_default() <= 0, "{file} scrolls sideways by {sideways} pixels");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Without steps the driver closes its browser and ends.
        drop(self.steps.take());
        for _ in 0..100 {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(50)),
                _ => return,
            }
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The root of the repository.
#[must_use]
pub fn house() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}
