//! What must hold of the parser of printers' answers whatever bytes come: it never panics, an automatic status is made of
//! four bytes, and what was said before is over after the quiet bytes of flow control and four bytes more.

use printer::status::{Answer, Decoder, status_of};

/// Panics where something does not hold.
pub fn run(bytes: &[u8]) {
    let mut decoder = Decoder::default();
    let (mut answers, mut automatic) = (0, 0);
    for byte in bytes {
        match decoder.take(*byte) {
            Some(Answer::Automatic(_)) => automatic += 1,
            Some(Answer::RealTime(answer)) => {
                assert_eq!(answer, *byte);
                assert_eq!(answer & 0x93, 0x12, "{answer:02X} has the fixed bits of a real-time answer");
                answers += 1;
            }
            Some(Answer::Ordered | Answer::Other) => answers += 1,
            None => {}
        }
    }
    assert!(answers + 4 * automatic <= bytes.len(), "more answers than bytes");
    // Whatever hung in the line before: after four whole statuses in a row at least the last is understood.
    let whole = [0x10, 0x00, 0x00, 0x00].repeat(4);
    let last = whole.iter().filter_map(|byte| decoder.take(*byte)).last();
    assert!(matches!(last, Some(Answer::Automatic(status)) if status.online), "{last:?}");
    if let [printer, offline, paper, ..] = *bytes {
        let _ = status_of(printer, offline, paper).obstacle();
    }
}
