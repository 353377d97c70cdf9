//! The frames of the security module that every reader of resident identity cards has inside (GA 467-2013): a preamble,
//! a length, a command or a status, data, and a check byte. Pure: bytes in, frames out.

/// What every frame begins with.
const PREAMBLE: [u8; 5] = [0xAA, 0xAA, 0xAA, 0x96, 0x69];
/// Longest frame behind the length: status, lengths of the parts, text, photo, fingerprints, check.
const LENGTH_MAX: usize = 3 + 6 + 256 + 1_024 + 1_024 + 1;
/// Status and check: the shortest answer.
const LENGTH_MIN: usize = 4;

/// What is asked of the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// Whether it works.
    Status,
    /// Whether a card lies there.
    Find,
    /// To talk to that card.
    Select,
    /// What is written on it: text and photo.
    Read,
}

impl Ask {
    pub(super) fn bytes(self) -> Vec<u8> {
        let (command, parameter) = match self {
            Self::Status => (0x11, 0xFF),
            Self::Find => (0x20, 0x01),
            Self::Select => (0x20, 0x02),
            Self::Read => (0x30, 0x01),
        };
        framed(&[command, parameter])
    }
}

/// A frame around these bytes; the simulator of a reader builds its answers with it too.
pub(super) fn framed(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 1).unwrap_or(u16::MAX).to_be_bytes();
    let check = length.iter().chain(content).fold(0, |check, byte| check ^ byte);
    [&PREAMBLE[..], &length, content, &[check]].concat()
}

/// What the module says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// SW1, SW2, SW3; the last two are always zero and the meaning.
    pub(super) status: [u8; 3],
    /// What follows it.
    pub(super) data: Vec<u8>,
}

/// Done.
pub(super) const DONE: [u8; 3] = [0x00, 0x00, 0x90];
/// A card lies there.
pub(super) const FOUND: [u8; 3] = [0x00, 0x00, 0x9F];

/// Finds frames in what comes in pieces. Bytes before a preamble are passed over, and so is a frame whose length or
/// check is wrong: what follows may be whole again.
#[derive(Debug, Default)]
pub(super) struct Decoder(Vec<u8>);

impl Decoder {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// What came before is no answer to what is asked next.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }

    /// The next whole frame.
    pub(super) fn next(&mut self) -> Option<Said> {
        loop {
            self.skip_to_preamble();
            let length: [u8; 2] = self.0.get(PREAMBLE.len()..PREAMBLE.len() + 2)?.try_into().ok()?;
            let length = usize::from(u16::from_be_bytes(length));
            if !(LENGTH_MIN..=LENGTH_MAX).contains(&length) {
                self.0.drain(..1);
                continue;
            }
            let content = PREAMBLE.len() + 2;
            let frame = self.0.get(content..content + length)?;
            let check = self.0[PREAMBLE.len()..content + length].iter().fold(0, |check, byte| check ^ byte);
            if check != 0 {
                self.0.drain(..1);
                continue;
            }
            let said = Said { status: [frame[0], frame[1], frame[2]], data: frame[3..length - 1].to_vec() };
            self.0.drain(..content + length);
            return Some(said);
        }
    }

    /// Drops everything before the next preamble, or what can be no beginning of one.
    fn skip_to_preamble(&mut self) {
        let begins = |at: &usize| {
            let rest = &self.0[*at..];
            let compared = rest.len().min(PREAMBLE.len());
            rest[..compared] == PREAMBLE[..compared]
        };
        let at = (0..self.0.len()).find(begins).unwrap_or(self.0.len());
        self.0.drain(..at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_questions_are_those_of_the_standard() {
        assert_eq!(Ask::Status.bytes(), [0xAA, 0xAA, 0xAA, 0x96, 0x69, 0x00, 0x03, 0x11, 0xFF, 0xED]);
        assert_eq!(Ask::Find.bytes(), [0xAA, 0xAA, 0xAA, 0x96, 0x69, 0x00, 0x03, 0x20, 0x01, 0x22]);
        assert_eq!(Ask::Select.bytes(), [0xAA, 0xAA, 0xAA, 0x96, 0x69, 0x00, 0x03, 0x20, 0x02, 0x21]);
        assert_eq!(Ask::Read.bytes(), [0xAA, 0xAA, 0xAA, 0x96, 0x69, 0x00, 0x03, 0x30, 0x01, 0x32]);
    }

    #[test]
    fn a_known_answer_is_understood() {
        let mut decoder = Decoder::default();
        decoder.push(&[0xAA, 0xAA, 0xAA, 0x96, 0x69, 0x00, 0x08, 0x00, 0x00, 0x9F, 0x00, 0x00, 0x00, 0x00, 0x97]);
        assert_eq!(decoder.next(), Some(Said { status: FOUND, data: vec![0; 4] }));
        assert_eq!(decoder.next(), None);
    }

    #[test]
    fn frames_are_found_in_any_pieces_behind_noise_and_after_broken_ones() {
        let whole = framed(&[0, 0, 0x90, 1, 2, 3]);
        let mut broken = whole.clone();
        broken[8] ^= 1;
        let absurd = [&PREAMBLE[..], &[0xFF, 0xFF, 0]].concat();
        let stream = [&[0xAA, 0x00, 0xAA][..], &broken, &absurd, &whole, &[0xAA, 0xAA], &whole].concat();
        for piece in 1..stream.len() {
            let mut decoder = Decoder::default();
            let mut found = Vec::new();
            for bytes in stream.chunks(piece) {
                decoder.push(bytes);
                found.extend(std::iter::from_fn(|| decoder.next()));
            }
            let said = Said { status: DONE, data: vec![1, 2, 3] };
            assert_eq!(found, vec![said.clone(), said], "in pieces of {piece}");
        }
    }

    #[test]
    fn no_bytes_make_it_stumble_or_grow() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut decoder = Decoder::default();
        for _ in 0..20_000 {
            let byte = if random.bool() { PREAMBLE[random.usize(..5)] } else { random.u8(..) };
            decoder.push(&[byte]);
            while decoder.next().is_some() {}
            assert!(decoder.0.len() <= PREAMBLE.len() + 2 + LENGTH_MAX);
        }
    }
}
