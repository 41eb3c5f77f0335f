//! From drawings to pixels, for those who read no SVG.

use std::sync::{Arc, LazyLock};

use resvg::{tiny_skia, usvg};

/// The fonts of pictures, cut to the scripts that their texts may have.
static FONTS: LazyLock<Arc<usvg::fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = usvg::fontdb::Database::new();
    fonts.load_font_data(include_bytes!("../../assets/fonts/DejaVuSans.ttf").to_vec());
    fonts.load_font_data(include_bytes!("../../assets/fonts/DejaVuSans-Bold.ttf").to_vec());
    Arc::new(fonts)
});

/// The family that drawings name.
pub const FAMILY: &str = "DejaVu Sans";

/// Whether the fonts have a character, but for a few rare ones.
pub fn can_write(c: char) -> bool {
    matches!(
        u32::from(c),
        0x20..=0x7e
            | 0xa0..=0x24f
            | 0x370..=0x3ff
            | 0x400..=0x45f
            | 0x490..=0x491
            | 0x5d0..=0x5f4
            | 0x600..=0x6ff
            | 0x1e00..=0x1eff
            | 0x2010..=0x2026
            | 0x20ac
            | 0x2122
            | 0x2212
    )
}

/// A drawing as a PNG of this width in pixels. None if it is no drawing.
pub fn png(svg: &str, width: u32) -> Option<Vec<u8>> {
    let options =
        usvg::Options { font_family: FAMILY.to_owned(), fontdb: FONTS.clone(), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(svg, &options).ok()?;
    let size = tree.size().to_int_size().scale_to_width(width)?;
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height())?;
    let scale = tiny_skia::Transform::from_scale(
        size.width() as f32 / tree.size().width(),
        size.height() as f32 / tree.size().height(),
    );
    resvg::render(&tree, scale, &mut pixels.as_mut());
    pixels.encode_png().ok()
}

/// The most pixels of a picture that is written anew.
const MOST_PIXELS: u64 = 4 * 1024 * 1024;

/// A PNG written anew, so that nothing but its pixels is left of it. One that is no picture, or whose
/// pixels would fill the memory, is refused.
pub fn anew(png: &[u8]) -> Result<Vec<u8>, String> {
    // Its header comes first, and says how large it is (PNG, 5.3 and 11.2.1).
    let side = |at: usize| Some(u64::from(u32::from_be_bytes(png.get(at..at + 4)?.try_into().ok()?)));
    let pixels = side(16).zip(side(20)).and_then(|(width, height)| width.checked_mul(height));
    let small = pixels.is_some_and(|pixels| (1..=MOST_PIXELS).contains(&pixels));
    let picture = if small { tiny_skia::Pixmap::decode_png(png).ok() } else { None };
    let written = picture.and_then(|picture| picture.encode_png().ok());
    written.ok_or_else(|| format!("allowed is a PNG of at most {MOST_PIXELS} pixels"))
}

/// A PNG of at most 256 pixels a side as a Windows icon, which may hold one since Vista.
pub fn ico(png: &[u8], side: u8) -> Vec<u8> {
    const HEADER: u32 = 6 + 16;
    let mut icon = vec![0, 0, 1, 0, 1, 0, side, side, 0, 0, 1, 0, 32, 0];
    icon.extend(u32::try_from(png.len()).unwrap_or(u32::MAX).to_le_bytes());
    icon.extend(HEADER.to_le_bytes());
    icon.extend(png);
    icon
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_becomes_pixels() {
        let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#f00" d="M0 0h16v16H0z"/></svg>"##;
        let made = png(svg, 32).unwrap();
        assert!(made.starts_with(b"\x89PNG\r\n\x1a\n"));
        assert_eq!(made[16..24], [0, 0, 0, 32, 0, 0, 0, 32], "width and height of the header");
        let icon = ico(&made, 32);
        assert_eq!(icon[..8], [0, 0, 1, 0, 1, 0, 32, 32]);
        assert_eq!(&icon[22..], made);
        assert!(png("<svg", 32).is_none());
    }

    #[test]
    fn the_fonts_have_what_is_promised() {
        let face = FONTS.faces().find(|face| face.weight == usvg::fontdb::Weight::NORMAL).unwrap();
        assert_eq!(face.families[0].0, FAMILY);
        assert_eq!(FONTS.faces().count(), 2);
        assert!("Zürich ΑΩ Привет שלום مرحبا – €".chars().all(can_write));
        assert!(!"日本🔥".chars().any(can_write));
    }
}
