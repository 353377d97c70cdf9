//! The service under load: the sample district with a window and a clerk for each caller.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::routing::post;
use axum::{Json, Router};
use domain::hall::{Purpose, WindowSetup};
use domain::ids::{LineId, SiteId, StaffId, WindowId};
use domain::people::Engagement;
use domain::rights::Role;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::{App, AppSettings, CaseSettings, FILM_BYTES_MAX};
use crate::cli::settings::Settings;
use crate::cli::{Failed, SystemClock, SystemEntropy, data, failed};
use crate::demo::{District, SampleStaff};
use crate::feed::Feeds;
use crate::http::{Server, router_with};
use crate::store::Stores;

/// Most that call at once.
pub(super) const CALLERS_MAX: usize = 64;
/// The hall under load.
pub(super) const SITE: &str = "demo-center";
const SITE_KEY: &str = "dc";
/// Numbers of the windows that are added.
const FIRST_WINDOW: usize = 100;

/// Answers with what it was sent, after everything that every request passes.
pub(super) const ECHO_PATH: &str = "/bench/echo";

/// The clerk of a caller, from 1.
pub(super) fn clerk(number: usize) -> String {
    format!("bench{number}")
}

/// The clerk's password.
pub(super) fn clerk_password(number: usize) -> String {
    format!("demo-bench{number}")
}

fn window(number: usize) -> WindowId {
    WindowId::new(SITE_KEY, &format!("bench-{number}"))
}

/// Where a caller calls the next.
pub(super) fn call_path(number: usize) -> String {
    format!("/api/v1/windows/{}/call-next", window(number))
}

fn widened(mut district: District) -> District {
    let Some(site) = district.sites.iter_mut().find(|site| site.id.as_str() == SITE) else { return district };
    for number in 1..=CALLERS_MAX {
        site.hall.windows.push(WindowSetup {
            id: window(number),
            number: u16::try_from(FIRST_WINDOW + number).unwrap_or(u16::MAX),
            purpose: Purpose::General,
            line_ids: vec![LineId::new(SITE_KEY, "demo-line")],
            preferred_line_ids: Vec::new(),
        });
        district.staff.push(SampleStaff {
            id: StaffId::new(SITE_KEY, &clerk(number)),
            username: clerk(number),
            name: format!("压测{number}"),
            roles: vec![Role::Clerk],
            site_id: site.id.clone(),
            department_id: None,
            decides_instant: false,
            engagement: Engagement::default(),
            bases: Vec::new(),
        });
    }
    district
}

/// The hall that section `country` copies: an ordinary one of four windows.
pub(super) const COUNTRY_SITE: &str = "country-0";
/// Windows and clerks of it.
pub(super) const COUNTRY_WINDOWS: usize = 4;
const COUNTRY_KEY: &str = "c0";

/// The window of such a hall, from 1.
pub(super) fn country_window(hall: usize, number: usize) -> String {
    WindowId::new(&format!("c{hall}"), &number.to_string()).to_string()
}

/// The line of such a hall.
pub(super) fn country_line(hall: usize) -> String {
    LineId::new(&format!("c{hall}"), "line").to_string()
}

/// Adds it; hours and rules are those of the hall under load.
fn with_country(mut district: District) -> District {
    let Some(mut site) = district.sites.iter().find(|site| site.id.as_str() == SITE).cloned() else { return district };
    let Some(mut line) = site.hall.lines.iter().find(|line| line.id == LineId::new(SITE_KEY, "demo-line")).cloned() else {
        return district;
    };
    line.id = LineId::new(COUNTRY_KEY, "line");
    let Some(id) = SiteId::parse(COUNTRY_SITE) else { return district };
    (site.id, site.key) = (id, COUNTRY_KEY.to_owned());
    (site.matters, site.bundles, site.line_texts) = (Vec::new(), Vec::new(), Vec::new());
    let window = |number: usize| WindowSetup {
        id: WindowId::new(COUNTRY_KEY, &number.to_string()),
        number: u16::try_from(number).unwrap_or(u16::MAX),
        purpose: Purpose::General,
        line_ids: vec![line.id.clone()],
        preferred_line_ids: Vec::new(),
    };
    site.hall.windows = (1..=COUNTRY_WINDOWS).map(window).collect();
    site.hall.lines = vec![line];
    site.hall.policy.appointments.lines = Vec::new();
    for number in 1..=COUNTRY_WINDOWS {
        let username = format!("{COUNTRY_SITE}-{number}");
        district.staff.push(SampleStaff {
            id: StaffId::new(COUNTRY_KEY, &number.to_string()),
            name: username.clone(),
            username,
            roles: vec![Role::Clerk, Role::Guide],
            site_id: site.id.clone(),
            department_id: None,
            decides_instant: false,
            engagement: Engagement::default(),
            bases: Vec::new(),
        });
    }
    district.sites.push(site);
    district
}

/// Answers when standard input ends. Reading blocks, so a thread of its own does it.
fn input_ended() -> oneshot::Receiver<()> {
    let (ended, wait) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = ended.send(());
    });
    wait
}

/// Serves until standard input ends.
pub(super) async fn serve(settings: &Settings) -> Result<(), Failed> {
    let _lock = data::lock(&settings.data)?;
    let entropy = Arc::new(SystemEntropy::default());
    let vault = data::master_key(&settings.data, entropy.as_ref())?;
    let store = data::open(settings, &vault).await?;
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.map_err(failed)?;
    let url = format!("http://{}", listener.local_addr().map_err(failed)?);
    let app_settings = AppSettings {
        public_url: url.clone(),
        cases: CaseSettings::default(),
        drafts: domain::catalogue::DraftRules::default(),
        film_bytes_max: FILM_BYTES_MAX,
    };
    let app = App::start(Stores::of(Arc::new(store.clone())), Arc::new(SystemClock), entropy, vault, app_settings).await;
    let app = Arc::new(app.map_err(failed)?);
    // One that was seeded before goes on: `bench` itself looks to it that a folder is its own.
    if app.directory.get().sites.is_empty() {
        app.seed(&with_country(widened(crate::demo::district().map_err(failed)?)))
            .await
            .map_err(|error| failed(format!("{error}: {}", error.message())))?;
    }
    let closing = CancellationToken::new();
    let feeds = Feeds::start(app.clone(), closing.clone());
    println!("{}", json!({ "ready": true, "url": url }));
    let echo = Router::new().route(ECHO_PATH, post(async |Json(body): Json<Value>| Json(body)));
    let service = router_with(Server { app, feeds, closing: closing.clone(), sockets: TaskTracker::new() }, echo)
        .into_make_service_with_connect_info::<SocketAddr>();
    let ended = async move {
        let _ = input_ended().await;
        closing.cancel();
    };
    let served = axum::serve(listener, service).with_graceful_shutdown(ended).await.map_err(failed);
    store.close().await;
    served
}
