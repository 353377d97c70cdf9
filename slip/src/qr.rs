//! QR codes as modules. Knows nothing of paper.

use qrcode::{Color, EcLevel, QrCode};

/// Longest address that is coded, in bytes: more would need a code too dense for 8 dots a millimetre.
pub const QR_BYTES_MAX: usize = 200;
/// Light modules around a code.
pub const QR_QUIET_MODULES: u32 = 4;

/// A code: a square of modules.
#[derive(Debug, Clone)]
pub struct Qr {
    /// Modules per side.
    pub side: u32,
    dark: Vec<bool>,
}

impl Qr {
    /// The code of an address, error correction M. `None` when it is empty or longer than [`QR_BYTES_MAX`]: the
    /// slip then goes out without it rather than not at all.
    #[must_use]
    pub fn of(url: &str) -> Option<Self> {
        let data = address_bytes(url)?;
        let code = QrCode::with_error_correction_level(data, EcLevel::M).ok()?;
        let side = u32::try_from(code.width()).ok()?;
        Some(Self { side, dark: code.into_colors().into_iter().map(|color| color == Color::Dark).collect() })
    }

    /// Whether the module is dark.
    #[must_use]
    pub fn is_dark(&self, column: u32, row: u32) -> bool {
        self.dark.get((row * self.side + column) as usize).copied().unwrap_or(false)
    }
}

/// The address in printable ASCII, everything else percent-encoded, as a URL wants it anyway.
#[must_use]
pub fn address_bytes(url: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(url.len());
    for byte in url.bytes() {
        if byte.is_ascii_graphic() { bytes.push(byte) } else { bytes.extend(format!("%{byte:02X}").bytes()) }
    }
    (!bytes.is_empty() && bytes.len() <= QR_BYTES_MAX).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_only_printable_ascii() {
        assert_eq!(address_bytes("http://a/\u{1b}证\n"), Some(b"http://a/%1B%E8%AF%81%0A".to_vec()));
        assert!(Qr::of("").is_none() && Qr::of(&"x".repeat(201)).is_none());
    }
}
