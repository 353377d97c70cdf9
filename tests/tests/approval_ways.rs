//! Approval in steps over HTTP: one whole way through 初审, a countersignature of two departments and 批准; who is
//! refused what on it; a cover who goes on for somebody away; and steps that nobody could sign, at the editor's.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::{Actor, TestApp};

use crate::archive::text_of;
use crate::case_ways::Hall;
use crate::matter_versions::{fields, keepers, published, put};

const MATTER: &str = "zhaijidi";

struct House {
    hall: Hall,
    land: Actor,
    agriculture: Actor,
    leader: Actor,
}

impl House {
    async fn open() -> Self {
        let hall = Hall::open().await;
        let (land, agriculture) = (hall.app.sign_in("approver7").await, hall.app.sign_in("approver6").await);
        let leader = hall.app.sign_in("leader1").await;
        Self { hall, land, agriculture, leader }
    }

    async fn accepted(&self) -> String {
        let case = self.hall.ok(&self.hall.clerk, "/cases", self.hall.body(MATTER, "").await).await;
        let id = case["id"].as_str().expect("an id").to_owned();
        self.ok(&self.hall.clerk, &id, "accept", json!({})).await;
        id
    }

    async fn ok(&self, actor: &Actor, id: &str, action: &str, body: Value) -> Value {
        self.hall.ok(actor, &format!("/cases/{id}/{action}"), body).await
    }

    async fn refused(&self, actor: &Actor, id: &str, action: &str, body: Value, status: u16, code: &str) {
        let status = StatusCode::from_u16(status).expect("a status");
        self.hall.refused(actor, &format!("/cases/{id}/{action}"), body, status, code).await;
    }

    async fn work(&self, actor: &Actor) -> Vec<Value> {
        let list = self.hall.app.get(actor, "/api/v1/worklist").await;
        assert_eq!(list.status, StatusCode::OK, "{}", list.body);
        list.body["items"].as_array().expect("items").clone()
    }

    async fn shown(&self, actor: &Actor, id: &str) -> Value {
        let read = self.hall.app.get(actor, &format!("/api/v1/cases/{id}")).await;
        assert_eq!(read.status, StatusCode::OK, "{}", read.body);
        read.body
    }
}

fn agree() -> Value {
    json!({ "agrees": true, "opinion": "经审查，符合条件，同意。" })
}

fn has(case: &Value, action: &str) -> bool {
    case["actions"].as_array().expect("actions").iter().any(|one| one == action)
}

