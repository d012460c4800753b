//! The figures of parts F and G.

use diffusion_core::picture::{channels_first, pixels_first, square};
use diffusion_core::{Picture, generator, points, randn_like};
use diffusion_kernels::likelihoods::nearest;
use diffusion_live::{PartF, PartG, Refused};
use part_e_schedules::cosine;
use part_f_the_way_back::{DdpmSampler, Denoiser, ExactDenoiser, NoiseLevel, Variance};
use part_g_local_denoiser::{
    Border, LocalDenoiser, PatchSize, Pieces, step_without_noise,
};

use crate::{REFUSED, SIDE, page, picture, rgb, values};

#[test]
fn points_are_sampled_as_in_part_f() {
    let (mut figure, mut page) = (PartF::default(), page());
    let scheduler = cosine(20).unwrap();
    let mut rng = generator(points::SEED);
    let picture = Picture::from_pixels(&picture());
    let of_kinds = [
        points::of_picture(&picture, 50, &mut rng.clone()),
        points::spiral(50, &mut rng.clone()),
        points::moons(50, &mut rng.clone()),
        points::checkerboard(50, &mut rng),
    ];
    for (kind, data) in (0..).zip(of_kinds) {
        figure.begin(&mut page, kind, SIDE, 50, 20, 9).unwrap();
        assert_eq!(page.numbers, values(&data));
        let denoiser = ExactDenoiser::new(&data).unwrap();
        let sampler = DdpmSampler {
            scheduler: scheduler.clone(),
            variance: Variance::BetaTilde,
            clip: false,
        };
        let mut rng = generator(9);
        let mut x = randn_like(&data, &mut rng);
        for back in 0..=20 {
            figure.state(&mut page, back).unwrap();
            let alpha_bar =
                if back == 20 { 1.0 } else { scheduler.alpha_bar()[19 - back] };
            let distance = nearest(&x, &data).iter().sum::<f64>() / 50.0;
            assert_eq!(page.numbers[..2], [alpha_bar, distance]);
            assert_eq!(page.numbers[2..], values(&x), "{back} steps back");
            if back == 20 {
                break;
            }
            let t = 19 - back;
            figure
                .posterior_mean(&mut page, back, [f64::from(x[0]), f64::from(x[1])])
                .unwrap();
            let level = NoiseLevel::of_timestep(&scheduler, t).unwrap();
            let mean = denoiser.posterior_mean(&x.columns(0, 1).into_owned(), level);
            assert_eq!(page.numbers[..2], values(&mean)[..]);
            assert_eq!(page.numbers[3..], denoiser.weights(&[x[0], x[1]], level));
            figure.step().unwrap();
            x = sampler.step(&denoiser, &x, t, &mut rng).unwrap();
        }
    }
    figure.field(&mut page, 19, 3).unwrap();
    assert_eq!(page.numbers.len(), 4 * 9);
    assert_eq!(page.numbers[..2], [-1.5, -1.5]);

    assert_eq!(figure.step(), REFUSED, "there is no step left");
    assert_eq!(figure.state(&mut page, 21), REFUSED);
    assert_eq!(figure.field(&mut page, 20, 3), REFUSED, "samples have no timestep");
    assert_eq!(figure.posterior_mean(&mut page, 20, [0.0, 0.0]), REFUSED);
    assert_eq!(figure.field(&mut page, 19, 1), REFUSED);
    assert_eq!(figure.begin(&mut page, 4, SIDE, 50, 20, 9), REFUSED);
    assert_eq!(figure.begin(&mut page, 1, SIDE, 0, 20, 9), REFUSED);
    assert_eq!(figure.begin(&mut page, 1, SIDE, 2001, 20, 9), REFUSED);
    assert_eq!(figure.begin(&mut page, 1, SIDE, 50, 129, 9), REFUSED);
    assert_eq!(figure.begin(&mut page, 0, SIDE + 1, 50, 20, 9), Err(Refused::NoPicture));
    assert_eq!(PartF::default().step(), REFUSED);
    assert_eq!(PartF::default().state(&mut page, 0), REFUSED);
}

#[test]
fn pictures_grow_as_in_part_g() {
    const SMALL: u32 = 12;
    let (mut figure, mut page) = (PartG::default(), page());
    let small = square(&picture(), SMALL);
    page.set_square(small.clone().into_raw(), SMALL).unwrap();
    let photo = Picture::from_pixels(&small);
    let scheduler = cosine(6).unwrap();
    for patch in [0, 5] {
        let size = match patch {
            0 => PatchSize::Shrinking { side: 12 },
            patch => PatchSize::Fixed(patch),
        };
        let denoiser =
            LocalDenoiser::new(photo.clone(), [12, 12], size, Border::Seen).unwrap();
        figure.begin(&page, SMALL, patch, 6, 3).unwrap();
        let noise = randn_like(&photo.x, &mut generator(3));
        figure.state(&mut page).unwrap();
        assert_eq!(page.numbers, [scheduler.alpha_bar()[5]]);
        assert!(rgb(&mut page, 0) == photo.pixels_of(&noise).into_raw());
        let mut x = channels_first(&noise);
        for t in (0..6).rev() {
            let mut slices = 0;
            while slices == 0 || page.numbers[0] > t as f64 {
                figure.advance(&mut page).unwrap();
                slices += 1;
            }
            assert!(slices > 5, "a step is made in slices");
            let from = NoiseLevel::of_timestep(&scheduler, t).unwrap();
            let to = NoiseLevel::before_timestep(&scheduler, t).unwrap();
            let prediction = denoiser.predict(&x, from).unwrap();
            let mut comparison = denoiser.compare(x.as_slice(), from);
            comparison.finish();
            x = step_without_noise(prediction, &x, from, to);
            figure.state(&mut page).unwrap();
            let state = photo.pixels_of(&pixels_first(x.as_slice())).into_raw();
            assert!(rgb(&mut page, 0) == state, "t = {t}");
            let means = photo.pixels_of(&comparison.means()).into_raw();
            assert!(rgb(&mut page, 1) == means, "t = {t}");
            let alpha_bar = if t == 0 { 1.0 } else { scheduler.alpha_bar()[t - 1] };
            let pieces = Pieces::of(&comparison.nearest(), 12);
            let side = size.at(from.sigma());
            assert_eq!(page.numbers[..2], [alpha_bar, side as f64]);
            let counts = [pieces.sizes.len() as f64, pieces.largest() as f64];
            assert_eq!(page.numbers[3..], counts);
            // The first pixel comes from where its colour says.
            let [column, row] = comparison.nearest()[0];
            let map = rgb(&mut page, 2);
            let value = |place: usize| (255.0 * place as f64 / 11.0).round() as u8;
            assert_eq!(map[..2], [value(column), value(row)]);
        }
        assert_eq!(figure.advance(&mut page), REFUSED, "no step is left");
    }
    assert_eq!(figure.begin(&page, SMALL, 4, 6, 0), REFUSED, "an even patch");
    assert_eq!(figure.begin(&page, SMALL, 0, 0, 0), REFUSED);
    assert_eq!(figure.begin(&page, SMALL, 0, 65, 0), REFUSED);
    assert_eq!(figure.begin(&page, 65, 0, 6, 0), REFUSED);
    assert_eq!(figure.begin(&page, SMALL + 1, 0, 6, 0), Err(Refused::NoPicture));
    assert_eq!(PartG::default().state(&mut page), REFUSED);
    assert_eq!(PartG::default().advance(&mut page), REFUSED);
}
