//! Are data loaded as they are, and drawn where they are?

use std::fs;
use std::path::Path;

use diffusion_cli::load::{self, LoadError, TableError};
use diffusion_cli::plot::{scatter, sheet};
use image::{Rgb, RgbImage};
use nalgebra::DMatrix;
use tempfile::TempDir;

#[test]
fn digits_are_those_of_scikit_learn() {
    let digits = load::digits().unwrap();
    assert_eq!(digits.shape(), (64, 1797));
    let levels = digits.map(|value| (value + 1.0) * 8.0);
    assert!(levels.iter().all(|level| level.fract() == 0.0));
    assert_eq!((levels.min(), levels.max()), (0.0, 16.0));
    // What `load_digits().data[0]` and `data[-1]` begin with, and the sum of all.
    assert_eq!(levels.as_slice()[..8], [0.0, 0.0, 5.0, 13.0, 9.0, 1.0, 0.0, 0.0]);
    let last = levels.column(1796);
    assert_eq!(last.as_slice()[..8], [0.0, 0.0, 10.0, 14.0, 8.0, 1.0, 0.0, 0.0]);
    let sum: f64 = levels.iter().map(|&level| f64::from(level)).sum();
    assert_eq!(sum, 561_718.0);
}

#[test]
fn every_digit_has_a_label() {
    let labels = load::digit_labels().unwrap();
    assert_eq!(labels.len(), 1797);
    assert_eq!(labels[..12], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    let count = |digit: usize| labels.iter().filter(|&&label| label == digit).count();
    let counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180];
    assert_eq!([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(count), counts);
}

fn numbers(text: &[u8]) -> Result<DMatrix<f32>, TableError> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("table.csv");
    fs::write(&path, text).unwrap();
    match load::numbers(&path) {
        Ok(table) => Ok(table),
        Err(LoadError::Table(error)) => Err(error),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_line_of_numbers_is_a_column() {
    let expected = DMatrix::from_column_slice(2, 3, &[1.0, 2.0, -3.5, 0.25, 1e3, -0.0]);
    for text in [
        "1,2\n-3.5,.25\n1e3,-0\n",
        "x,y\r\n1 , 2\r\n\r\n-3.5,0.25\r\n1000,-0.0",
        "\u{feff}first value,second value\n1,2\n-3.5,0.25\n1e3,-0",
    ] {
        assert_eq!(numbers(text.as_bytes()).unwrap(), expected, "{text:?}");
    }
    assert_eq!(numbers(b"7").unwrap(), DMatrix::from_element(1, 1, 7.0));
}

#[test]
fn what_is_no_table_is_told_with_its_line() {
    let is = |text: &[u8], expected: fn(TableError) -> bool| {
        assert!(expected(numbers(text).unwrap_err()), "{text:?}");
    };
    is(b"", |error| matches!(error, TableError::Empty(_)));
    is(b"x,y\n\n", |error| matches!(error, TableError::Empty(_)));
    is(b"\xff1,2", |error| matches!(error, TableError::NotText(_)));
    is(b"\n1,2\n3", |error| {
        matches!(error, TableError::Ragged { line: 3, found: 1, expected: 2, .. })
    });
    for cell in ["inf", "-2e6", "nan", "", "1 2", "0x10"] {
        let error = numbers(format!("1,2\n3,{cell}").as_bytes()).unwrap_err();
        assert!(
            matches!(&error, TableError::NotANumber { line: 2, cell: told, .. } if told == cell),
            "{error}"
        );
    }
    // A name in a line with numbers is no name.
    let long = format!("1,2\n3,{}\u{1b}", "ä".repeat(500));
    let told = format!("line 2: '{}…' is not a number", "ä".repeat(120));
    assert!(numbers(long.as_bytes()).unwrap_err().to_string().contains(&told));
    is(b"x,2\n3,4", |error| matches!(error, TableError::NotANumber { line: 1, .. }));
    let missing = load::numbers(Path::new("missing.csv")).unwrap_err();
    assert!(matches!(missing, LoadError::Table(TableError::Read { .. })), "{missing}");
}

/// As Windows calls it.
#[test]
fn a_jfif_is_a_jpeg() {
    let folder = TempDir::new().unwrap();
    RgbImage::new(2, 2).save(folder.path().join("a.jpg")).unwrap();
    fs::rename(folder.path().join("a.jpg"), folder.path().join("a.JFIF")).unwrap();
    assert_eq!(load::pictures(folder.path(), None).unwrap().len(), 1);
}

#[test]
fn a_folder_is_its_pictures_by_name() {
    let folder = TempDir::new().unwrap();
    for (name, grey) in [("b.png", 1), ("a.png", 2), ("c.PNG", 3)] {
        RgbImage::from_pixel(3, 2, Rgb([grey; 3]))
            .save(folder.path().join(name))
            .unwrap();
    }
    fs::create_dir(folder.path().join("d.png")).unwrap();
    for name in ["notes.txt", "._a.png", ".DS_Store"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    let pictures = load::pictures(folder.path(), None).unwrap();
    let first = pictures.iter().map(|picture| picture.pixels_of(&picture.x)[(0, 0)][0]);
    assert_eq!(first.collect::<Vec<u8>>(), [2, 1, 3]);
    let small = load::pictures(folder.path(), Some(1)).unwrap();
    assert!(small.iter().all(|picture| (picture.width, picture.height) == (1, 1)));

    RgbImage::new(2, 3).save(folder.path().join("e.png")).unwrap();
    let error = load::pictures(folder.path(), None).unwrap_err();
    assert!(matches!(error, LoadError::OtherSize { expected: (3, 2), .. }), "{error}");
    assert!(load::pictures(folder.path(), Some(2)).is_ok());
    assert!(load::pictures(folder.path(), Some(1400)).is_ok());
    let error = load::pictures(folder.path(), Some(1500)).unwrap_err();
    assert!(matches!(error, LoadError::TooLargeForData(_)), "{error}");
    let error = load::picture_as_data(&load::mandrill(), Some(2900)).unwrap_err();
    assert!(matches!(error, LoadError::TooLargeForData(_)), "{error}");
    let empty = TempDir::new().unwrap();
    let error = load::pictures(empty.path(), None).unwrap_err();
    assert!(matches!(error, LoadError::NoPictures(_)), "{error}");
}

/// The places of pixels that are darker than the axes.
fn dark(pixels: &RgbImage) -> Vec<(u32, u32)> {
    let dark = pixels.enumerate_pixels().filter(|(.., pixel)| pixel[0] < 200);
    dark.map(|(x, y, _)| (x, y)).collect()
}

#[test]
fn points_are_drawn_where_they_are() {
    let one = |x: f32, y: f32| {
        dark(&scatter(&DMatrix::from_column_slice(2, 1, &[x, y]), 2.0, 100))
    };
    let square = |x, y| vec![(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)];
    let sorted = |mut places: Vec<(u32, u32)>| {
        places.sort_by_key(|&(x, y)| (y, x));
        places
    };
    assert_eq!(one(0.0, 0.0), sorted(square(49, 49)));
    assert_eq!(one(1.0, 0.0), sorted(square(74, 49)), "to the right");
    assert_eq!(one(0.0, 1.0), sorted(square(49, 24)), "up");
    for (x, y) in [(2.1, 0.0), (0.0, -2.1), (f32::NAN, 0.0), (0.0, f32::INFINITY)] {
        assert_eq!(one(x, y), [], "outside");
    }
    // Of one row, on the axis; of three, the third is not shown.
    let line = scatter(&DMatrix::from_element(1, 1, 1.0), 2.0, 100);
    assert_eq!(dark(&line), one(1.0, 0.0));
    let three = DMatrix::from_column_slice(3, 1, &[1.0, 0.0, 5.0]);
    assert_eq!(dark(&scatter(&three, 2.0, 100)), one(1.0, 0.0));
    // Where there are more, it is darker.
    let drawn = |count| scatter(&DMatrix::zeros(2, count), 2.0, 100)[(49, 49)][0];
    assert!(drawn(1) > drawn(2) && drawn(2) > drawn(3));
}

#[test]
fn a_sheet_has_a_line_between_its_pictures() {
    let picture = |grey: u8| RgbImage::from_pixel(2, 3, Rgb([grey; 3]));
    let pixels = sheet(&[picture(100), picture(150), picture(200)], 2, 2);
    assert_eq!(pixels.dimensions(), (9, 13));
    let at = |x, y| pixels[(x, y)][0];
    assert_eq!(
        [at(0, 0), at(3, 5), at(5, 0), at(8, 5), at(0, 7)],
        [100, 100, 150, 150, 200]
    );
    assert_eq!([at(4, 0), at(0, 6), at(5, 7)], [24; 3]);
}
