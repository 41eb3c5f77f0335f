//! How wide a text is, so that a drawing can be made around it without a font.

/// The widths of Verdana's printable ASCII at 11 pixels, in hundredths of a pixel, from the space on.
const ASCII: [u16; 95] = [
    387, 433, 505, 900, 699, 1184, 799, 295, 500, 500, 699, 900, 400, 500, 400, 500, // space to /
    699, 699, 699, 699, 699, 699, 699, 699, 699, 699, // digits
    500, 500, 900, 900, 900, 600, 1100, // : to @
    752, 754, 768, 848, 696, 632, 853, 827, 463, 500, 762, 612, 927, // A to M
    823, 866, 663, 866, 765, 752, 678, 805, 752, 1088, 754, 677, 754, // N to Z
    500, 500, 500, 900, 699, 699, // [ to `
    661, 685, 573, 685, 655, 387, 685, 696, 302, 379, 651, 302, 1070, // a to m
    696, 668, 685, 685, 469, 573, 433, 696, 651, 900, 651, 651, 578, // n to z
    698, 500, 698, 900, // { to ~
];

/// The size that the table is for, in pixels.
const SIZE: f32 = 11.0;

/// The width of a text in Verdana of this size, in pixels; other fonts with its measures, such as
/// DejaVu Sans, are a few hundredths wider.
pub fn width(text: &str, size: f32) -> f32 {
    text.chars().map(|c| f32::from(hundredths(c))).sum::<f32>() / 100.0 * size / SIZE
}

fn hundredths(c: char) -> u16 {
    let code = u32::from(c);
    match code {
        0x20..=0x7e => ASCII[(code - 0x20) as usize],
        // Marks that stand above or below another character, and joiners.
        0x300..=0x36f | 0x483..=0x489 | 0x591..=0x5bd | 0x64b..=0x65f | 0x200b..=0x200d | 0xfe00..=0xfe0f => {
            0
        }
        // Latin, Greek and Cyrillic, Hebrew, Arabic.
        0xa0..=0x58f | 0x1e00..=0x1fff => 750,
        0x5be..=0x7bf => 700,
        0x2010..=0x206f => 700,
        // Anything else may be as wide as an ideograph.
        _ => 1100,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_verdana() {
        // As shields.io's own badges were measured.
        assert!((width("build", 11.0) - 27.0).abs() < 0.5, "{}", width("build", 11.0));
        assert!((width("passing", 11.0) - 41.0).abs() < 1.0, "{}", width("passing", 11.0));
        assert!((width("build", 22.0) - 2.0 * width("build", 11.0)).abs() < 0.01);
        assert!(width("日本", 11.0) > width("ab", 11.0));
        assert!(width("e\u{301}", 11.0) < width("ee", 11.0));
    }
}
