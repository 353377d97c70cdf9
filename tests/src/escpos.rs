//! Splits a stream of ESC/POS bytes into commands. Written from the printers' command references; it must
//! never use crate `slip`, because it is what judges that crate. Knows lengths and arguments, not effects.
//!
//! Strict on purpose: a byte that begins no known command is an error with its place, since a real printer
//! would print it as garbage.

/// One command, or one run of text up to the next command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Text bytes, still encoded: ASCII and, in kanji mode, GB18030.
    Text(Vec<u8>),
    /// LF: print the line and go to the next.
    LineFeed,
    /// CR: nothing on a printer set for LF.
    CarriageReturn,
    /// HT: to the next tab stop.
    Tab,
    /// CAN: in standard mode nothing.
    Cancel,
    /// ESC @: back to the settings of power-on.
    Initialize,
    /// ESC a: 0 left, 1 centre, 2 right.
    Align(u8),
    /// ESC E or ESC G: bold or double-struck.
    Bold(bool),
    /// ESC -: underline in dots, 0–2.
    Underline(u8),
    /// ESC M: 0 is font A, 1 font B.
    Font(u8),
    /// ESC !: font, bold, double height, double width, underline in one byte.
    PrintMode(u8),
    /// ESC {: upside down.
    UpsideDown(bool),
    /// ESC d: print and feed so many lines.
    FeedLines(u8),
    /// ESC J: print and feed so many motion units (dots).
    FeedDots(u8),
    /// ESC 2 and ESC 3: the line spacing in dots; `None` is the default.
    LineSpacing(Option<u8>),
    /// ESC SP: dots right of each half-width character.
    RightSpace(u8),
    /// ESC $: the next print position in dots from the left.
    Position(u16),
    /// ESC t and ESC R: code page and country; without effect on GB text.
    CodePage(u8),
    /// ESC p: kick the drawer; pin, on and off time in 2 ms.
    Drawer(u8, u8, u8),
    /// GS !: width in the high and height in the low four bits, each 0–7 for 1–8 times.
    Size(u8),
    /// GS B: white on black.
    Inverted(bool),
    /// GS L: left margin in dots.
    LeftMargin(u16),
    /// GS W: print area in dots.
    PrintWidth(u16),
    /// GS V: cut; `partial` leaves a bridge, `feed` is the paper fed before in dots.
    Cut {
        /// Whether a bridge of paper stays.
        partial: bool,
        /// Paper fed before the cut, in dots.
        feed: u8,
    },
    /// GS v 0: a raster picture, one bit a dot, rows padded to whole bytes.
    Raster {
        /// Whether dots are doubled in width and in height.
        doubled: (bool, bool),
        /// Width in bytes of eight dots.
        width_bytes: u16,
        /// Height in dots.
        height: u16,
        /// The rows, 1 is black.
        bits: Vec<u8>,
    },
    /// GS ( k: a two-dimensional code; symbol kind, function and its data.
    Code2d {
        /// 49 is QR.
        kind: u8,
        /// 65 model, 67 module size, 69 error correction, 80 store, 81 print, 82 ask for the size.
        function: u8,
        /// What belongs to the function.
        data: Vec<u8>,
    },
    /// FS & and FS .: kanji mode on and off.
    Kanji(bool),
    /// FS !: bits 2 double width, 3 double height, 7 underline, of Chinese characters.
    KanjiMode(u8),
    /// FS W: Chinese characters twice as wide and high.
    KanjiQuadruple(bool),
    /// FS -: underline of Chinese characters in dots.
    KanjiUnderline(u8),
    /// FS S: dots left and right of Chinese characters.
    KanjiSpace(u8, u8),
    /// DLE EOT: send the status of this kind at once.
    RealTimeStatus(u8),
    /// GS r: send a status when this place is reached.
    Status(u8),
    /// GS ( H function 48: send these four bytes back when this place is reached.
    ProcessId([u8; 4]),
    /// GS a: automatic status back.
    AutomaticStatus(u8),
    /// GS ( K function 49: print density, −6 to 6.
    Density(i8),
}

/// Why a stream cannot go on at some place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The stream ends inside a command.
    Incomplete,
    /// No known command begins so.
    Unknown(String),
}

/// The first command of `bytes` and its length in bytes. A run of text ends before the next control byte.
///
/// # Errors
/// [`Fault::Incomplete`] when the command is not there to its end, [`Fault::Unknown`] when there is none.
pub fn next_command(bytes: &[u8]) -> Result<(Command, usize), Fault> {
    let first = *bytes.first().ok_or(Fault::Incomplete)?;
    match first {
        0x09 => Ok((Command::Tab, 1)),
        0x0A => Ok((Command::LineFeed, 1)),
        0x0D => Ok((Command::CarriageReturn, 1)),
        0x18 => Ok((Command::Cancel, 1)),
        0x10 => real_time(bytes),
        0x1B => escape(bytes),
        0x1C => file_separator(bytes),
        0x1D => group_separator(bytes),
        0x20..=0x7E | 0x81..=0xFE => Ok(text(bytes)),
        other => Err(Fault::Unknown(format!("control byte {other:02X}"))),
    }
}