#[tokio::test]
async fn a_case_goes_through_first_look_countersignature_and_grant() {
    let house = House::open().await;
    let (approver, clerk) = (&house.hall.approver, &house.hall.clerk);
    let id = house.accepted().await;
    // It is the work of whose step it stands at, and of nobody else.
    let first = house.work(approver).await;
    assert_eq!((first.len(), &first[0]["step_name"], &first[0]["mine"]), (1, &json!("初审"), &json!(false)));
    assert!(house.work(&house.land).await.is_empty() && house.work(&house.agriculture).await.is_empty());
    let stranger = house.hall.app.sign_in("approver2").await;
    house.refused(&stranger, &id, "claim", json!({}), 403, "forbidden").await;
    house.refused(clerk, &id, "sign-step", agree(), 403, "forbidden").await;
    house.refused(&house.land, &id, "claim", json!({}), 409, "step_not_yours").await;
    house.refused(approver, &id, "approve", json!({}), 403, "forbidden").await;
    let claimed = house.ok(approver, &id, "claim", json!({})).await;
    assert!(has(&claimed, "sign-step") && !has(&claimed, "approve") && !has(&claimed, "return-step"), "{}", claimed["actions"]);
    house.refused(&house.leader, &id, "approve", json!({}), 409, "steps_open").await;
    house.refused(approver, &id, "return-step", json!({ "text": "x" }), 409, "first_stage").await;
    house.refused(approver, &id, "sign-step", json!({ "agrees": false }), 422, "invalid").await;
    house.refused(approver, &id, "sign-step", json!({ "opinion": "x" }), 422, "invalid").await;
    house.refused(approver, &id, "sign-step", json!({ "agrees": true, "step": "first" }), 422, "invalid").await;
    let signed = house.ok(approver, &id, "sign-step", agree()).await;
    assert_eq!((&signed["state"], &signed["approval"][0]["standing"]), (&json!("in_review"), &json!("done")));
    assert_eq!(signed["approval"][0]["steps"][0]["signed_by_name"], "孟克巴特尔");
    assert!(!has(&signed, "claim"), "nobody signs twice: {}", signed["actions"]);

    // Side by side.
    assert_eq!(house.work(&house.land).await[0]["step_name"], "自然资源意见");
    assert_eq!(house.work(&house.agriculture).await.len(), 1);
    assert!(house.work(approver).await.is_empty(), "the first look is done");
    house.shown(&house.land, &id).await;
    // Two people at once: one of them has it. approver6 acts for 自然资源 too.
    house.ok(&house.land, &id, "claim", json!({})).await;
    assert_eq!(house.work(&house.agriculture).await[0]["step_name"], "农牧意见", "what is left to claim");
    house.ok(&house.agriculture, &id, "claim", json!({})).await;
    house.refused(&house.agriculture, &id, "claim", json!({}), 409, "step_taken").await;
    let dissent = json!({ "agrees": false, "opinion": "西界压占一般耕地" });
    house.ok(&house.land, &id, "sign-step", dissent).await;
    house.refused(&house.land, &id, "sign-step", agree(), 409, "step_not_yours").await;
    house.refused(&house.leader, &id, "claim", json!({}), 409, "step_not_yours").await;

    // Back, and through again.
    let back = house.ok(&house.agriculture, &id, "return-step", json!({ "text": "先去现场看西界" })).await;
    assert_eq!((&back["approval"][0]["standing"], &back["step_returned_text"]), (&json!("now"), &json!("先去现场看西界")));
    assert_eq!(back["approval"][1]["steps"][0]["signed_by_name"], Value::Null, "what was signed there stands no more");
    for (actor, body) in
        [(approver, agree()), (&house.land, agree()), (&house.agriculture, json!({ "agrees": false, "opinion": "不同意占用草场" }))]
    {
        house.ok(actor, &id, "claim", json!({})).await;
        house.ok(actor, &id, "sign-step", body).await;
    }
    // The last one decides, and sees the dissent.
    house.refused(approver, &id, "approve", json!({}), 403, "forbidden").await;
    house.refused(&house.leader, &id, "approve", json!({}), 409, "step_unclaimed").await;
    let leading = house.ok(&house.leader, &id, "claim", json!({})).await;
    let told = &leading["approval"][1]["steps"][1];
    assert_eq!((&told["agrees"], &told["opinion"]), (&json!(false), &json!("不同意占用草场")));
    assert!(has(&leading, "approve") && has(&leading, "return-step") && !has(&leading, "sign-step"), "{}", leading["actions"]);
    house.refused(&house.leader, &id, "sign-step", agree(), 409, "decision_due").await;
    let decided = house.ok(&house.leader, &id, "approve", json!({ "opinion": "同意" })).await;
    assert_eq!((&decided["state"], &decided["decision"]), (&json!("decided"), &json!("approved")));
    assert_eq!(decided["approval"][2]["steps"][0]["signed_by_name"], "赵明川");

    // Everybody signed in the log; the applicant sees only that it is being looked at.
    let code = decided["tracking_code"].as_str().expect("a code");
    let timeline = house.hall.app.get(&Actor::Nobody, &format!("/api/v1/tracking/{code}")).await;
    let words = timeline.body.to_string();
    assert!(!words.contains("初审") && !words.contains("会签") && !words.contains("草场"), "{words}");
    assert_eq!(words.matches("部门开始审核").count(), 1, "{words}");
    let events = house.hall.app.app.stores.events.events_of("demo-center", "case", &id).await.expect("the log");
    let signers: Vec<&str> = events.iter().filter(|event| event.kind == "step_signed").map(|event| event.actor.as_str()).collect();
    let wanted = ["s_dc_approver1", "s_dc_approver7", "s_dc_approver1", "s_dc_approver7", "s_dc_approver6"];
    assert_eq!(signers, wanted);
    assert!(events.iter().all(|event| !event.body.contains("草场")), "opinions are sealed");
}

