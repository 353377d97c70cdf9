//! Reads QR codes back from pictures, with a library that shares nothing with the one that draws them.

use crate::picture::Picture;

/// The texts of all QR codes in a picture, from the top. Dots of a slip are often one pixel each, so a
/// picture in which nothing is found is looked at once more at twice its size.
#[must_use]
pub fn read(picture: &Picture) -> Vec<String> {
    let found = read_once(picture);
    if found.is_empty() { read_once(&picture.scaled(2, 2)) } else { found }
}

fn read_once(picture: &Picture) -> Vec<String> {
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(picture.width as usize, picture.height as usize, |x, y| {
        picture.grey[y * picture.width as usize + x]
    });
    let mut grids = image.detect_grids();
    grids.sort_by_key(|grid| grid.bounds.iter().map(|corner| corner.y).min());
    grids.iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}

/// Draws a QR code with a quiet zone of four modules; each module is `module_dots` wide.
///
/// # Panics
/// When the text is too long for a QR code.
#[must_use]
pub fn draw(payload: &[u8], level: qrcode::EcLevel, module_dots: u32) -> Picture {
    const QUIET_MODULES: u32 = 4;
    let code = qrcode::QrCode::with_error_correction_level(payload, level).expect("a text that fits into a QR code");
    let width = u32::try_from(code.width()).expect("at most 177 modules");
    let mut picture = Picture::white(width + 2 * QUIET_MODULES, width + 2 * QUIET_MODULES);
    for (index, module) in code.to_colors().iter().enumerate() {
        if *module == qrcode::Color::Dark {
            let index = u32::try_from(index).expect("at most 177² modules");
            picture.darken(QUIET_MODULES + index % width, QUIET_MODULES + index / width, 0);
        }
    }
    picture.scaled(module_dots, module_dots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_back_from_a_larger_picture_in_their_order() {
        let mut slip = Picture::white(576, 900);
        slip.draw(&draw("http://127.0.0.1:8080/t/ABCD2345EFGH6722".as_bytes(), qrcode::EcLevel::M, 5), 150, 40);
        slip.draw(&draw("第二个：办事进度".as_bytes(), qrcode::EcLevel::L, 4), 100, 480);
        assert_eq!(read(&slip), ["http://127.0.0.1:8080/t/ABCD2345EFGH6722", "第二个：办事进度"]);
        assert!(read(&Picture::white(200, 200)).is_empty());
    }
}
