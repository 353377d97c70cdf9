//! The letters of papers: read once for as many papers as are made together.

use typst::foundations::Bytes;
use typst::text::Font;

/// Where Debian's package `fonts-noto-cjk` puts the two weights that papers use.
pub const DEBIAN_FONTS: [&str; 2] =
    ["/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc", "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc"];

/// The family that the templates name.
const FAMILY: &str = "Noto Serif CJK SC";

/// Fonts that were read. They take the bytes of their files; a copy shares them.
#[derive(Debug, Clone)]
pub struct Fonts(Vec<Font>);

impl Fonts {
    /// The faces that papers are written in, from the bytes of font files. A collection has faces
    /// for many countries, and to understand one takes as long as to lay out a paper.
    #[must_use]
    pub fn read(files: Vec<Vec<u8>>) -> Self {
        Self(files.into_iter().flat_map(faces).collect())
    }

    /// The characters of a text that none of the fonts can write, each once, in their order.
    #[must_use]
    pub fn lacking(&self, text: &str) -> Vec<char> {
        let faces: Vec<_> = self.0.iter().filter_map(|font| ttf_parser::Face::parse(font.data(), font.index()).ok()).collect();
        let is_written = |c: char| c.is_whitespace() || faces.iter().any(|face| face.glyph_index(c).is_some());
        let mut found: Vec<char> = Vec::new();
        for c in text.chars().filter(|c| !is_written(*c)) {
            if !found.contains(&c) {
                found.push(c);
            }
        }
        found
    }

    /// No letters: for what has none.
    pub(crate) fn none() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn all(&self) -> Vec<Font> {
        self.0.clone()
    }
}

fn faces(file: Vec<u8>) -> Vec<Font> {
    let count = ttf_parser::fonts_in_collection(&file).unwrap_or(1);
    let wanted: Vec<u32> = (0..count).filter(|index| is_of_papers(&file, *index)).collect();
    let bytes = Bytes::new(file);
    wanted.into_iter().filter_map(|index| Font::new(bytes.clone(), index)).collect()
}

fn is_of_papers(file: &[u8], index: u32) -> bool {
    let Ok(face) = ttf_parser::Face::parse(file, index) else { return false };
    face.names().into_iter().any(|name| name.name_id == ttf_parser::name_id::FAMILY && name.to_string().as_deref() == Some(FAMILY))
}
