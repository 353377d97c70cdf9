//! What `yichuang bench` is measured against: bare HTTP handlers that only write the rows which the
//! service writes for the same command. No rules, no rights, no chain, no feed, no retry. The rows are
//! copies of those that the service wrote for one ticket.
//!
//! - `ceiling ceiling TEMPLATE.db OWN.db`: one writer, rusqlite, all that wait in one transaction,
//!   `synchronous=FULL`: as fast as this machine can keep the same promise to the disk;
//! - `ceiling single TEMPLATE.db OWN.db`: one transaction a request through sqlx, as services are
//!   usually written;
//! - `ceiling postgres URL`: the same on PostgreSQL, rows only, nothing locked;
//! - `ceiling broadcast`: frames to many sockets, nothing else.
//!
//! `ceiling history FILE COUNT` and `ceiling country FILE COUNT` are no rivals: they write tickets of earlier days,
//! or many more halls, into a service's file and end.
//!
//! Each of the others prints one line of JSON when ready and ends with its standard input.

mod broadcast;
mod country;
mod group;
mod history;
mod rows;
mod transactions;

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path as FilePath;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use tokio::sync::oneshot;

type Fault = Box<dyn Error + Send + Sync>;

/// How the rows get to the disk.
enum Writer {
    Group(group::Desk),
    Sqlite(transactions::Sqlite),
    Postgres(transactions::Postgres),
}

impl Writer {
    async fn run(&self, kind: usize) -> Result<String, Fault> {
        match self {
            Self::Group(desk) => desk.run(kind).await,
            Self::Sqlite(store) => store.run(kind).await,
            Self::Postgres(store) => store.run(kind).await,
        }
    }
}

fn main() -> Result<(), Fault> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    tokio::runtime::Runtime::new()?.block_on(async {
        let writer = match arguments.as_slice() {
            ["ceiling", template, own] => Writer::Group(group::Desk::start(FilePath::new(template), FilePath::new(own))?),
            ["single", template, own] => Writer::Sqlite(transactions::Sqlite::start(FilePath::new(template), FilePath::new(own)).await?),
            ["history", file, count] => return history::write(FilePath::new(file), count.parse()?),
            ["country", file, count] => return country::write(FilePath::new(file), count.parse()?),
            ["broadcast"] => return broadcast::serve().await,
            ["postgres", url] => Writer::Postgres(transactions::Postgres::start(url).await?),
            _ => return Err("ceiling|single TEMPLATE.db OWN.db, or postgres URL".into()),
        };
        serve(Arc::new(writer)).await
    })
}

async fn serve(writer: Arc<Writer>) -> Result<(), Fault> {
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    println!("{}", serde_json::json!({ "ready": true, "url": format!("http://{}", listener.local_addr()?) }));
    let router =
        Router::new().route("/issue", post(issue)).route("/call", post(call)).route("/clear/{ticket}", post(clear)).with_state(writer);
    let (end, wait) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = end.send(());
    });
    let ended = async {
        let _ = wait.await;
    };
    Ok(axum::serve(listener, router).with_graceful_shutdown(ended).await?)
}

async fn issue(State(writer): State<Arc<Writer>>, Json(_): Json<serde_json::Value>) -> Response {
    answer(&writer, 0).await
}

async fn call(State(writer): State<Arc<Writer>>, Json(_): Json<serde_json::Value>) -> Response {
    answer(&writer, 1).await
}

async fn clear(State(writer): State<Arc<Writer>>, Path(_): Path<String>, Json(_): Json<serde_json::Value>) -> Response {
    answer(&writer, 2).await
}

async fn answer(writer: &Writer, kind: usize) -> Response {
    match writer.run(kind).await {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}
