//! A house with everybody in it: one person for each single role at the centre, somebody elsewhere with
//! every role, the devices, and one real thing of each kind to ask about.

use axum::http::Method;
use domain::rights::Role;
use serde_json::{Value, json};
use server::app::sessions::StaffDoc;
use server::store::{ChangeSet, KeeperEntryRow, SessionRow, StaffRow};
use server::vault::sha256;
use tests::app::{Actor, TestApp};

pub const SITE: &str = "demo-center";
/// A site beside it.
const ELSEWHERE: &str = "demo-sumu";
const DEVICES: [&str; 4] = ["demo-kiosk", "demo-display", "demo-printer", "demo-pad"];

/// See the file's head.
pub struct House {
    pub app: TestApp,
    /// Each single role at the centre.
    pub roles: Vec<(Role, Actor)>,
    /// Every role that ends at its own site, at another site.
    pub stranger: Actor,
    pub devices: Vec<Actor>,
    /// Whose application is among the things, and another citizen.
    pub citizens: [Actor; 2],
    /// What the parts of a path stand for.
    pub things: Vec<(&'static str, String)>,
}

impl House {
    pub async fn build() -> Self {
        let app = TestApp::memory().await;
        let approver = app.app.stores.staff.staff_by_username("approver1").await.expect("the store").expect("approver1");
        let mut roles = Vec::new();
        for role in Role::ALL {
            roles.push((role, employ(&app, SITE, "dc", &[role], &approver).await));
        }
        // Approvers see cases of every site, by department: not a stranger anywhere.
        let all: Vec<Role> = Role::ALL.into_iter().filter(|role| !matches!(role, Role::Approver)).collect();
        let key = app.app.directory.get().site(ELSEWHERE).expect("the other site").key.clone();
        let stranger = employ(&app, ELSEWHERE, &key, &all, &approver).await;
        let devices = DEVICES.map(|token| Actor::Device(token.to_owned())).to_vec();
        let mut things = things(&app).await;
        let citizens = [citizen(&app, "13911110001").await, citizen(&app, "13911110002").await];
        let application = done(&app, &citizens[0], "/applications", crate::applications::beginning(&app, "demo-promised").await).await;
        let application = application["id"].as_str().expect("an id").to_owned();
        let own = crate::application_files::sent(&app, &citizens[0], &application).await;
        // An own file, where the path is a citizen's; the file of the case elsewhere.
        things.insert(0, ("{application}/attachments/{attachment}", format!("{application}/attachments/{own}")));
        things.push(("{own_case}", application.clone()));
        things.push(("{application}", application));
        // The own affair of whoever only helps.
        let helper = roles.iter().find(|(role, _)| *role == Role::Helper).map(|(_, actor)| actor.clone()).expect("a helper");
        let person = json!({ "person": { "kind": "person", "name": "王小明", "phone": "13912345520" } });
        let assistance = done(&app, &helper, &format!("/sites/{SITE}/assistances"), person).await;
        let asked = json!({ "about": "几点下班", "ending": "owed", "person": { "name": "王小明", "phone": "13912345520" } });
        let contact = done(&app, &helper, &format!("/sites/{SITE}/first-contacts"), asked).await;
        things.push(("{first_contact}", contact["id"].as_str().expect("an id").to_owned()));
        things.push(("{assistance}", assistance["id"].as_str().expect("an id").to_owned()));
        Self { app, roles, stranger, devices, citizens, things }
    }

    /// A citizen who may be signed out.
    pub async fn another_citizen(&self) -> Actor {
        citizen(&self.app, "13911110003").await
    }

