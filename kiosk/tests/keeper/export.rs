//! A journal that nobody fetches: written to a file as it is, and left behind when the machine becomes another device.

use kiosk::keeper::export;
use protocol::keeper::{JOURNAL_FORMAT, JournalFile};

use super::*;

fn file(folder: &Path) -> JournalFile {
    export::read(folder, &Seal::in_folder(folder).unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_revoked_device_keeps_its_journal_for_a_file() {
    let folder = TempDir::new().unwrap();
    {
        let keeper = deciding(folder.path()).await;
        number(&keeper, "k1");
        number(&keeper, "k2");
        keeper.on_event(&SessionEvent::Frame(ToDevice::Revoked));
        assert!(!keeper.is_deciding());
        assert_eq!(number(&keeper, "k3").status, 503, "a revoked device gives no number");
    }
    let to = folder.path().join("journal.json");
    assert_eq!(export::write(folder.path(), &Seal::in_folder(folder.path()).unwrap(), &to).unwrap(), 2);
    let written: JournalFile = serde_json::from_slice(&std::fs::read(&to).unwrap()).unwrap();
    assert_eq!((written.format.as_str(), written.site_id.as_str()), (JOURNAL_FORMAT, "demo-center"));
    let [journal] = &written.journals[..] else { panic!("one journal: {written:?}") };
    assert_eq!(journal.device_id, "dev_dc_kiosk");
    let text: EntryText = serde_json::from_str(&journal.entries[1].text).unwrap();
    assert!(matches!(text.decision.command, Command::Issue(_)), "in clear: the server opens no seal");
    assert_eq!(journal.entries[1].previous, journal.entries[0].hash);
    assert_eq!(file(folder.path()), written, "reading changes nothing");
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_is_paired_anew_leaves_its_old_journal_behind_and_begins_its_own() {
    let folder = TempDir::new().unwrap();
    let keeper = deciding(folder.path()).await;
    number(&keeper, "k1");
    keeper.on_event(&SessionEvent::Frame(ToDevice::Revoked));
    let said = keeper.on_event(&SessionEvent::Connected(DeviceConfig { device_id: "dev_dc_new".into(), ..config() }));
    assert!(matches!(&said[..], [FromDevice::Keeper(FromKeeper::Ready { newest: 0, .. })]), "{said:?}");
    tell(&keeper, ToKeeper::Appointed { term: 2, series: "J".into(), taken: 0 });
    keeper.on_event(&SessionEvent::Frame(snapshot(&hall())));
    assert_eq!(tell(&keeper, ToKeeper::Beat { term: 2, beat: 1 }).len(), 1, "nothing of the old one is in its way");
    cut(&keeper);
    pass(LEASE_MS + MARGIN_MS).await;
    keeper.tick();
    assert_eq!(number(&keeper, "k2").body["number"], "AJ001");
    drop(keeper);
    let written = file(folder.path());
    let listed: Vec<_> = written.journals.iter().map(|journal| (journal.device_id.as_str(), journal.entries.len())).collect();
    assert_eq!(listed, [("dev_dc_new", 1), ("dev_dc_kiosk", 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_damaged_journal_is_read_as_far_as_that_goes() {
    let folder = TempDir::new().unwrap();
    {
        let keeper = deciding(folder.path()).await;
        number(&keeper, "k1");
        number(&keeper, "k2");
    }
    let other = rusqlite::Connection::open(folder.path().join("keeper.db")).unwrap();
    other.execute("UPDATE entries SET text = substr(text, 1, 60) WHERE number = 1", []).unwrap();
    drop(other);
    drop(open(folder.path()));
    let written = file(folder.path());
    let entries: Vec<_> = written.journals[0].entries.iter().map(|entry| (entry.number, entry.text.is_empty())).collect();
    assert_eq!(entries, [(1, true), (2, false)], "what cannot be read has its place and its proof: {written:?}");
    let empty = TempDir::new().unwrap();
    assert!(export::read(empty.path(), &Seal::in_folder(empty.path()).unwrap()).is_err());
}
