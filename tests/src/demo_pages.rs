//! The pages of the real program on its sample data, in a real browser: what every test of pages begins with.

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::browser::Browser;
use crate::program::{Program, Start};

/// The program and the browser; both end with it.
#[derive(Debug)]
pub struct DemoPages {
    /// The browser.
    pub browser: Browser,
    /// The program.
    pub server: Program,
    /// Pictures stay where somebody asked for them, else they go with the test.
    pub pictures: PathBuf,
    folder: TempDir,
}

impl DemoPages {
    /// Starts both.
    ///
    /// # Panics
    /// When the program or the browser does not start.
    #[must_use]
    pub fn open() -> Self {
        let folder = TempDir::new().expect("a folder");
        let server = Start::demo(&folder.path().join("data")).run();
        let pictures = std::env::var_os("YICHUANG_PICTURES").map_or_else(|| folder.path().join("pictures"), PathBuf::from);
        let browser = Browser::open(&format!("http://{}", server.address), &pictures);
        Self { browser, server, pictures, folder }
    }

    /// Where the program keeps its data.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Does a step and gives what it saw.
    ///
    /// # Panics
    /// When the step fails.
    #[track_caller]
    pub fn step(&mut self, step: &str, told: Value) -> Value {
        self.browser.step(step, told)
    }

    /// The same, of a step that sees a text.
    ///
    /// # Panics
    /// When the step fails.
    #[track_caller]
    pub fn text(&mut self, step: &str, told: Value) -> String {
        self.step(step, told).as_str().unwrap_or_default().to_owned()
    }

    /// Sends a command as somebody's page would.
    ///
    /// # Panics
    /// When the step fails.
    #[track_caller]
    pub fn send(&mut self, page: &str, path: &str, body: Value) -> Value {
        self.step("send", json!({ "page": page, "path": format!("/api/v1{path}"), "body": body }))
    }

    /// A case of a matter of the sample, received and accepted by `clerk1`; its id.
    ///
    /// # Panics
    /// When a step fails.
    #[track_caller]
    pub fn accepted_case(&mut self, matter_id: &str) -> String {
        let asked = self.step("ask", json!({ "page": "clerk1", "path": format!("/api/v1/matters/{matter_id}") }));
        let matter = &asked["body"];
        let materials: Vec<Value> = matter["materials"]
            .as_array()
            .expect("materials")
            .iter()
            .filter(|one| one["situation_ids"].as_array().is_none_or(Vec::is_empty))
            .map(|one| json!({ "material_id": one["id"], "status": "collected", "originals": 1 }))
            .collect();
        let situations: Vec<&Value> =
            matter["situations"].as_array().into_iter().flatten().map(|question| &question["options"][0]["id"]).collect();
        let body = json!({
            "site_id": "demo-center", "matter_id": matter_id, "situation_ids": situations, "materials": materials,
            "applicant": { "kind": "person", "name": "王小明", "id_type": "resident_id", "id_number": "152301199003070038", "phone": "13912345520" },
        });
        let opened = self.send("clerk1", "/cases", body);
        let case = opened["id"].as_str().expect("an id").to_owned();
        self.send("clerk1", &format!("/cases/{case}/accept"), json!({}));
        case
    }

    /// A look at both sizes of a desk.
    ///
    /// # Panics
    /// When the page has a serious violation or sticks out sideways at one of them.
    #[track_caller]
    pub fn look(&mut self, page: &str, file: &str) {
        self.browser.look(page, file);
        self.resize(page, 1366, 768);
        self.browser.look(page, &format!("{file}-1366"));
        self.resize(page, 1440, 900);
    }

    /// Gives a page another size.
    ///
    /// # Panics
    /// When the step fails.
    #[track_caller]
    pub fn resize(&mut self, page: &str, width: u32, height: u32) {
        self.step("resize", json!({ "page": page, "width": width, "height": height }));
    }
}
