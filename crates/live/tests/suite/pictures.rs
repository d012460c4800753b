//! Pictures, as all figures take them.

use diffusion_core::picture::square;
use diffusion_live::{Page, Refused};

use crate::rgb;

#[test]
fn a_picture_is_cropped_and_resized_as_the_command_does() {
    let wide = image::RgbaImage::from_fn(300, 200, |x, y| {
        image::Rgba([x as u8, y as u8, 9, 77])
    });
    let mut page = Page::default();
    page.set_picture(wide.clone().into_raw(), 300, 200, 64).unwrap();
    page.clean(64).unwrap();
    let expected = square(&image::DynamicImage::from(wide).into_rgb8(), 64);
    assert!(rgb(&mut page, 0) == expected.into_raw());
}

#[test]
fn what_is_no_picture_is_refused() {
    let mut page = Page::default();
    assert_eq!(page.set_square(vec![0; 11], 2), Err(Refused::NotAPicture));
    assert_eq!(page.set_picture(vec![0; 16], 3, 2, 8), Err(Refused::NotAPicture));
    assert_eq!(page.set_picture(vec![], 0, 0, 8), Err(Refused::NotAPicture));
}
