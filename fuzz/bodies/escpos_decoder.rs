//! What must hold of the decoder of slips whatever bytes it gets: it ends, never panics, goes on by what it took, and takes
//! the same at a border of two commands as in the middle of a stream.

use tests::escpos::{Fault, next_command};
use tests::slip_view::{Printer, read};

/// Panics where something does not hold.
pub fn run(bytes: &[u8]) {
    let mut at = 0;
    while at < bytes.len() {
        match next_command(&bytes[at..]) {
            Ok((command, length)) => {
                assert!(length > 0 && at + length <= bytes.len(), "{command:?} takes {length} of {} bytes", bytes.len() - at);
                // Cut off behind it, it is the same command.
                assert_eq!(next_command(&bytes[at..at + length]), Ok((command, length)));
                at += length;
            }
            Err(Fault::Incomplete | Fault::Unknown(_)) => break,
        }
    }
    for printer in [Printer::WIDE, Printer::CHEAP] {
        match read(bytes, printer) {
            Ok(view) => assert!(at == bytes.len(), "read to the end, and yet nothing begins at {at}: {view:?}"),
            Err(error) => assert!(error.offset <= at, "{error} behind what could be split ({at})"),
        }
    }
}
