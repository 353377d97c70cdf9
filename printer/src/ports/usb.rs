//! A printer on USB without the kernel's printer driver: the first interface of class 7 (printer) with a bulk pipe
//! out and, for its answers, one in. The kernel's driver is put aside while the line is open.

use std::{
    io,
    pin::Pin,
    str::FromStr,
    task::{Context, Poll},
    time::Duration,
};

use edge::connect::Connect;
use nusb::{
    DeviceInfo, Interface,
    descriptors::TransferType,
    io::{EndpointRead, EndpointWrite},
    transfer::{Bulk, Direction, In, Out},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf},
    time::timeout,
};

/// USB class of printers.
const PRINTER_CLASS: u8 = 7;
/// Bytes of one transfer.
const TRANSFER_BYTES: usize = 4_096;
/// Bytes of one answer.
const ANSWER_BYTES: usize = 64;
/// How long old answers are listened for when the line is opened, in milliseconds.
const STALE_MS: u64 = 30;

/// Which printer on USB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsbPrinter {
    /// The first that is found.
    Any,
    /// The first with these numbers, as `lsusb` shows them.
    Ids {
        /// Number of the maker.
        vendor: u16,
        /// Number of the product.
        product: u16,
    },
}

impl UsbPrinter {
    fn fits(self, vendor: u16, product: u16) -> bool {
        match self {
            Self::Any => true,
            Self::Ids { vendor: wanted_vendor, product: wanted_product } => (vendor, product) == (wanted_vendor, wanted_product),
        }
    }
}

impl FromStr for UsbPrinter {
    type Err = String;

    /// `auto`, or `04b8:0202`.
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Any);
        }
        let number = |digits: &str| u16::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 4);
        let ids = text.split_once(':').and_then(|(vendor, product)| Some((number(vendor)?, number(product)?)));
        let (vendor, product) = ids.ok_or_else(|| format!("写 auto 或 lsusb 里的 厂商:产品，如 04b8:0202：{text}"))?;
        Ok(Self::Ids { vendor, product })
    }
}

impl Connect for UsbPrinter {
    type Stream = UsbStream;

    async fn connect(&self) -> io::Result<UsbStream> {
        let mut devices = nusb::list_devices().await.map_err(io::Error::other)?;
        let (info, number) = devices
            .find_map(|info| {
                self.fits(info.vendor_id(), info.product_id()).then(|| printer_interface(&info)).flatten().map(|at| (info, at))
            })
            .ok_or(io::Error::new(io::ErrorKind::NotFound, "no printer on USB"))?;
        let device = info.open().await.map_err(io::Error::other)?;
        let interface = device.detach_and_claim_interface(number).await.map_err(io::Error::other)?;
        let mut stream = UsbStream::of(&interface)?;
        stream.forget_stale().await?;
        Ok(stream)
    }
}

fn printer_interface(info: &DeviceInfo) -> Option<u8> {
    info.interfaces().find(|interface| interface.class() == PRINTER_CLASS).map(nusb::InterfaceInfo::interface_number)
}

/// The open pipes of a printer.
pub struct UsbStream {
    out: EndpointWrite<Bulk>,
    /// Missing on printers that cannot answer.
    answers: Option<EndpointRead<Bulk>>,
}

impl UsbStream {
    fn of(interface: &Interface) -> io::Result<Self> {
        let pipe = |direction: Direction| {
            let descriptor = interface.descriptor()?;
            let found = descriptor.endpoints().find(|end| end.transfer_type() == TransferType::Bulk && end.direction() == direction);
            found.map(|end| end.address())
        };
        let no_pipe = || io::Error::new(io::ErrorKind::Unsupported, "the printer has no bulk pipe");
        let out = interface.endpoint::<Bulk, Out>(pipe(Direction::Out).ok_or_else(no_pipe)?).map_err(io::Error::other)?;
        let answers = match pipe(Direction::In) {
            Some(address) => Some(interface.endpoint::<Bulk, In>(address).map_err(io::Error::other)?.reader(ANSWER_BYTES)),
            None => None,
        };
        Ok(Self { out: out.writer(TRANSFER_BYTES), answers })
    }

    async fn forget_stale(&mut self) -> io::Result<()> {
        let Some(answers) = &mut self.answers else { return Ok(()) };
        let mut bytes = [0; ANSWER_BYTES];
        while let Ok(read) = timeout(Duration::from_millis(STALE_MS), answers.read(&mut bytes)).await {
            if read? == 0 {
                break;
            }
        }
        Ok(())
    }
}

impl AsyncRead for UsbStream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.answers {
            Some(answers) => Pin::new(answers).poll_read(context, into),
            None => Poll::Pending,
        }
    }
}

impl AsyncWrite for UsbStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.out).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.out).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.out).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printers_are_named_as_lsusb_names_them() {
        assert_eq!("auto".parse(), Ok(UsbPrinter::Any));
        assert_eq!("04b8:0202".parse(), Ok(UsbPrinter::Ids { vendor: 0x04B8, product: 0x0202 }));
        for wrong in ["", "04b8", "4b8:0202", "04b8:020g", "04b8:00202"] {
            assert!(wrong.parse::<UsbPrinter>().is_err(), "{wrong}");
        }
        let epson = UsbPrinter::Ids { vendor: 0x04B8, product: 0x0202 };
        assert!(epson.fits(0x04B8, 0x0202) && !epson.fits(0x04B8, 0x0203) && UsbPrinter::Any.fits(1, 2));
    }
}
