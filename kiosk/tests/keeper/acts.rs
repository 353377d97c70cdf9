//! What a clerk does with numbers while the line is cut, besides calling and finishing them: recall, miss and requeue, park
//! and resume, transfer, abandon. Each by the hall's routes, each written down so that the centre decides the same.

use kiosk::Wish;
use protocol::device::KioskMatter;

use super::*;

/// A clerk at window 1 with the hall's routes.
struct Desk {
    keeper: Keeper,
    cookie: String,
}

impl Desk {
    async fn does(&self, path: &str, body: Value) -> Value {
        let told = ask(&self.keeper, "POST", path, &[("cookie", self.cookie.as_str())], body).await;
        assert!(told.status.is_success(), "{path}: {} {}", told.status, told.body);
        told.body
    }

    async fn refused(&self, path: &str, body: Value) -> (u16, String) {
        let told = ask(&self.keeper, "POST", path, &[("cookie", self.cookie.as_str())], body).await;
        (told.status.as_u16(), told.body["code"].as_str().unwrap_or_default().to_owned())
    }

    async fn issue(&self) -> String {
        let path = "/api/v1/sites/demo-center/tickets";
        self.does(path, json!({ "line_id": "l_dc_a" })).await["id"].as_str().unwrap().to_owned()
    }

    async fn call(&self) -> Value {
        self.does("/api/v1/windows/w_dc_1/call-next", json!({})).await["ticket"].clone()
    }

    /// Something with a ticket; it afterwards.
    async fn with(&self, ticket: &str, action: &str, body: Value) -> Value {
        self.does(&format!("/api/v1/tickets/{ticket}/{action}"), body).await
    }
}

async fn desk(folder: &Path) -> Desk {
    let keeper = deciding(folder).await;
    let colleague = Who::Staff { id: StaffId::new("dc", "clerk2"), supervises: false };
    let opened = keeper.command(&colleague, &Command::OpenWindow { window_id: window(2), line_ids: None }, None);
    assert_eq!(opened.status, 200, "{}", opened.body);
    let cookie = signed_in(&keeper, "clerk1").await;
    Desk { keeper, cookie }
}

#[tokio::test(start_paused = true)]
async fn a_number_is_recalled_missed_and_put_back_into_the_queue() {
    let folder = TempDir::new().unwrap();
    let desk = desk(folder.path()).await;
    let ticket = desk.issue().await;
    assert_eq!(desk.call().await["id"], ticket.as_str());
    for count in 1..=2 {
        let again = desk.with(&ticket, "recall", json!({})).await;
        assert_eq!((again["state"].as_str(), again["recall_count"].as_u64()), (Some("called"), Some(count)), "{again}");
    }
    assert_eq!(desk.refused(&format!("/api/v1/tickets/{ticket}/requeue"), json!({})).await, (409, "ticket_state".to_owned()));
    assert_eq!(desk.with(&ticket, "miss", json!({})).await["state"], "missed");
    let back = desk.with(&ticket, "requeue", json!({})).await;
    assert_eq!((back["state"].as_str(), back["miss_count"].as_u64()), (Some("waiting"), Some(1)), "{back}");
    assert_eq!(desk.call().await["id"], ticket.as_str(), "it can be called again");
}

/// The entry is as ever: whether there was a slip is no matter of the hall.
#[tokio::test(start_paused = true)]
async fn who_wants_no_slip_gets_none() {
    let folder = TempDir::new().unwrap();
    let desk = desk(folder.path()).await;
    let take = |key: &str, no_slip: bool| {
        let wish = Wish { line_id: Some("l_dc_a".into()), no_slip, ..Wish::default() };
        desk.keeper.issue_for(&Who::Kiosk, "dev_dc_kiosk", key, wish)
    };
    let before = desk.keeper.state().unsent;
    assert_eq!(take("k1", true).body["number"], "AK001");
    assert_eq!(desk.keeper.unprinted().unwrap().len(), 0, "the number stands on the screen");
    assert!(take("k1", true).replayed);
    assert_eq!(take("k1", false).body["code"], "idempotency_mismatch", "another wish under the same key");
    assert_eq!(take("k2", false).body["number"], "AK002");
    let at_desk = desk.does("/api/v1/sites/demo-center/tickets", json!({ "line_id": "l_dc_a", "no_slip": true })).await;
    assert_eq!(at_desk["number"], "AK003");
    let printed = desk.keeper.unprinted().unwrap();
    assert_eq!(printed.len(), 1);
    assert!(matches!(&printed[0].slip, protocol::slip::Slip::Ticket(ticket) if ticket.number == "AK002"));
    assert_eq!(desk.keeper.state().unsent, before + 3, "each is handed over");
}

