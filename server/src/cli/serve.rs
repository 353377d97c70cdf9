//! `serve` and `demo`: from the data folder to an open port, and the way back in order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::machine::DataMachine;
use super::settings::{DataFlags, ServeFlags, read};
use super::{EXIT_BAD_INPUT, Failed, SystemClock, SystemEntropy, data, failed, outside};
use crate::app::{App, AppSettings};
use crate::feed::Feeds;
use crate::http::{Server, demo_page, router, router_with};
use crate::store::Stores;
use crate::vault::Vault;
use crate::worker::Workers;

/// How long open connections get to end at shutdown, in seconds.
const CLOSING_S_MAX: u64 = 5;
/// How long the workers get to end what they hold in their hands, in milliseconds. Longer than any
/// gateway may take; what is left comes back when its lease is over.
const WORKERS_MS_MAX: u64 = 20_000;
/// How often samples of metrics are folded together, in milliseconds.
const UPKEEP_MS: u64 = 5_000;

pub(super) async fn serve(data_flags: &DataFlags, flags: &ServeFlags, demo: bool) -> Result<(), Failed> {
    let settings = read(data_flags, flags)?.settings;
    if demo && !settings.public && !settings.listen.ip().is_loopback() {
        return Err(Failed::new(EXIT_BAD_INPUT, "演示只监听本机；真要对外，加 --public"));
    }
    let _lock = data::lock(&settings.data)?;
    let entropy = Arc::new(SystemEntropy::default());
    let vault = data::master_key(&settings.data, entropy.as_ref())?;
    let store = data::open(&settings, &vault).await?;
    let listener = tokio::net::TcpListener::bind(settings.listen).await.map_err(|error| failed(format!("{}：{error}", settings.listen)))?;
    let url = format!("http://{}", listener.local_addr().map_err(failed)?);
    let public_url = settings.public_url.clone().unwrap_or_else(|| url.clone());
    let identity = outside::identity(&settings, &public_url)?;
    let stores = Stores::of(Arc::new(store.clone()));
    refuse_other_key(&stores, &vault).await?;
    data::refuse_missing_keys(&stores, &vault).await?;
    let keys = data::ring_of(&settings.data)?.keys().iter().map(|key| (key.id.clone(), key.made_at)).collect();
    let mut app = App::start(
        stores,
        Arc::new(SystemClock),
        entropy,
        vault,
        AppSettings { public_url, cases: settings.cases(), drafts: settings.drafts(), film_bytes_max: settings.film_bytes_max() },
    )
    .await
    .map_err(failed)?;
    app.machine = Arc::new(DataMachine::new(&settings, keys));
    if let Some(platform) = identity {
        let _ = app.identity.set(platform);
    }
    if demo {
        seed_once(&app).await?;
        tracing::warn!("演示数据：密钥放在数据旁边，不保护任何东西");
    }
    let closing = CancellationToken::new();
    // What is simulated outlives the workers: what they hold in their hands is still taken.
    let outside_ends = CancellationToken::new();
    let gateways = if demo { outside::demo_gateways(&settings, &outside_ends).await? } else { outside::gateways(&settings)? };
    let app = Arc::new(app);
    let anchors = settings.anchor_dir.clone().unwrap_or_else(|| settings.data.join("anchors"));
    let workers = Workers::start(&app, gateways, Some(anchors), &closing);
    tokio::spawn(upkeep(closing.clone()));
    let feeds = Feeds::start(app.clone(), closing.clone());
    let tokens = if demo {
        json!({ "kiosk": "demo-kiosk", "display": "demo-display", "printer": "demo-printer", "pad": "demo-pad" })
    } else {
        json!({})
    };
    // From here on a signal means a clean end, so this comes before anybody is told.
    let asked = stop_asked().map_err(failed)?;
    println!("{}", json!({ "ready": true, "url": url, "tokens": tokens }));
    let server = Server { app, feeds, closing: closing.clone(), sockets: TaskTracker::new() };
    let served = listen(listener, server, demo, asked).await;
    closing.cancel();
    if !workers.finish(WORKERS_MS_MAX).await {
        tracing::warn!("workers did not end in time");
    }
    outside_ends.cancel();
    store.close().await;
    served
}

/// Refuses a key that did not write this data: what is sealed could not be opened, and the log would go on
/// under another key. On PostgreSQL that is a new data folder beside an old database.
async fn refuse_other_key(stores: &Stores, vault: &Vault) -> Result<(), Failed> {
    for site_id in stores.events.logged_sites().await.map_err(failed)? {
        let events = stores.events.events_after(&site_id, 0, 1).await.map_err(failed)?;
        if events.first().is_some_and(|first| vault.chain().hash(&[], first) != first.hash) {
            let key = vault.root_id();
            return Err(failed(format!(
                "这份数据不是用这把密钥（{key}）写的，请放回原来的 master.key；要不就是日志第一条被改过，用 verify-log 查"
            )));
        }
    }
    Ok(())
}

async fn listen(
    listener: tokio::net::TcpListener,
    server: Server,
    demo: bool,
    asked: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Failed> {
    let (closing, sockets) = (server.closing.clone(), server.sockets.clone());
    let routes = if demo { router_with(server, demo_page()) } else { router(server) };
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    let stop = closing.clone();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        asked.await;
        stop.cancel();
    });
    let serving = async {
        serving.await.map_err(failed)?;
        // The web server forgets a connection that became a WebSocket.
        sockets.close();
        sockets.wait().await;
        Ok(())
    };
    let ended = async {
        closing.cancelled().await;
        tokio::time::sleep(Duration::from_secs(CLOSING_S_MAX)).await;
    };
    tokio::select! {
        done = serving => done?,
        () = ended => tracing::warn!("connections did not end in time"),
    }
    Ok(())
}

async fn upkeep(closing: CancellationToken) {
    let mut every = tokio::time::interval(Duration::from_millis(UPKEEP_MS));
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            _ = every.tick() => crate::http::fold_metrics(),
        }
    }
}

async fn seed_once(app: &App) -> Result<(), Failed> {
    if !app.directory.get().sites.is_empty() {
        return Ok(());
    }
    let district = crate::demo::district().map_err(failed)?;
    app.seed(&district).await.map_err(|error| failed(format!("{error}: {}", error.message())))
}

/// Ends when the process is asked to; listens from the call on, not from the first await.
#[cfg(unix)]
fn stop_asked() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_asked() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
