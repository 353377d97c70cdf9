//! What a way to paper can do, whatever it is. Knows neither the spool nor the session.

use std::future::Future;

use protocol::slip::PrinterStatus;

/// A slip in the printer's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The job, for drivers that name what they print.
    pub job_id: String,
    /// ESC/POS, from initialisation to cut.
    pub bytes: Vec<u8>,
    /// Paper that it takes from the roll, in millimetres.
    pub used_mm: u32,
    /// The slip as PNG, where [`Driver::wants_picture`].
    pub picture_png: Option<Vec<u8>>,
    /// An earlier attempt stopped in the middle: the paper may hang in the printer with a part of it.
    pub after_fragment: bool,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// On paper, as far as the printer lets one know.
    Printed,
    /// Not a byte reached the printer.
    NotStarted,
    /// It may be on paper, whole or in part.
    Unknown {
        /// A part of it may hang in the printer, uncut.
        cut_off: bool,
    },
}

/// A way to paper.
pub trait Driver: Send + 'static {
    /// How the printer is. A driver that found it ready may keep the connection for a [`Self::print`] that follows.
    fn status(&mut self) -> impl Future<Output = PrinterStatus> + Send;

    /// Prints one slip and waits until its end is known or can no longer be learnt; tells every change of the
    /// printer's state meanwhile.
    fn print(&mut self, slip: &Rendered, told: &(dyn Fn(PrinterStatus) + Send + Sync)) -> impl Future<Output = Attempt> + Send;

    /// Whether an attempt that the program did not see the end of reached its end; `None` when nobody can tell.
    fn printed_before(&mut self, job_id: &str) -> impl Future<Output = Option<bool>> + Send;

    /// Lets go of a connection that [`Self::status`] kept.
    fn release(&mut self) {}

    /// Whether [`Rendered::picture_png`] is used.
    fn wants_picture(&self) -> bool {
        false
    }
}