/// As the server does: in the line of which fewest windows do less, once each, and not at all where no window does all.
#[tokio::test(start_paused = true)]
async fn several_matters_stand_where_the_server_would_let_them_stand() {
    let line = |name: &str| LineId::new("dc", name);
    let setup = |number: u16, names: &[&str]| WindowSetup {
        id: window(number),
        number,
        purpose: Purpose::General,
        line_ids: names.iter().map(|name| line(name)).collect(),
        preferred_line_ids: Vec::new(),
    };
    let of_line = |name: &str, prefix: &str| LineSetup { id: line(name), name: name.into(), prefix: prefix.into(), daily_contingent: None };
    let configuration = Configuration {
        lines: vec![of_line("a", "A"), of_line("b", "B"), of_line("c", "C")],
        windows: vec![setup(1, &["a"]), setup(2, &["a", "b"]), setup(3, &["c"])],
        hours: OpeningHours::RoundTheClock,
        policy: Policy::default(),
    };
    let mut hall = Hall::new(SiteId::parse("demo-center").unwrap());
    let opens = |number| (Actor::staff(StaffId::new("dc", &format!("clerk{number}"))), number);
    for event in hall.decide(&Actor::machine(), &Command::Configure { configuration }, START_MS).unwrap() {
        hall.evolve(&event);
    }
    for (actor, number) in [opens(1), opens(2), opens(3)] {
        for event in hall.decide(&actor, &Command::OpenWindow { window_id: window(number), line_ids: None }, START_MS).unwrap() {
            hall.evolve(&event);
        }
    }
    let folder = TempDir::new().unwrap();
    let keeper = open(folder.path());
    follow(&keeper, &hall, 0);
    let matter = |id: &str, line: Option<&str>| KioskMatter {
        id: id.into(),
        name: id.into(),
        line_id: line.map(Into::into),
        search: Vec::new(),
        materials: Vec::new(),
    };
    keeper.know_matters(&[
        matter("m_dc_1", Some("l_dc_a")),
        matter("m_dc_2", Some("l_dc_b")),
        matter("m_dc_3", Some("l_dc_c")),
        matter("m_dc_4", Some("l_dc_a")),
        matter("m_dc_5", None),
    ]);
    cut(&keeper);
    pass(LEASE_MS + MARGIN_MS).await;
    keeper.tick();
    let take = |key: &str, matters: &[&str]| {
        let matter_ids = Some(matters.iter().map(|id| (*id).to_owned()).collect());
        keeper.issue_for(&Who::Kiosk, "dev_dc_kiosk", key, Wish { matter_ids, ..Wish::default() })
    };
    let given = take("k1", &["m_dc_1", "m_dc_2", "m_dc_4"]);
    assert_eq!((given.status, given.body["line_id"].as_str()), (201, Some("l_dc_b")), "every window of B does A, too: {}", given.body);
    let ticket = keeper.hall().unwrap().tickets().next().unwrap().clone();
    assert_eq!(ticket.line_ids().collect::<Vec<_>>(), [&line("b"), &line("a")]);
    for (key, matters) in [("k2", ["m_dc_1", "m_dc_3"]), ("k3", ["m_dc_1", "m_dc_5"]), ("k4", ["m_dc_1", "m_dc_nobody"])] {
        let refused = take(key, &matters);
        assert_eq!((refused.status, refused.body["code"].as_str()), (422, Some("invalid")), "{}", refused.body);
    }
}