#[tokio::test]
async fn of_two_people_at_once_on_one_step_one_has_it() {
    let house = House::open().await;
    let id = house.accepted().await;
    house.ok(&house.hall.approver, &id, "claim", json!({})).await;
    house.ok(&house.hall.approver, &id, "sign-step", agree()).await;
    // Both may act for 自然资源; approver6 has 农牧 beside, so both get a step, and the third try none.
    let path = format!("/api/v1/cases/{id}/claim");
    let (one, other) =
        tokio::join!(house.hall.app.post(&house.land, &path, json!({})), house.hall.app.post(&house.agriculture, &path, json!({})));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    let shown = house.shown(&house.land, &id).await;
    let holders: Vec<&Value> =
        shown["approval"][1]["steps"].as_array().expect("steps").iter().map(|step| &step["claimed_by_name"]).collect();
    match statuses {
        [200, 200] => assert!(holders.iter().all(|name| name.is_string()) && holders[0] != holders[1], "{holders:?}"),
        [200, 409] => assert!(holders.iter().filter(|name| name.is_string()).count() == 1, "{holders:?}"),
        other => panic!("{other:?}: {} {}", one.body, shown),
    }
    // One step, one signature: the same person at two windows of a browser.
    let fresh = house.accepted().await;
    house.ok(&house.hall.approver, &fresh, "claim", json!({})).await;
    let sign = format!("/api/v1/cases/{fresh}/sign-step");
    let (one, other) =
        tokio::join!(house.hall.app.post(&house.hall.approver, &sign, agree()), house.hall.app.post(&house.hall.approver, &sign, agree()));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", one.body, other.body);
}

#[tokio::test]
async fn a_cover_goes_on_while_the_principal_is_away() {
    let house = House::open().await;
    let app = &house.hall.app;
    let admin = app.sign_in("admin").await;
    // A colleague of the same department, hired for it.
    let wanted = json!({ "username": "bcover", "name": "白音", "roles": ["approver"], "department_id": "d_dd_baihua",
        "bases": [{ "department_id": "d_dd_baihua", "kind": "seconded", "document": "白政发〔2026〕2号", "from": "2026-01-01" }] });
    let made = app.post(&admin, "/api/v1/sites/demo-center/staff", wanted).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let (b, password) =
        (made.body["id"].as_str().expect("an id").to_owned(), made.body["one_time_password"].as_str().expect("a password").to_owned());
    let account = |cover: Value| {
        json!({ "name": "孟克巴特尔", "roles": ["approver"], "department_id": "d_dd_baihua",
        "bases": [{ "department_id": "d_dd_baihua", "kind": "authorised", "document": "白政发〔2023〕31号", "from": "2024-01-01" }],
        "cover_id": cover })
    };
    let path = "/api/v1/staff/s_dc_approver1";
    for (cover, fault) in
        [("s_dc_approver2", "not_alike"), ("s_dc_clerk1", "not_alike"), ("s_dc_approver1", "same"), ("s_dc_nobody", "unknown")]
    {
        assert_eq!(fields(&put(app, &admin, path, account(json!(cover))).await), [format!("cover_id {fault}")], "{cover}");
    }
    let named = put(app, &admin, path, account(json!(b))).await;
    assert_eq!((named.status, &named.body["cover_id"]), (StatusCode::OK, &json!(b)), "{}", named.body);
    let signed = app.post(&Actor::Nobody, "/api/v1/sessions", json!({ "username": "bcover", "password": password })).await;
    let cover = Actor::Staff(signed.cookie.expect("a cookie"));
    let own = json!({ "current_password": password, "new_password": "草原上的早晨真早啊是" });
    assert_eq!(put(app, &cover, "/api/v1/sessions/current/password", own).await.status, StatusCode::NO_CONTENT);

    let (plain, stepped) = (house.hall.in_review().await, house.accepted().await);
    house.ok(&house.hall.approver, &stepped, "claim", json!({})).await;
    house.refused(&cover, &plain, "approve", json!({}), 403, "not_reviewer").await;
    let leave = json!({ "staff_id": "s_dc_approver1", "kind": "leave", "from": "2026-11-24", "to": "2026-11-25" });
    let away = app.post(&house.hall.supervisor, "/api/v1/sites/demo-center/leaves", leave).await;
    assert_eq!(away.status, StatusCode::CREATED, "{}", away.body);

    let work = house.work(&cover).await;
    assert!(work.len() == 2 && work.iter().all(|one| one["acting_for"] == "孟克巴特尔" && one["mine"] == true), "{work:?}");
    let decided = house.ok(&cover, &plain, "approve", json!({ "opinion": "同意" })).await;
    let last = decided["history"].as_array().and_then(|all| all.last()).expect("history").clone();
    assert_eq!((&last["by"], &last["acting_for"]), (&json!("白音"), &json!("孟克巴特尔")));
    assert_eq!(last["under"]["document"], "白政发〔2026〕2号", "a cover acts on the own basis");
    let signed = house.ok(&cover, &stepped, "sign-step", agree()).await;
    assert_eq!(signed["approval"][0]["steps"][0]["acting_for_name"], "孟克巴特尔");
    assert_eq!(signed["approval"][0]["steps"][0]["under"]["kind"], "seconded");
    // The days are over: what is claimed is its holder's again.
    let events = app.app.stores.events.events_of("demo-center", "case", &plain).await.expect("the log");
    let event = events.iter().find(|event| event.kind == "case_decided").expect("the decision");
    let body: Value = serde_json::from_str(&event.body).expect("an event");
    assert_eq!((event.actor.as_str(), &body["acting_for"]), (b.as_str(), &json!("s_dc_approver1")));
}

