//! The ways to an ESC/POS printer: network, `/dev/usb/lp*`, serial line, USB. Each opens a line that is read and
//! written; what is spoken on it is not known here.
//!
//! A line that keeps answers of an earlier connection (everything but the network does) is emptied when it is
//! opened, so that an old answer is never taken for a new one.

mod lp;
mod serial;
mod tcp;
mod usb;

pub use lp::LpDevice;
pub use serial::{BAUD_DEFAULT, SerialLine};
pub use tcp::PrinterAddress;
pub use usb::UsbPrinter;