#[tokio::test(start_paused = true)]
async fn a_number_is_parked_and_resumed_and_another_transferred() {
    let folder = TempDir::new().unwrap();
    let desk = desk(folder.path()).await;
    let (first, second) = (desk.issue().await, desk.issue().await);
    desk.call().await;
    desk.with(&first, "start", json!({})).await;
    assert_eq!(desk.with(&first, "park", json!({})).await["state"], "parked");
    assert_eq!(desk.call().await["id"], second.as_str());
    let resumed = desk.with(&first, "resume", json!({})).await;
    assert_eq!(resumed["state"], "waiting", "its window is busy: {resumed}");
    assert_eq!(desk.refused(&format!("/api/v1/tickets/{second}/transfer"), json!({})).await, (422, "invalid".to_owned()));
    let moved = desk.with(&second, "transfer", json!({ "window_id": "w_dc_2" })).await;
    assert_eq!((moved["state"].as_str(), moved["for_window_id"].as_str()), (Some("waiting"), Some("w_dc_2")), "{moved}");
    let again = desk.call().await;
    assert_eq!(again["id"], first.as_str(), "a number for window 2 is not called at window 1");
    desk.with(&first, "park", json!({})).await;
    let at_once = desk.with(&first, "resume", json!({})).await;
    assert_eq!((at_once["state"].as_str(), at_once["window_id"].as_str()), (Some("called"), Some("w_dc_1")), "its window is free");
}

#[tokio::test(start_paused = true)]
async fn an_abandoned_number_is_over_and_the_centre_decides_all_the_same() {
    let folder = TempDir::new().unwrap();
    let desk = desk(folder.path()).await;
    let (first, second) = (desk.issue().await, desk.issue().await);
    assert_eq!(desk.with(&first, "abandon", json!({})).await["state"], "abandoned");
    let state = (409, "ticket_state".to_owned());
    assert_eq!(desk.refused(&format!("/api/v1/tickets/{first}/transfer"), json!({ "line_id": "l_dc_a" })).await, state);
    assert_eq!(desk.call().await["id"], second.as_str());
    desk.with(&second, "recall", json!({})).await;
    desk.with(&second, "transfer", json!({ "line_id": "l_dc_a", "position": "first" })).await;
    let same = (409, "transfer_to_same".to_owned());
    assert_eq!(desk.refused(&format!("/api/v1/tickets/{second}/transfer"), json!({ "line_id": "l_dc_a" })).await, same);
    desk.call().await;
    desk.with(&second, "miss", json!({})).await;
    desk.with(&second, "requeue", json!({})).await;
    desk.call().await;
    desk.with(&second, "park", json!({})).await;
    desk.with(&second, "resume", json!({})).await;

    let central = merged(&desk.keeper);
    assert_eq!(central, desk.keeper.hall().unwrap());
}

/// The hall of the centre after it took in all that the keeper has.
pub fn merged(keeper: &Keeper) -> Hall {
    keeper.on_event(&SessionEvent::Connected(config()));
    let mut frames = tell(keeper, ToKeeper::Appointed { term: 1, series: "K".into(), taken: 0 });
    let mut central = hall();
    let mut through = 0;
    while !frames.is_empty() {
        for frame in std::mem::take(&mut frames) {
            let FromDevice::Keeper(FromKeeper::Entry(entry)) = frame else { continue };
            let text: EntryText = serde_json::from_str(&entry.text).unwrap();
            let merged = central.merge(&text.decision, true);
            assert!(merged.is_exact, "{:?}: {:?}", text.decision.command, merged.clashes);
            merged.events.iter().for_each(|event| drop(central.evolve(event)));
            through = entry.number;
        }
        if keeper.state().unsent > 0 {
            frames = tell(keeper, ToKeeper::Taken { through });
        }
    }
    central
}
