//! Is an output file either whole or untouched?

use std::fs;
use std::io;

use diffusion_cli::save::{self, Outputs, SaveError};
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

#[cfg(unix)]
#[test]
fn permissions_are_kept() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempdir().unwrap();
    let path = folder.path().join("ours.png");
    for mode in [0o600, 0o640, 0o777] {
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        save::picture(&RgbImage::new(1, 1), &path).unwrap();
        assert_ne!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
    }
}

#[test]
fn a_write_protected_file_is_not_replaced() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("old.png");
    fs::write(&path, "old").unwrap();
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let failed = save::picture(&RgbImage::new(1, 1), &path);
    assert!(matches!(failed, Err(SaveError::WriteProtected(_))));
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

#[cfg(unix)]
#[test]
fn links_are_written_through() {
    use std::os::unix::fs::symlink;
    let folder = tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("there")).unwrap();
    fs::write(at("there/old.png"), "old").unwrap();
    for (link, target) in [
        ("to-old.png", "there/old.png"),
        ("to-folder", "there"),
        ("twice.png", "to-old.png"),
    ] {
        symlink(target, at(link)).unwrap();
    }
    for (path, place) in [
        ("to-old.png", "there/old.png"),
        ("to-folder/third.png", "there/third.png"),
        ("twice.png", "there/old.png"),
    ] {
        save::picture(&RgbImage::new(1, 1), &at(path)).unwrap();
        assert_eq!(image::image_dimensions(at(place)).unwrap(), (1, 1), "{path}");
        assert!(!at(place).is_symlink());
    }
    for link in ["to-old.png", "to-folder", "twice.png"] {
        assert!(at(link).is_symlink(), "{link}");
    }
}

#[cfg(unix)]
#[test]
fn neither_a_socket_nor_a_circle_is_replaced() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    let folder = tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let _socket = std::os::unix::net::UnixListener::bind(at("socket.png")).unwrap();
    symlink("socket.png", at("link.png")).unwrap();
    symlink("circle.png", at("circle.png")).unwrap();
    let save = |name: &str| save::picture(&RgbImage::new(1, 1), &at(name));
    assert!(matches!(save("socket.png"), Err(SaveError::NotAFile(_))));
    assert!(matches!(save("link.png"), Err(SaveError::NotAFile(_))));
    assert!(matches!(save("circle.png"), Err(SaveError::Write { .. })));
    assert!(fs::metadata(at("socket.png")).unwrap().file_type().is_socket());
    assert!(at("link.png").is_symlink() && at("circle.png").is_symlink());
}

#[test]
fn files_get_their_places_together() {
    let folder = tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut outputs = Outputs::default();
    let one = outputs.reserve(&at("new/one")).unwrap();
    let other = outputs.reserve(&at("new/folders/other")).unwrap();
    outputs.write(one, |file| file.write_all(b"1")).unwrap();
    let failed = outputs.write(other, |_| Err(io::ErrorKind::StorageFull.into()));
    assert!(failed.is_err() && !at("new/one").exists());
    drop(outputs);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "no folders are left");

    let mut outputs = Outputs::default();
    for name in ["new/one", "new/folders/other"] {
        let file = outputs.reserve(&at(name)).unwrap();
        outputs.write(file, |file| file.write_all(name.as_bytes())).unwrap();
    }
    outputs.deliver().unwrap();
    assert_eq!(fs::read(at("new/one")).unwrap(), b"new/one");
    assert_eq!(fs::read_dir(at("new")).unwrap().count(), 2);
    assert_eq!(fs::read_dir(at("new/folders")).unwrap().count(), 1);
}

#[test]
fn many_may_write_to_the_same_place() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("new/folder/picture");
    std::thread::scope(|scope| {
        for writer in 0..8_u8 {
            let path = &path;
            scope.spawn(move || {
                for _ in 0..20 {
                    save::whole_file(path, |file| file.write_all(&[writer; 1000]))
                        .unwrap();
                }
            });
        }
    });
    let bytes = fs::read(&path).unwrap();
    assert!(bytes.len() == 1000 && bytes.iter().all(|byte| *byte == bytes[0]));
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn a_jpeg_has_limits() {
    let folder = tempdir().unwrap();
    let wide = RgbImage::new(65_536, 1);
    let jpeg = save::picture(&wide, &folder.path().join("wide.jpg"));
    assert!(matches!(jpeg, Err(SaveError::TooLargeForJpeg { width: 65_536, .. })));
    save::picture(&wide, &folder.path().join("wide.png")).unwrap();
}