#[tokio::test]
async fn a_step_that_nobody_could_sign_is_told_by_name_and_versions_tell_steps_apart() {
    let app = TestApp::memory().await;
    let (admin, _) = keepers(&app).await;
    let path = "/api/v1/matters/m_dc_demo-promised/draft";
    let draft = app.get(&admin, path).await.body;
    let write = async |approval: Value| {
        let mut content = draft["content"].clone();
        content["approval"] = approval;
        let body = json!({ "revision": 0, "base_version": draft["newest_version"], "content": content, "line_id": draft["line_id"] });
        put(&app, &admin, path, body).await
    };
    let step = |id: &str, name: &str, department: Value, signer: &str| json!({ "id": id, "name": name, "department_id": department, "signer": signer });
    let stage = |steps: &[Value]| json!({ "steps": steps });
    let own = |id: &str| step(id, "初审", Value::Null, "approver");
    let dead = write(json!([stage(&[step("police", "公安意见", json!("d_dd_police"), "leader")]), stage(&[own("end")])])).await;
    assert_eq!(fields(&dead), ["content.approval[0].steps[0] nobody_signs"]);
    assert!(dead.body.to_string().contains("“公安意见”没有人能签：云川区公安分局"), "{}", dead.body);
    let alone = write(json!([stage(&[own("a")]), stage(&[own("b")])])).await;
    assert_eq!(fields(&alone), ["content.approval[1].steps[0] nobody_signs"], "one person does not sign both");
    let broken =
        write(json!([stage(&[own("A!"), own("x")]), stage(&[]), stage(&[own("x"), step("y", " ", json!("d_dd_none"), "approver")])])).await;
    let told = fields(&broken);
    for wanted in [
        "content.approval[0].steps[0].id form",
        "content.approval[1].steps missing",
        "content.approval[2].steps one",
        "content.approval[2].steps[0].id twice",
        "content.approval[2].steps[1].name empty",
        "content.approval[2].steps[1].department_id unknown",
    ] {
        assert!(told.iter().any(|one| one == wanted), "{wanted}: {told:?}");
    }
    assert_eq!(fields(&write(json!([{ "step": [] }])).await), ["content.step unknown_field"]);

    let stages = json!([stage(&[own("first")]), stage(&[step("grant", "批准", Value::Null, "leader")])]);
    published(&app, "m_dc_demo-promised", |content| content["approval"] = stages.clone()).await;
    let compared = app.get(&admin, "/api/v1/matters/m_dc_demo-promised/versions/1/compare/2").await.body;
    let changed: Vec<String> = compared["fields"]
        .as_array()
        .expect("fields")
        .iter()
        .filter(|field| field["changed"] == true)
        .map(|field| format!("{}：{}", field["label"].as_str().unwrap_or_default(), field["after"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(changed, ["审批步骤“初审”：第 1 环节，实施部门，审批人员", "审批步骤“批准”：第 2 环节，实施部门，分管领导"]);

    // A simple list says nothing of steps, so what it says of the matter leaves them as they are.
    let (path, kind) = ("/api/v1/sites/demo-center/catalogue-imports", [("content-type", "text/csv")]);
    let list =
        "department,category,name,item_code,task_type,area_code,department_code\n云川区民政局,换一个分类,承诺,DEMO-2,1,159901000000,1\n";
    let before = app.app.stores.catalogue.matter("demo-center", "m_dc_demo-promised").await.expect("the store").expect("the matter");
    let row = list.replace("DEMO-2", &before.code);
    let listed = app.send_raw(&admin, Method::POST, path, &kind, row.into_bytes()).await;
    assert_eq!((listed.status, &listed.body["changed"]), (StatusCode::OK, &json!(1)), "{}", listed.body);
    let row = app.app.stores.catalogue.matter("demo-center", "m_dc_demo-promised").await.expect("the store").expect("the matter");
    let matter: Value = serde_json::from_str(&row.doc).expect("a matter");
    assert_eq!(matter["approval"], stages);
}

#[tokio::test]
async fn a_leader_reads_the_whole_file_and_it_tells_the_steps() {
    let house = House::open().await;
    let id = house.accepted().await;
    house.ok(&house.hall.approver, &id, "claim", json!({})).await;
    house.ok(&house.hall.approver, &id, "sign-step", agree()).await;
    let file = house.hall.app.get(&house.leader, &format!("/api/v1/cases/{id}/archive.pdf")).await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.body);
    let text = text_of(&file.bytes);
    // The column is narrow: a line may end anywhere in it.
    assert!(text.contains("签署审批意见") && text.contains("孟克巴特尔"), "{text}");
    let stranger = house.hall.app.sign_in("approver2").await;
    let refused = house.hall.app.get(&stranger, &format!("/api/v1/cases/{id}/archive.pdf")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_step_whose_people_left_is_told_at_once() {
    let house = House::open().await;
    let (app, id) = (&house.hall.app, house.accepted().await);
    let admin = app.sign_in("admin").await;
    for who in ["approver6", "approver7"] {
        let ended = app.post(&admin, &format!("/api/v1/staff/s_dc_{who}/end-access"), json!({ "reason": "调走了" })).await;
        assert_eq!(ended.status, StatusCode::OK, "{}", ended.body);
    }
    let alerts =
        async || app.app.stores.cases.alerts("demo-center").await.expect("alerts").into_iter().filter(|one| one.kind == "step_unsigned");
    assert_eq!(alerts().await.count(), 0, "the first step has its people");
    house.ok(&house.hall.approver, &id, "claim", json!({})).await;
    house.ok(&house.hall.approver, &id, "sign-step", agree()).await;
    let texts: Vec<String> = alerts().await.map(|one| one.text).collect();
    assert!(texts.len() == 2 && texts[0].contains("现在没有人能签") && !texts[0].contains("王"), "{texts:?}");
}

#[tokio::test]
async fn a_matter_brings_its_own_templates_of_opinions() {
    let app = TestApp::memory().await;
    let (admin, _) = keepers(&app).await;
    let path = "/api/v1/matters/m_dc_demo-promised/draft";
    let draft = app.get(&admin, path).await.body;
    let mut content = draft["content"].clone();
    content["opinions"] = json!([{ "name": "齐全", "text": " " }, { "name": "齐全", "text": "同意", "denies": true }]);
    let body = json!({ "revision": 0, "base_version": draft["newest_version"], "content": content, "line_id": draft["line_id"] });
    let wrong = put(&app, &admin, path, body).await;
    assert_eq!(fields(&wrong), ["content.opinions[0].text empty", "content.opinions[1].name twice"]);

    let hall = Hall::open().await;
    let id = hall.in_review().await;
    let templates = format!("/api/v1/cases/{id}/opinion-templates");
    assert_eq!(hall.app.get(&hall.approver, &templates).await.body["items"], json!([]));
    let opinions = json!([
        { "name": "齐全，同意", "text": "经审核，林权清楚，同意采伐。", "denies": false },
        { "name": "林权有争议", "text": "经核查，林权有争议，不予许可。", "denies": true },
    ]);
    published(&hall.app, "m_dc_demo-promised", |content| content["opinions"] = opinions.clone()).await;
    // They are a help to write: what the matter has now, also for a case that keeps the version before.
    let told = hall.app.get(&hall.approver, &templates).await;
    assert_eq!((told.status, &told.body["items"]), (StatusCode::OK, &opinions), "{}", told.body);
    let stranger = hall.app.sign_in("approver2").await;
    assert_eq!(hall.app.get(&stranger, &templates).await.status, StatusCode::FORBIDDEN);
    let keeper = hall.app.sign_in("admin").await;
    let compared = hall.app.get(&keeper, "/api/v1/matters/m_dc_demo-promised/versions/1/compare/2").await.body;
    let changed: Vec<&Value> = compared["fields"].as_array().expect("fields").iter().filter(|field| field["changed"] == true).collect();
    assert_eq!(changed.len(), 2, "{changed:?}");
    assert_eq!(
        (&changed[1]["label"], &changed[1]["after"]),
        (&json!("不予的意见模板"), &json!("林权有争议：经核查，林权有争议，不予许可。"))
    );
    let public = hall.app.get(&Actor::Nobody, "/api/v1/matters/m_dc_demo-promised").await.body.to_string();
    assert!(!public.contains("同意采伐"), "they are the house's own");
}
