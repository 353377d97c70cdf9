//! The service under load: the sample district with a window and a clerk for each caller.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::routing::post;
use axum::{Json, Router};
use domain::hall::{Purpose, WindowSetup};
use domain::ids::{LineId, StaffId, WindowId};
use domain::rights::Role;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::{App, AppSettings, CaseSettings};
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
            bases: Vec::new(),
        });
    }
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
    let app_settings = AppSettings { public_url: url.clone(), cases: CaseSettings::default() };
    let app = App::start(Stores::of(Arc::new(store.clone())), Arc::new(SystemClock), entropy, vault, app_settings).await;
    let app = Arc::new(app.map_err(failed)?);
    if !app.directory.get().sites.is_empty() {
        return Err(failed("压测要一个空的数据文件夹"));
    }
    app.seed(&widened(crate::demo::district().map_err(failed)?)).await.map_err(|error| failed(format!("{error}: {}", error.message())))?;
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
