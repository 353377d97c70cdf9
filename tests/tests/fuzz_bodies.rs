//! The fuzz targets of `fuzz/` with bounded random input: bytes as they come, and streams put together from pieces of
//! commands, which get further in.

use proptest::collection::vec;
use proptest::prelude::*;

#[path = "../../fuzz/bodies/escpos_decoder.rs"]
mod escpos_decoder;
#[path = "../../fuzz/bodies/printer_status.rs"]
mod printer_status;

/// Beginnings and whole commands of the references, and text.
const PIECES: &[&[u8]] = &[
    b"\x1B@",
    b"\x1C&",
    b"\x1C.",
    b"\x1Ba\x01",
    b"\x1D!\x77",
    b"\x1C!\x0C",
    b"\x1D(k\x03\x00\x31\x43\x10",
    b"\x1D(k\x04\x00\x31\x41\x32\x00",
    b"\x1D(k\x06\x00\x31\x50\x30abc",
    b"\x1D(k\x03\x00\x31\x51\x30",
    b"\x1D(K\x02\x00\x31",
    b"\x1D(k\xFF\xFF",
    b"\x1Dv0\x00\x02\x00\x02\x00",
    b"\x1Dv0\x03\xFF\xFF\xFF\xFF",
    b"\x1DVB\x10",
    b"\x10\x04\x01",
    b"\x1B$\xFF\x01",
    b"\x1DL\xFF\x7F",
    b"\xBA\xC5",
    b"\x81\x30\x81\x30",
    b"A017\n",
];

/// Bytes of which answers and automatic statuses are made.
const ANSWERS: &[u8] = &[0x10, 0x00, 0x12, 0x13, 0x18, 0x0C, 0x38, 0x90];

fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => proptest::sample::select(PIECES).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..6),
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn the_decoder_of_slips_takes_any_bytes(bytes in vec(any::<u8>(), 0..300), stream in stream()) {
        escpos_decoder::run(&bytes);
        escpos_decoder::run(&stream);
    }

    #[test]
    fn the_parser_of_answers_takes_any_bytes(bytes in vec(any::<u8>(), 0..100), few in vec(proptest::sample::select(ANSWERS), 0..60)) {
        printer_status::run(&bytes);
        printer_status::run(&few);
    }
}

#[test]
fn a_code_longer_than_any_is_an_error_and_no_panic() {
    let mut stream = b"\x1D(k".to_vec();
    stream.extend(5_003_u16.to_le_bytes());
    stream.extend([49, 80, 48]);
    stream.extend([b'a'; 5_000]);
    stream.extend(b"\x1D(k\x03\x00\x31\x51\x30");
    escpos_decoder::run(&stream);
}
