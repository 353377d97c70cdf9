//! The fake printer fails as the real ones do, and only then.

use super::*;
use crate::slip_view::{Printer, read};

const WAIT_MS_MAX: u64 = 5_000;

async fn connect(printer: &FakePrinter) -> TcpStream {
    TcpStream::connect(printer.address()).await.unwrap()
}

async fn status(stream: &mut TcpStream, kind: u8) -> u8 {
    stream.write_all(&[0x10, 0x04, kind]).await.unwrap();
    tokio::time::timeout(Duration::from_millis(WAIT_MS_MAX), stream.read_u8()).await.unwrap().unwrap()
}

fn slip(number: &str) -> Vec<u8> {
    format!("\x1B@{number}\n\x1DV\0").into_bytes()
}

fn numbers(pieces: &[Piece]) -> Vec<Vec<String>> {
    pieces.iter().map(|piece| read(&piece.bytes, Printer::WIDE).unwrap().lines()).collect()
}

#[tokio::test]
async fn slips_come_out_whole_and_in_order() {
    let printer = FakePrinter::start().await;
    let mut stream = connect(&printer).await;
    stream.write_all(&[slip("A001"), slip("A002")].concat()).await.unwrap();
    let pieces = printer.wait_for_pieces(2, WAIT_MS_MAX).await.unwrap();
    assert_eq!(numbers(&pieces), [["A001"], ["A002"]]);
    assert!(printer.hanging().bytes.is_empty());
}

#[tokio::test]
async fn without_paper_it_says_so_and_prints_when_paper_is_back() {
    let printer = FakePrinter::start().await;
    printer.set_paper(Paper::Out);
    let mut stream = connect(&printer).await;
    assert_eq!((status(&mut stream, 1).await, status(&mut stream, 2).await, status(&mut stream, 4).await), (0x1A, 0x32, 0x7E));
    stream.write_all(&slip("A001")).await.unwrap();
    assert_eq!(printer.wait_for_pieces(1, 100).await, None);
    printer.set_paper(Paper::NearEnd);
    assert_eq!(numbers(&printer.wait_for_pieces(1, WAIT_MS_MAX).await.unwrap()), [["A001"]]);
    assert_eq!((status(&mut stream, 1).await, status(&mut stream, 4).await), (0x12, 0x1E));
    printer.set_cover_open(true);
    assert_eq!(status(&mut stream, 2).await, 0x16);
}

#[tokio::test]
async fn a_question_in_the_stream_is_answered_when_what_stands_before_is_printed() {
    let printer = FakePrinter::start().await;
    printer.set_paper(Paper::Out);
    let mut stream = connect(&printer).await;
    stream.write_all(&[&slip("A001")[..], b"\x1D(H\x06\x00\x30\x30j001\x1Dr\x01"].concat()).await.unwrap();
    let mut answer = [0; 8];
    assert!(tokio::time::timeout(Duration::from_millis(100), stream.read_exact(&mut answer)).await.is_err());
    printer.set_paper(Paper::Present);
    tokio::time::timeout(Duration::from_millis(WAIT_MS_MAX), stream.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"\x37\x22j001\0\0");
    assert_eq!(printer.pieces().len(), 1);
}

#[tokio::test]
async fn a_line_cut_in_the_middle_leaves_half_a_slip_hanging() {
    let printer = FakePrinter::start().await;
    printer.cut_line_after(5);
    let mut stream = connect(&printer).await;
    let _ = stream.write_all(&slip("A001")).await;
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(Duration::from_millis(WAIT_MS_MAX), stream.read_to_end(&mut rest)).await.unwrap();
    let mut again = connect(&printer).await;
    again.write_all(&slip("A001")).await.unwrap();
    let pieces = printer.wait_for_pieces(1, WAIT_MS_MAX).await.unwrap();
    assert_eq!(pieces[0].connections, [0, 1]);
    assert_eq!(numbers(&pieces), [["A00", "A001"]]);
    assert_eq!(printer.received(), [slip("A001")[..5].to_vec(), slip("A001")]);
}

#[tokio::test]
async fn switched_off_it_loses_what_it_had_not_printed() {
    let printer = FakePrinter::start().await;
    printer.set_paper(Paper::Out);
    let mut stream = connect(&printer).await;
    stream.write_all(&slip("A001")).await.unwrap();
    assert_eq!(status(&mut stream, 1).await, 0x1A);
    printer.switch_off();
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(Duration::from_millis(WAIT_MS_MAX), stream.read_to_end(&mut rest)).await.unwrap();
    printer.set_paper(Paper::Present);
    printer.switch_on();
    let mut again = connect(&printer).await;
    again.write_all(&slip("A002")).await.unwrap();
    assert_eq!(numbers(&printer.wait_for_pieces(1, WAIT_MS_MAX).await.unwrap()), [["A002"]]);
    assert_eq!(status(&mut again, 1).await, 0x12);
}

#[tokio::test]
async fn a_slow_printer_stops_the_line_when_its_buffer_is_full() {
    let printer = FakePrinter::start().await;
    printer.set_speed(Some(1));
    let mut stream = connect(&printer).await;
    let line = [b'0'; 1024];
    let flood = async {
        loop {
            stream.write_all(&line).await.unwrap();
            stream.write_all(b"\n").await.unwrap();
        }
    };
    assert!(tokio::time::timeout(Duration::from_millis(500), flood).await.is_err(), "the line must stop");
    assert!(printer.received()[0].len() < 2 * BUFFER_BYTES);
}