/// The second byte of a Chinese character is never below 0x30, so no control byte hides inside text.
fn text(bytes: &[u8]) -> (Command, usize) {
    let length = bytes.iter().position(|byte| !matches!(byte, 0x20..=0x7E | 0x80..=0xFE)).unwrap_or(bytes.len());
    (Command::Text(bytes[..length].to_vec()), length)
}

fn byte(bytes: &[u8], at: usize) -> Result<u8, Fault> {
    bytes.get(at).copied().ok_or(Fault::Incomplete)
}

fn word(bytes: &[u8], at: usize) -> Result<u16, Fault> {
    Ok(u16::from_le_bytes([byte(bytes, at)?, byte(bytes, at + 1)?]))
}

fn slice(bytes: &[u8], from: usize, length: usize) -> Result<Vec<u8>, Fault> {
    bytes.get(from..from + length).map(<[u8]>::to_vec).ok_or(Fault::Incomplete)
}

/// Switches take 0 and 1 or their digits; only the lowest bit counts.
fn switch(value: u8) -> bool {
    value & 1 == 1
}

fn unknown(name: &str, value: u8) -> Fault {
    Fault::Unknown(format!("{name} {value:02X}"))
}

fn real_time(bytes: &[u8]) -> Result<(Command, usize), Fault> {
    match byte(bytes, 1)? {
        0x04 => match byte(bytes, 2)? {
            kind @ 1..=4 => Ok((Command::RealTimeStatus(kind), 3)),
            other => Err(unknown("DLE EOT", other)),
        },
        other => Err(unknown("DLE", other)),
    }
}

fn escape(bytes: &[u8]) -> Result<(Command, usize), Fault> {
    let name = byte(bytes, 1)?;
    let argument = || byte(bytes, 2);
    Ok(match name {
        b'@' => (Command::Initialize, 2),
        b'2' => (Command::LineSpacing(None), 2),
        b'3' => (Command::LineSpacing(Some(argument()?)), 3),
        b'a' => match argument()? {
            side @ (0..=2 | b'0'..=b'2') => (Command::Align(side & 0x0F), 3),
            other => return Err(unknown("ESC a", other)),
        },
        b'E' | b'G' => (Command::Bold(switch(argument()?)), 3),
        b'-' => (Command::Underline(argument()? & 0x0F), 3),
        b'M' => (Command::Font(argument()? & 0x0F), 3),
        b'!' => (Command::PrintMode(argument()?), 3),
        b'{' => (Command::UpsideDown(switch(argument()?)), 3),
        b'd' => (Command::FeedLines(argument()?), 3),
        b'J' => (Command::FeedDots(argument()?), 3),
        b' ' => (Command::RightSpace(argument()?), 3),
        b't' | b'R' => (Command::CodePage(argument()?), 3),
        b'$' => (Command::Position(word(bytes, 2)?), 4),
        b'p' => (Command::Drawer(byte(bytes, 2)?, byte(bytes, 3)?, byte(bytes, 4)?), 5),
        other => return Err(unknown("ESC", other)),
    })
}

fn file_separator(bytes: &[u8]) -> Result<(Command, usize), Fault> {
    Ok(match byte(bytes, 1)? {
        b'&' => (Command::Kanji(true), 2),
        b'.' => (Command::Kanji(false), 2),
        b'!' => (Command::KanjiMode(byte(bytes, 2)?), 3),
        b'W' => (Command::KanjiQuadruple(switch(byte(bytes, 2)?)), 3),
        b'-' => (Command::KanjiUnderline(byte(bytes, 2)? & 0x0F), 3),
        b'S' => (Command::KanjiSpace(byte(bytes, 2)?, byte(bytes, 3)?), 4),
        other => return Err(unknown("FS", other)),
    })
}

fn group_separator(bytes: &[u8]) -> Result<(Command, usize), Fault> {
    let argument = || byte(bytes, 2);
    Ok(match byte(bytes, 1)? {
        b'!' => (Command::Size(argument()?), 3),
        b'B' => (Command::Inverted(switch(argument()?)), 3),
        b'L' => (Command::LeftMargin(word(bytes, 2)?), 4),
        b'W' => (Command::PrintWidth(word(bytes, 2)?), 4),
        b'r' => (Command::Status(argument()?), 3),
        b'a' => (Command::AutomaticStatus(argument()?), 3),
        b'V' => cut(bytes)?,
        b'v' => raster(bytes)?,
        b'(' => parenthesis(bytes)?,
        other => return Err(unknown("GS", other)),
    })
}

