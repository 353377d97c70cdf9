//! A printer on a serial line: eight bits, no parity, one stop bit, as receipt printers come; DTR/RTS by choice.
//! At 9600 baud a slip as a picture takes most of a minute, so text profiles belong here.

use std::{io, path::PathBuf};

use edge::connect::Connect;
use tokio_serial::{ClearBuffer, DataBits, FlowControl, Parity, SerialPort as _, SerialPortBuilderExt as _, SerialStream, StopBits};

/// Baud of most receipt printers as they are delivered.
pub const BAUD_DEFAULT: u32 = 9_600;

/// A serial line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialLine {
    /// The port, e.g. `/dev/ttyS0`, `/dev/ttyUSB0` or `COM3`.
    pub path: PathBuf,
    /// Bits a second.
    pub baud: u32,
    /// The printer stops the line by hardware (RTS/CTS) while its buffer is full; otherwise by XON/XOFF.
    pub hardware_flow: bool,
}

impl Connect for SerialLine {
    type Stream = SerialStream;

    async fn connect(&self) -> io::Result<SerialStream> {
        let flow = if self.hardware_flow { FlowControl::Hardware } else { FlowControl::Software };
        let stream = tokio_serial::new(self.path.to_string_lossy(), self.baud)
            .data_bits(DataBits::Eight)
            .parity(Parity::None)
            .stop_bits(StopBits::One)
            .flow_control(flow)
            .open_native_async()
            .map_err(io::Error::from)?;
        stream.clear(ClearBuffer::Input).map_err(io::Error::from)?;
        Ok(stream)
    }
}
