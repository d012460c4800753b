//! The exact denoiser that sees what a network sees, against one that is written down.

use diffusion_core::picture::channels_first;
use diffusion_core::{Picture, generator};
use nalgebra::DMatrix;
use part_f_the_way_back::NoiseLevel;
use part_g_local_denoiser::{LocalDenoiser, PatchError};
use part_k_convolutions::border::counterpart;
use part_k_convolutions::crops::crop;
use part_k_convolutions::{NetworkConfig, Padding};

use super::{STEPS, config, level, normal, photo};

/// The pixel `[row, column]` of a picture, or nothing beyond its border.
fn pixel(picture: &Picture, place: [isize; 2], padding: Padding) -> Option<[f64; 3]> {
    let size = [picture.height as isize, picture.width as isize];
    let mut at = place;
    for (place, length) in at.iter_mut().zip(size) {
        match padding {
            Padding::Circular => *place = place.rem_euclid(length),
            _ if !(0..length).contains(place) => return None,
            _ => {}
        }
    }
    let column = picture.x.column((at[0] * size[1] + at[1]) as usize);
    Some([0, 1, 2].map(|colour| column[colour].into()))
}

/// The mean of the middles of all patches of `photo` that can be compared with that around
/// a pixel of `noisy`, each weighted by how likely it led to it. `photo` and `noisy` have
/// the same size only if the padding is zeros.
fn posterior_mean(
    photo: &Picture,
    noisy: &Picture,
    [row, column]: [usize; 2],
    reach: isize,
    at: NoiseLevel,
    padding: Padding,
) -> [f64; 3] {
    let (mut sums, mut weights) = ([0.0; 3], 0.0);
    for y in 0..photo.height as isize {
        'patch: for x in 0..photo.width as isize {
            let mut square = 0.0;
            for down in -reach..=reach {
                for right in -reach..=reach {
                    let clean = pixel(photo, [y + down, x + right], padding);
                    // With no padding, what is compared is inside in both.
                    let there = [row as isize + down, column as isize + right];
                    match (clean, pixel(noisy, there, padding)) {
                        (Some(clean), Some(noisy)) => {
                            for (clean, noisy) in clean.iter().zip(noisy) {
                                square += (noisy - at.a * clean).powi(2);
                            }
                        }
                        (None, None) if padding == Padding::Zeros => {}
                        _ => continue 'patch,
                    }
                }
            }
            let weight = (-square / (2.0 * at.b * at.b)).exp();
            let middle = pixel(photo, [y, x], padding).unwrap();
            sums.iter_mut().zip(middle).for_each(|(sum, value)| *sum += weight * value);
            weights += weight;
        }
    }
    sums.map(|sum| sum / weights)
}

fn check(denoiser: &LocalDenoiser, photo: &Picture, config: &NetworkConfig) {
    let [rows, columns] = config.size;
    let reach = config.layers;
    let noise = normal(3, rows * columns, &mut generator(1));
    for t in [3, 7, 9] {
        let at = level(t);
        let x = DMatrix::from_fn(3, rows * columns, |colour, pixel| {
            let (row, column) = (pixel / columns, pixel % columns);
            let (height, width) = (photo.height as usize, photo.width as usize);
            let clean = photo.x[(colour, row % height * width + column % width)];
            at.a as f32 * clean + at.b as f32 * noise[(colour, pixel)]
        });
        let means = denoiser.posterior_mean(&channels_first(&x), at);
        let noisy = Picture { x, width: columns as u32, height: rows as u32 };
        let inside =
            |place: usize, length: usize| (reach..length - reach).contains(&place);
        let mut compared = 0;
        for pixel in 0..rows * columns {
            let place = [pixel / columns, pixel % columns];
            if config.padding == Padding::None
                && !(inside(place[0], rows) && inside(place[1], columns))
            {
                continue;
            }
            let expected =
                posterior_mean(photo, &noisy, place, reach as isize, at, config.padding);
            for (colour, expected) in expected.into_iter().enumerate() {
                let ours = f64::from(means[colour * rows * columns + pixel]);
                assert!(
                    (ours - expected).abs() < 1e-4,
                    "{:?}, t = {t}, {place:?}: {ours}, not {expected}",
                    config.padding
                );
                compared += 1;
            }
        }
        assert!(compared > 0);
    }
}

/// All N patches of a tile, those that go round among them; also for pictures of another
/// size, and where a patch is larger than the tile.
#[test]
fn the_counterpart_of_circular_padding_knows_every_patch_of_the_tile() {
    for (layers, tile, size) in [
        (2, [8, 10], [8, 10]),
        (3, [8, 10], [11, 9]),
        (4, [5, 6], [5, 6]),
        (4, [3, 2], [6, 5]),
    ] {
        let (config, photo) = (config(Padding::Circular, layers, size), photo(tile));
        let denoiser = counterpart(&config, &photo).unwrap();
        check(&denoiser, &photo, &config);
        // The tile is in the middle.
        let (wide, [rows, columns]) = (denoiser.photo(), tile);
        let inside = crop(wide, [layers, layers], tile);
        assert_eq!(inside, photo);
        assert_eq!(wide.width as usize, columns + 2 * layers);
        assert_eq!(wide.height as usize, rows + 2 * layers);
        // Where there is nothing but noise, all of them count the same.
        let only_noise = NoiseLevel { t: STEPS as f64, a: 0.0, b: 1.0 };
        let noise = normal(3 * size[0] * size[1], 1, &mut generator(2));
        let means = denoiser.posterior_mean(&noise, only_noise);
        let mean = photo.x.row(1).mean();
        assert!((means[size[0] * size[1] + 3] - mean).abs() < 1e-5);
    }
}

/// Patches beside a border are compared with those beside the same one.
#[test]
fn the_counterpart_of_zeros_sees_the_border() {
    for layers in [2, 3] {
        let (config, photo) = (config(Padding::Zeros, layers, [8, 10]), photo([8, 10]));
        check(&counterpart(&config, &photo).unwrap(), &photo, &config);
    }
}

/// Patches that are inside, for pixels whose patch is.
#[test]
fn the_counterpart_of_no_padding_knows_patches_inside() {
    for (layers, photo_size, size) in [(2, [8, 10], [8, 10]), (3, [9, 8], [11, 9])] {
        let (config, photo) = (config(Padding::None, layers, size), photo(photo_size));
        check(&counterpart(&config, &photo).unwrap(), &photo, &config);
    }
}

#[test]
fn there_is_no_counterpart_without_patches() {
    let refused = |padding, size| {
        counterpart(&config(padding, 4, size), &photo([8, 12])).map(|_| ())
    };
    let too_large = Err(PatchError::TooLarge { patch: 9, size: [12, 8] });
    assert_eq!(refused(Padding::None, [12, 12]), too_large);
    assert!(matches!(
        refused(Padding::Zeros, [12, 12]),
        Err(PatchError::TooLarge { patch: 9, .. })
    ));
    // Where the borders are the same ones, a patch may see all of them.
    assert_eq!(refused(Padding::Zeros, [8, 12]), Ok(()));
    assert_eq!(refused(Padding::Circular, [12, 12]), Ok(()));
}
