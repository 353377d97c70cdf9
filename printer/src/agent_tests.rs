//! The agent against a server that sends twice and goes away; slips go into a folder.
#![expect(clippy::unwrap_used, reason = "test")]

use std::{io, time::Duration};

use edge::{
    connect::Connect,
    session::{Session, SessionSettings},
    token::Token,
};
use futures_util::{SinkExt, StreamExt};
use protocol::slip::{DocumentKind, DocumentSlip, PrinterStatus, Slip};
use slip::{Fonts, fonts::DEBIAN_NOTO_CJK};
use tokio::io::{DuplexStream, duplex};
use tokio_tungstenite::{WebSocketStream, accept_async, tungstenite::Message};

use super::*;
use crate::{
    folder::FolderDriver,
    jobs::{Renderer, Worker},
};

/// Hands the far end of every connection to the test.
struct Exchange(mpsc::Sender<DuplexStream>);

impl Connect for Exchange {
    type Stream = DuplexStream;

    async fn connect(&self) -> io::Result<DuplexStream> {
        let (ours, theirs) = duplex(64 << 10);
        self.0.send(theirs).await.map_err(io::Error::other)?;
        Ok(ours)
    }
}

struct Server(WebSocketStream<DuplexStream>);

impl Server {
    /// Takes the next connection and says what the printer works with.
    async fn accept(connections: &mut mpsc::Receiver<DuplexStream>) -> Self {
        let mut server = Self(accept_async(connections.recv().await.unwrap()).await.unwrap());
        assert!(matches!(server.hear().await, FromDevice::Hello { .. }));
        let config = DeviceConfig {
            device_id: "d_dc_1".into(),
            kind: DeviceKind::Printer,
            site_id: "demo-center".into(),
            site_name: "白桦镇便民服务中心".into(),
            site_phone: None,
            window_id: None,
            now_ms: 1_795_487_160_000,
            printer_profile: None,
            public_url: None,
            missed_rule: None,
            keeper_url: None,
            standby_urls: Vec::new(),
            from_keeper: false,
        };
        server.say(&ToDevice::Config(config)).await;
        server
    }

    async fn say(&mut self, frame: &ToDevice) {
        self.0.send(Message::Text(serde_json::to_string(frame).unwrap().into())).await.unwrap();
    }

    /// The next frame that is no heartbeat.
    async fn hear(&mut self) -> FromDevice {
        loop {
            let message = tokio::time::timeout(Duration::from_secs(60), self.0.next()).await.unwrap().unwrap().unwrap();
            let frame = serde_json::from_str(message.to_text().unwrap()).unwrap();
            if frame != FromDevice::Pong {
                return frame;
            }
        }
    }

    /// Waits for a frame and gives what came before it.
    async fn hear_until(&mut self, wanted: &FromDevice) -> Vec<FromDevice> {
        let mut before = Vec::new();
        loop {
            let frame = self.hear().await;
            if frame == *wanted {
                return before;
            }
            before.push(frame);
        }
    }
}

fn receipt() -> Slip {
    Slip::Document(DocumentSlip {
        kind: DocumentKind::MaterialReceipt,
        hall_name: "白桦镇便民服务中心".into(),
        title: "材料接收凭证".into(),
        rows: Vec::new(),
        items_title: None,
        items: Vec::new(),
        notes: Vec::new(),
        qr: None,
        issued_at_ms: 0,
        phone: None,
        reprint: false,
        practice: false,
    })
}

#[tokio::test]
async fn a_job_is_acknowledged_printed_once_and_reported_again_after_a_cut() {
    let folder = tempfile::tempdir().unwrap();
    let slips = folder.path().join("slips");
    let spool = Spool::open(folder.path()).unwrap();
    let job_spool = JobSpool::open(folder.path()).unwrap();
    let clock = HallClock::starting_at(1_000);
    let (profile, newest) = watch::channel(kept_profile(&spool).unwrap());
    let renderer = Renderer::new(Fonts::from_files(&DEBIAN_NOTO_CJK).unwrap(), newest);
    let worker = Worker::new(job_spool.clone(), FolderDriver::new(slips.clone()), renderer, clock.clone());
    let (connections_in, mut connections) = mpsc::channel(4);
    let settings = SessionSettings { authority: "server".into(), version: "0".into(), seed: 1, damaged: Vec::new() };
    let session = Session::open(Exchange(connections_in), settings, Some(Token::new("demo-printer")), None);
    let line = session.line.clone();
    let agent = Agent { spool, job_spool, jobs: worker.jobs(), view: worker.view(), profile, line, clock };
    tokio::spawn(worker.run());
    tokio::spawn(agent.run(session.events));

    let mut server = Server::accept(&mut connections).await;
    let job = ToDevice::PrintJob { job_id: "p_dc_1".into(), slip: receipt() };
    let received = FromDevice::JobReceived { job_id: "p_dc_1".into() };
    let printed = FromDevice::JobReport { job_id: "p_dc_1".into(), outcome: JobOutcome::Printed { attempts_unknown: 0 } };
    server.hear_until(&FromDevice::Status { printer: Some(PrinterStatus::READY), error: None }).await;
    server.say(&job).await;
    server.hear_until(&received).await;
    server.hear_until(&printed).await;
    drop(server);

    let mut server = Server::accept(&mut connections).await;
    server.hear_until(&printed).await;
    server.say(&job).await;
    assert!(!server.hear_until(&received).await.contains(&printed), "told once on a connection");
    server.hear_until(&printed).await;
    server.say(&job).await;
    // Who sends a job again has not heard its end, whatever became of the reports before.
    server.hear_until(&printed).await;
    let files = std::fs::read_dir(&slips).unwrap().count();
    assert_eq!(files, 2, "bytes and picture of one slip");
}
