//! Is an output file either whole or untouched?

use std::fs;
use std::io;

use diffusion_run::save::{self, SaveError};
use image::{Rgb, RgbImage};
use tempfile::tempdir;

#[test]
fn endings_choose_the_format() {
    let folder = tempdir().unwrap();
    let pixels = RgbImage::from_pixel(3, 2, Rgb([10, 20, 30]));
    for (name, magic) in
        [("a.png", "\u{89}PNG"), ("b.JPG", "\u{FF}\u{D8}"), ("c.jpeg", "\u{FF}\u{D8}")]
    {
        let path = folder.path().join("new/folders").join(name);
        save::picture(&pixels, &path).unwrap();
        let magic: Vec<u8> = magic.chars().map(|c| c as u8).collect();
        assert!(fs::read(&path).unwrap().starts_with(&magic));
        assert_eq!(image::open(&path).unwrap().into_rgb8().dimensions(), (3, 2));
    }
    let png = image::open(folder.path().join("new/folders/a.png")).unwrap();
    assert_eq!(png.into_rgb8(), pixels);
    for name in ["d.gif", "e", ".png", "f.png.txt"] {
        let saved = save::picture(&pixels, &folder.path().join(name));
        assert!(matches!(saved, Err(SaveError::UnknownEnding(_))), "{name}");
    }
}

#[test]
fn a_failure_leaves_the_old_file_and_nothing_else() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("picture.png");
    fs::write(&path, "old").unwrap();
    let failed = save::whole_file(&path, |file| {
        file.write_all(&[0; 1 << 20])?;
        Err(io::ErrorKind::StorageFull.into())
    });
    assert!(matches!(failed, Err(SaveError::Write { .. })));
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no leftovers");
}

#[test]
fn a_folder_is_not_replaced() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("folder.png");
    fs::create_dir(&path).unwrap();
    let failed = save::picture(&RgbImage::new(1, 1), &path);
    assert!(matches!(failed, Err(SaveError::Folder(_))));
    assert!(path.is_dir());
}

#[cfg(unix)]
#[test]
fn a_saved_file_is_an_ordinary_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempdir().unwrap();
    let (ours, ordinary) =
        (folder.path().join("ours.png"), folder.path().join("ordinary"));
    save::picture(&RgbImage::new(1, 1), &ours).unwrap();
    fs::write(&ordinary, "").unwrap();
    let mode = |path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&ours), mode(&ordinary), "as the umask says");
}

#[test]
fn a_jpeg_has_limits() {
    let folder = tempdir().unwrap();
    let wide = RgbImage::new(65_536, 1);
    let jpeg = save::picture(&wide, &folder.path().join("wide.jpg"));
    assert!(matches!(jpeg, Err(SaveError::TooLargeForJpeg { width: 65_536, .. })));
    save::picture(&wide, &folder.path().join("wide.png")).unwrap();
}