    /// A path with its parts filled in.
    pub fn filled(&self, path: &str) -> String {
        let mut path = format!("/api/v1{path}");
        for (part, thing) in &self.things {
            path = path.replace(part, thing);
        }
        assert!(!path.contains('{'), "{path}: tell `things` in tests/tests/rights/house.rs what this stands for");
        path
    }
}

/// Puts somebody into the store, signed in.
async fn employ(app: &TestApp, site: &str, key: &str, roles: &[Role], like: &StaffRow) -> Actor {
    let name = roles.iter().map(|role| role.name()).collect::<Vec<_>>().join("");
    let short = if roles.len() == 1 { name } else { "every".to_owned() };
    let (id, token) = (format!("s_{key}_only{short}"), format!("token-{key}-{short}"));
    let doc = StaffDoc { decides_instant: true, ..serde_json::from_str(&like.doc).expect("a document") };
    let has_department = roles.iter().any(|role| matches!(role, Role::Approver | Role::Leader)) && roles.len() == 1;
    let row = StaffRow {
        site_id: site.to_owned(),
        id: id.clone(),
        username: format!("{site}-{short}"),
        name: format!("只有{short}"),
        roles: json!(roles).to_string(),
        department_id: like.department_id.clone().filter(|_| has_department),
        doc: if has_department { json!(doc) } else { json!(StaffDoc { bases: Vec::new(), ..doc }) }.to_string(),
        ..like.clone()
    };
    let mut set = ChangeSet::new(site);
    set.row(row);
    app.app.stores.commit.commit(&[set]).await.expect("written");
    let now = app.app.now();
    let session = SessionRow {
        token_hash: sha256(token.as_bytes()),
        site_id: site.to_owned(),
        staff_id: id,
        created_at: now,
        seen_at: now,
        practice_id: None,
    };
    app.app.stores.staff.add_session(&session).await.expect("signed in");
    Actor::Staff(format!("yichuang_session={token}"))
}

/// Signs a citizen in without waiting for a minute between codes.
async fn citizen(app: &TestApp, phone: &str) -> Actor {
    crate::applications::sign_in(app, phone).await
}

async fn done(app: &TestApp, actor: &Actor, path: &str, body: Value) -> Value {
    let answer = app.post(actor, &format!("/api/v1{path}"), body).await;
    assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
    answer.body
}

/// One real thing of each kind at the centre.
async fn things(app: &TestApp) -> Vec<(&'static str, String)> {
    let (clerk, approver, issuer) = (app.sign_in("clerk1").await, app.sign_in("approver1").await, app.sign_in("issuer").await);
    let id = |body: &Value| body["id"].as_str().expect("an id").to_owned();
    done(app, &clerk, "/windows/w_dc_1/open", json!({})).await;
    let holder = json!({ "name": "王小明", "id_type": "resident_id", "id_number": "152301199003070038", "phone": "13912345520" });
    let ticket = done(app, &clerk, &format!("/sites/{SITE}/tickets"), json!({ "line_id": "l_dc_demo-line", "holder": holder })).await;
    let case = done(app, &clerk, "/cases", case_body(app, "demo-promised").await).await;
    let case = id(&case);
    let bundle_case = done(app, &clerk, "/bundle-cases", crate::bundles::body(app, "newborn").await).await;
    // What is to be mended of one of them stands on the paper of all.
    let correction = json!({ "items": [{ "text": "申请书没有签字", "basis": "办事指南" }] });
    let first = bundle_case["cases"][0]["case_id"].as_str().expect("a case");
    done(app, &clerk, &format!("/cases/{first}/request-correction"), correction).await;
    let bundle_case = id(&bundle_case);
    let attachment = crate::attachments::scanned(app, &clerk, &case).await;
    for (actor, action) in [(&clerk, "submit"), (&clerk, "accept"), (&approver, "claim")] {
        done(app, actor, &format!("/cases/{case}/{action}"), json!({})).await;
    }
    done(app, &approver, &format!("/cases/{case}/approve"), json!({ "opinion": "符合条件" })).await;
    let certificate = json!({ "number": "证2026001", "valid_from": "2026-11-24" });
    let certificate = id(&done(app, &issuer, &format!("/cases/{case}/certificate"), certificate).await);
    let supervisor = app.sign_in("supervisor").await;
    done(app, &issuer, &format!("/certificates/{certificate}/receive"), json!({ "slot": "A01" })).await;
    done(app, &supervisor, &format!("/certificates/{certificate}/waive-upload"), json!({ "reason": "平台停机" })).await;
    done(app, &issuer, &format!("/certificates/{certificate}/notify"), json!({ "channels": ["sms"] })).await;
    let shift = json!({ "occasion": "shift", "certificate_ids": [certificate], "giver_id": "s_dc_clerk1" });
    let custody_record = id(&done(app, &issuer, &format!("/sites/{SITE}/custody-records"), shift).await);
    let messages = app.get(&issuer, &format!("/api/v1/notifications?case_id={case}")).await;
    let notification = messages.body["items"][0]["id"].as_str().unwrap_or_else(|| panic!("a message: {}", messages.body)).to_owned();
    crate::appointments::make_bookable(app, |_| {}).await;
    let appointment = done(app, &Actor::Nobody, "/appointments", crate::appointments::booking(1, "2026-11-25T09:00:00+08:00")).await;
    let devices = app.app.stores.devices.devices(SITE).await.expect("devices");
    let display = Actor::Device("demo-display".to_owned());
    let jpeg = ("content-type", "image/jpeg");
    let shown = app.send_raw(&display, Method::PUT, "/api/v1/devices/current/picture", &[jpeg], vec![0xFF, 0xD8, 0xFF]).await;
    assert_eq!((shown.status.as_u16(), devices[0].kind.as_str()), (204, "display"), "the device that is asked about has a picture");
    let jobs = app.app.stores.outbox.outbox_of(SITE, "print", 1).await.expect("print jobs");
    let reported = app.app.stores.upstream.reported_in(SITE, &["pending"], 1).await.expect("rows for the platform above");
    let matters = app.app.stores.catalogue.matters(SITE).await.expect("matters");
    let tracked = app.app.stores.cases.case(SITE, &case).await.expect("the store").expect("the case").tracking_code;
    let rating = json!({ "tracking_code": tracked, "subject": "case", "case_id": case, "level": "dissatisfied", "reason_codes": [], "channel": "web" });
    let evaluation = id(&done(app, &Actor::Nobody, "/evaluations", rating).await);
    let admin = app.sign_in("admin").await;
    let above = app.app.stores.catalogue.matters("demo-district").await.expect("matters")[0].id.clone();
    let claim = json!({ "matter_id": above, "delegation": "authorised", "document": "云政办〔2026〕3号" });
    let claim = id(&done(app, &admin, &format!("/sites/{SITE}/claims"), claim).await);
    let complaint = json!({ "site_id": SITE, "kind": "other", "text": "灯坏了", "phone": "13912345520" });
    let complaint = id(&done(app, &Actor::Nobody, "/complaints", complaint).await);
    // Closed, so that no sound answer is taken by accident.
    done(app, &supervisor, &format!("/complaints/{complaint}/answer"), json!({ "text": "换好了" })).await;
    done(app, &supervisor, &format!("/complaints/{complaint}/close"), json!({})).await;
    let leave = json!({ "staff_id": "s_dc_clerk2", "kind": "leave", "from": "2026-12-01", "to": "2026-12-02" });
    let leave = id(&done(app, &supervisor, &format!("/sites/{SITE}/leaves"), leave).await);
    let attendees = json!([{ "staff_id": "s_dc_clerk2", "passed": true }]);
    let training = json!({ "title": "一窗通办", "date": "2026-11-20", "minutes": 90, "attendees": attendees });
    let training = id(&done(app, &supervisor, &format!("/sites/{SITE}/trainings"), training).await);
    vec![
        ("{leave}", leave),
        ("{training}", training),
        ("{date}", "2026-11-25".to_owned()),
        ("{custody_record}", format!("{custody_record}.pdf")),
        ("{evaluation}", evaluation),
        ("{complaint}", complaint),
        ("{appointment}", id(&appointment)),
        ("{file}", crate::guide_files::pictured(app, &admin, &matters[0].id).await),
        ("{matter}", matters[0].id.clone()),
        ("{version}", "1".to_owned()),
        ("{other}", "1".to_owned()),
        ("{claim}", claim),
        ("{code}", ticket["tracking_code"].as_str().expect("a code").to_owned()),
        ("{year}", "2027".to_owned()),
        ("{site}", SITE.to_owned()),
        ("{line}", "l_dc_demo-line".to_owned()),
        ("{window}", "w_dc_2".to_owned()),
        ("{ticket}", id(&ticket)),
        ("{device}", devices[0].id.clone()),
        ("{job}", jobs[0].id.clone()),
        ("{sha}", "0".repeat(64)),
        ("{entry}", keeper_entry(app, &devices[0].id).await),
        ("{staff}", "s_dc_guide1".to_owned()),
        ("{bundle_case}/documents/{document}", format!("{bundle_case}/documents/correction.pdf")),
        ("{document}", "receipt.pdf".to_owned()),
        ("{attachment}", attachment),
        ("{list}", "promises".to_owned()),
        ("{bundle}", "b_dc_newborn".to_owned()),
        ("{bundle_case}", bundle_case),
        ("{case}", case),
        ("{certificate}", certificate),
        ("{report}", reported[0].id.clone()),
        ("paper-templates/{template}", "paper-templates/receipt".to_owned()),
        ("{template}", "ready_for_pickup".to_owned()),
        ("{seal}", crate::paper_seals::added(app, &admin).await),
        ("{notification}", notification),
    ]
}

/// An entry of a keeper's journal that somebody should look at.
async fn keeper_entry(app: &TestApp, device_id: &str) -> String {
    let mut set = ChangeSet::new(SITE);
    set.row(KeeperEntryRow {
        site_id: SITE.to_owned(),
        id: "entry-1".to_owned(),
        device_id: device_id.to_owned(),
        number: 1,
        hash: String::new(),
        occurred_at: 1,
        received_at: 1,
        verdict: "settled".to_owned(),
        rule: None,
        text: "两边都办结了，按先记下的算".to_owned(),
        body: String::new(),
        settled_at: None,
        settled_by: None,
    });
    app.app.commit(set).await.expect("written");
    "entry-1".to_owned()
}

/// A complete case of a matter.
pub async fn case_body(app: &TestApp, end: &str) -> Value {
    let rows = app.app.stores.catalogue.matters(SITE).await.expect("matters");
    let row = rows.iter().find(|row| row.id.ends_with(end)).expect("the matter exists");
    let matter: Value = serde_json::from_str(&row.doc).expect("a matter");
    let asked = matter["materials"].as_array().into_iter().flatten().filter(|material| material["situation_ids"] == json!([]));
    let materials: Vec<Value> =
        asked.map(|material| json!({ "material_id": material["id"], "status": "collected", "originals": 1 })).collect();
    let situations: Vec<&Value> =
        matter["situations"].as_array().into_iter().flatten().map(|question| &question["options"][0]["id"]).collect();
    json!({
        "site_id": SITE, "matter_id": matter["id"], "situation_ids": situations, "materials": materials,
        "applicant": { "kind": "person", "name": "王小明", "id_type": "resident_id", "id_number": "152301199003070038", "phone": "13912345520" },
    })
}