fn cut(bytes: &[u8]) -> Result<(Command, usize), Fault> {
    match byte(bytes, 2)? {
        0 | b'0' => Ok((Command::Cut { partial: false, feed: 0 }, 3)),
        1 | b'1' => Ok((Command::Cut { partial: true, feed: 0 }, 3)),
        b'A' => Ok((Command::Cut { partial: false, feed: byte(bytes, 3)? }, 4)),
        b'B' => Ok((Command::Cut { partial: true, feed: byte(bytes, 3)? }, 4)),
        other => Err(unknown("GS V", other)),
    }
}

fn raster(bytes: &[u8]) -> Result<(Command, usize), Fault> {
    if byte(bytes, 2)? != b'0' {
        return Err(unknown("GS v", byte(bytes, 2)?));
    }
    let mode = byte(bytes, 3)? & 0x0F;
    if mode > 3 {
        return Err(unknown("GS v 0", mode));
    }
    let (width_bytes, height) = (word(bytes, 4)?, word(bytes, 6)?);
    let length = usize::from(width_bytes) * usize::from(height);
    if length == 0 {
        return Err(Fault::Unknown(format!("GS v 0 of {width_bytes} × {height}")));
    }
    let bits = slice(bytes, 8, length)?;
    Ok((Command::Raster { doubled: (mode & 1 == 1, mode & 2 == 2), width_bytes, height, bits }, 8 + length))
}

fn parenthesis(bytes: &[u8]) -> Result<(Command, usize), Fault> {
    let group = byte(bytes, 2)?;
    let length = usize::from(word(bytes, 3)?);
    let body = slice(bytes, 5, length)?;
    let command = match (group, body.as_slice()) {
        (b'k', [kind, function, data @ ..]) => Command::Code2d { kind: *kind, function: *function, data: data.to_vec() },
        // 1 to 6 are darker, 250 to 255 lighter, 0 the printer's own (GS ( K function 49).
        (b'K', [49, density @ (0..=6 | 250..=255)]) => Command::Density(density.cast_signed()),
        (b'H', [48, 48, id @ ..]) if id.len() == 4 => Command::ProcessId([id[0], id[1], id[2], id[3]]),
        _ => return Err(unknown("GS (", group)),
    };
    Ok((command, 5 + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut bytes: &[u8]) -> Result<Vec<Command>, Fault> {
        let mut commands = Vec::new();
        while !bytes.is_empty() {
            let (command, length) = next_command(bytes)?;
            commands.push(command);
            bytes = &bytes[length..];
        }
        Ok(commands)
    }

    #[test]
    fn a_stream_is_split_into_its_commands() {
        let commands = all(b"\x1B@\x1Ba\x01\x1D!\x33A001\n\x1DVB\x60\x10\x04\x02\x1D(H\x06\x00\x30\x30abcd").unwrap();
        assert_eq!(
            commands,
            [
                Command::Initialize,
                Command::Align(1),
                Command::Size(0x33),
                Command::Text(b"A001".to_vec()),
                Command::LineFeed,
                Command::Cut { partial: true, feed: 0x60 },
                Command::RealTimeStatus(2),
                Command::ProcessId(*b"abcd"),
            ]
        );
    }

    #[test]
    fn every_cut_off_command_is_incomplete_and_not_another_one() {
        let whole: &[&[u8]] = &[
            b"\x1Ba\x01",
            b"\x1DV\x41\x10",
            b"\x1Dv0\x00\x01\x00\x02\x00\x80\x01",
            b"\x1D(k\x03\x00\x31\x43\x08",
            b"\x10\x04\x01",
            b"\x1C!\x0C",
            b"\x1D(K\x02\x00\x31\xFA",
        ];
        for command in whole {
            assert_eq!(next_command(command).unwrap().1, command.len());
            for length in 0..command.len() {
                assert_eq!(next_command(&command[..length]), Err(Fault::Incomplete), "{:02X?}", &command[..length]);
            }
        }
    }

    #[test]
    fn what_a_printer_would_print_as_garbage_is_refused() {
        for garbage in [
            &b"\x00"[..],
            b"\x1B\x7F",
            b"\x10\x04\x00",
            b"\x1D(k\x01\x00\x31",
            b"\x1D(Z\x00\x00",
            b"\x1BaX",
            b"\x7F",
            b"\x1D(K\x02\x00\x31\x07",
        ] {
            assert!(matches!(next_command(garbage), Err(Fault::Unknown(_))), "{garbage:02X?}");
        }
    }
}
