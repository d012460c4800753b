//! Does the page learn what the command learns, and draw what it draws?

use diffusion_core::{Picture, generator, points, randn_like};
use diffusion_live::{LearnedDigits, Learns, Page, PartH, PartHDigits, Refused};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine;
use part_f_the_way_back::{
    DdpmSampler, Denoiser, ExactDenoiser, NoiseLevel, PredictionType, Variance,
};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::{
    Data, EvaluationSet, LearnedDenoiser, NetworkConfig, ParameterSet, Training,
    TrainingConfig,
};

use crate::learned::learned;
use crate::{REFUSED, values};

/// The noise and the state after each step of sampling, as the command samples.
fn sampled(
    denoiser: &LearnedDenoiser,
    scheduler: &NoiseScheduler,
    samples: usize,
    seed: u64,
) -> Vec<DMatrix<f32>> {
    let scheduler = scheduler.clone();
    let mut rng = generator(seed);
    let values = denoiser.network().config().values;
    let mut states = vec![randn_like(&DMatrix::zeros(values, samples), &mut rng)];
    let sampler = DdpmSampler { scheduler, variance: Variance::BetaTilde, clip: true };
    for t in (0..sampler.scheduler.steps()).rev() {
        states.push(sampler.step(denoiser, states.last().unwrap(), t, &mut rng).unwrap());
    }
    states
}

#[test]
fn a_network_learns_as_in_part_h() {
    let (mut figure, mut page) = (PartH::default(), Page::default());
    let scheduler = cosine(8).unwrap();
    let mut rng = generator(points::SEED);
    let of_kinds = [
        points::spiral(60, &mut rng.clone()),
        points::moons(60, &mut rng.clone()),
        points::checkerboard(60, &mut rng),
    ];
    // From the lower left, along each row.
    let corners = [[-0.75, -0.75], [0.75, -0.75], [-0.75, 0.75], [0.75, 0.75]];
    let corners = DMatrix::from_iterator(2, 4, corners.into_iter().flatten());
    for (number, kind) in PredictionType::ALL.into_iter().enumerate() {
        // There is one prediction type more than there are kinds of data.
        let of_data = number % 3;
        let x = of_kinds[of_data].clone();
        figure.data(&mut page, of_data, 60, 8).unwrap();
        assert_eq!(page.numbers, values(&x));
        // The command clips predictions of x0 to [-1, 1] only for such data.
        assert!(x.amax() <= 1.1);
        let data = Data::unlabelled(x);
        let config = TrainingConfig {
            kind,
            updates: 30,
            batch: 70,
            learning_rate: 0.01,
            ..TrainingConfig::default()
        };
        let network_config = NetworkConfig {
            values: 2,
            fourier_features: true,
            steps: 8,
            labels: 0,
            hidden: 12,
            residual_layers: 2,
        };
        let mut training =
            Training::new(config, network_config, data.clone(), scheduler.clone(), 5)
                .unwrap();
        let count = training.network().parameters.count();
        figure.begin(&mut page, config, 12, 5).unwrap();
        let first = page.numbers[1];
        assert_eq!(page.numbers[0], count as f64);

        let rng = &mut generator(u64::MAX - 1);
        let levels = NoiseLevel::all(&scheduler);
        let evaluation = EvaluationSet::draw(12_800 / 8, &data, &levels, kind, rng);
        figure.optimal_loss(&mut page).unwrap();
        assert_eq!(page.numbers, [mean(&evaluation.optimal_loss(&data).unwrap())]);
        let optimal_loss = page.numbers[0];
        for update in 0..30 {
            let loss = training.update().unwrap();
            figure.update(&mut page, 1).unwrap();
            assert_eq!(page.numbers, [loss], "update {update}");
            assert!(update > 0 || loss == first, "the loss that was told of");
            if ![0, 17, 29].contains(&update) {
                continue;
            }
            figure.loss(&mut page).unwrap();
            assert_eq!(page.numbers, [mean(&evaluation.losses(training.ema()))]);
            assert!(page.numbers[0] > optimal_loss);
            let denoiser = LearnedDenoiser::unconditional(training.ema().clone(), kind);
            let exact = ExactDenoiser::new(&data.x).unwrap();
            for level in [levels[0], levels[7]] {
                let t = level.t as usize;
                figure.field(&mut page, t, 2, 0.75, false).unwrap();
                let predicted = exact.posterior_mean(&corners, level);
                assert_eq!(page.numbers, values(&predicted));
                figure.field(&mut page, t, 2, 0.75, true).unwrap();
                let predicted = denoiser.predict(&corners, level).unwrap();
                assert_eq!(page.numbers, values(&predicted.x0(&corners, level)));
            }
            figure.sample(&mut page, 40).unwrap();
            assert_eq!(page.numbers, [8.0]);
            let states = sampled(&denoiser, &scheduler, 40, 5);
            for (back, state) in states.iter().enumerate() {
                figure.samples(&mut page).unwrap();
                assert_eq!(page.numbers, values(state), "{back} steps back");
                if back < 8 {
                    figure.step(&mut page).unwrap();
                    assert_eq!(page.numbers, [7.0 - back as f64]);
                }
            }
            assert_eq!(figure.step(&mut page), REFUSED, "there is no step left");
        }
        assert_eq!(figure.update(&mut page, 1), REFUSED, "there is no update left");
    }
}

#[test]
fn what_cannot_be_learned_is_refused() {
    let (mut figure, mut page) = (PartH::default(), Page::default());
    let config = TrainingConfig { updates: 8, batch: 8, ..TrainingConfig::default() };
    assert_eq!(figure.begin(&mut page, config, 8, 0), REFUSED, "there are no data");
    for (kind, points, steps) in
        [(3, 50, 10), (0, 0, 10), (0, 2001, 10), (0, 50, 0), (0, 50, 129)]
    {
        assert_eq!(figure.data(&mut page, kind, points, steps), REFUSED);
    }
    figure.data(&mut page, 0, 50, 10).unwrap();
    assert_eq!(figure.update(&mut page, 1), REFUSED, "there is no network");
    assert_eq!(figure.optimal_loss(&mut page), REFUSED);
    assert_eq!(figure.sample(&mut page, 9), REFUSED);
    assert_eq!(figure.field(&mut page, 5, 4, 1.0, true), REFUSED);
    assert_eq!(figure.field(&mut page, 10, 4, 1.0, false), REFUSED, "no such timestep");
    assert_eq!(PartH::default().field(&mut page, 5, 4, 1.0, false), REFUSED);
    for hidden in [0, 257] {
        assert_eq!(figure.begin(&mut page, config, hidden, 0), REFUSED);
    }
    let with_rate = |learning_rate| TrainingConfig { learning_rate, ..config };
    for wrong in [
        TrainingConfig { batch: 0, ..config },
        TrainingConfig { batch: 513, ..config },
        TrainingConfig { updates: 0, ..config },
        TrainingConfig { updates: 10_001, ..config },
        with_rate(0.0),
        with_rate(-1.0),
        with_rate(f64::NAN),
        with_rate(f64::INFINITY),
    ] {
        assert_eq!(figure.begin(&mut page, wrong, 8, 0), REFUSED, "{wrong:?}");
    }
    figure.begin(&mut page, config, 8, 0).unwrap();
    assert_eq!(figure.loss(&mut page), REFUSED, "nothing to judge it by");
    assert_eq!(figure.step(&mut page), REFUSED, "no sampling has begun");
    assert_eq!(figure.samples(&mut page), REFUSED);
    assert_eq!(figure.sample(&mut page, 0), REFUSED);
    assert_eq!(figure.sample(&mut page, 2001), REFUSED);

    // Another network has no samples yet.
    figure.sample(&mut page, 9).unwrap();
    figure.begin(&mut page, config, 8, 0).unwrap();
    assert_eq!(figure.samples(&mut page), REFUSED);
    // So far that the loss is no number.
    figure.begin(&mut page, with_rate(1e39), 8, 0).unwrap();
    let ended = (0..8).find_map(|_| figure.update(&mut page, 1).err());
    assert_eq!(ended, Some(Refused::Explained));
    assert!(page.text.contains("is no number"), "{}", page.text);
}

#[test]
fn digits_are_drawn_as_in_part_h() {
    let LearnedDigits { network, kind, scheduler } = learned();
    let (mut figure, mut page) = (PartHDigits::default(), Page::default());
    figure.network(&learned().to_bytes()).unwrap();
    for (label, guidance) in [(7, 2.0), (3, 0.0), (10, 1.0)] {
        let labels = match label {
            10 => (0..10).map(Some).collect(),
            label => vec![Some(label)],
        };
        let denoiser =
            LearnedDenoiser::new(network.clone(), kind, labels, guidance).unwrap();
        figure.begin(&mut page, label, 5, 9).unwrap();
        figure.guide(&mut page, guidance).unwrap();
        assert_eq!(page.numbers, [6.0]);
        for (back, x) in sampled(&denoiser, &scheduler, 5, 9).iter().enumerate() {
            figure.sheet(&mut page, 0, 3).unwrap();
            // The last pixel of the last digit, and the line before it.
            let (width, height) = (3 * 9 - 1, 2 * 9 - 1);
            assert_eq!(page.frame.len(), 4 * width * height);
            let at = |column: usize, row: usize| {
                <[u8; 4]>::try_from(&page.frame[4 * (row * width + column)..][..4])
                    .unwrap()
            };
            let digit = DMatrix::from_fn(3, 64, |_, pixel| x[(pixel, 4)]);
            let picture = Picture { x: digit, width: 8, height: 8 };
            let pixels = picture.pixels_of(&picture.x);
            for (column, row, pixel) in pixels.enumerate_pixels() {
                let [red, green, blue] = pixel.0;
                let shown = at(9 + column as usize, 9 + row as usize);
                assert_eq!(shown, [red, green, blue, 255], "{back} steps back");
            }
            assert_eq!(at(8, 12), [24, 24, 24, 255]);
            assert_eq!(at(25, 16), [24, 24, 24, 255], "there is no sixth");
            let mut differences = Vec::new();
            for (one, other) in
                (0..5).flat_map(|one| (0..one).map(move |other| (one, other)))
            {
                let difference = x.column(one) - x.column(other);
                let square: f32 = difference.iter().map(|value| value * value).sum();
                differences.push(f64::from(square / 64.0).sqrt());
            }
            assert!((page.numbers[0] - mean(&differences)).abs() < 1e-6);
            if back < 6 {
                figure.advance(&mut page).unwrap();
                assert_eq!(page.numbers, [5.0 - back as f64]);
            }
        }
        assert_eq!(figure.advance(&mut page), REFUSED, "no step is left");
    }
    assert_eq!(figure.begin(&mut page, 11, 5, 0), REFUSED);
    assert_eq!(figure.begin(&mut page, 1, 1, 0), REFUSED, "nothing to differ from");
    assert_eq!(figure.begin(&mut page, 1, 101, 0), REFUSED);
    figure.begin(&mut page, 1, 5, 0).unwrap();
    assert_eq!(figure.advance(&mut page), REFUSED, "there is no scale");
    assert_eq!(figure.guide(&mut page, -0.5), REFUSED);
    assert_eq!(figure.guide(&mut page, f32::NAN), REFUSED);
    assert_eq!(figure.sheet(&mut page, 0, 3), REFUSED);
    figure.guide(&mut page, 1.0).unwrap();
    assert_eq!(figure.sheet(&mut page, 1, 3), REFUSED);
    assert_eq!(figure.sheet(&mut page, 0, 0), REFUSED);
    assert_eq!(figure.sheet(&mut page, 0, 101), REFUSED);
    figure.advance(&mut page).unwrap();
    assert_eq!(figure.guide(&mut page, 2.0), REFUSED, "the others are under way");
    figure.begin(&mut page, 1, 5, 0).unwrap();
    assert!((0..8).all(|scale| figure.guide(&mut page, scale as f32).is_ok()));
    assert_eq!(figure.guide(&mut page, 8.0), REFUSED, "more than the page waits for");
}

/// Side by side, each guidance scale makes what it makes alone, a step of each in turn.
#[test]
fn guidance_scales_side_by_side_are_as_each_alone() {
    const SCALES: [f32; 3] = [0.0, 1.0, 4.0];
    let LearnedDigits { network, kind, scheduler } = learned();
    let (mut figure, mut page) = (PartHDigits::default(), Page::default());
    figure.network(&learned().to_bytes()).unwrap();
    figure.begin(&mut page, 3, 4, 7).unwrap();
    SCALES.iter().for_each(|&scale| figure.guide(&mut page, scale).unwrap());
    for back in 1..=6 {
        for scale in 1..=3 {
            figure.advance(&mut page).unwrap();
            assert_eq!(page.numbers, [6.0 - (back - usize::from(scale < 3)) as f64]);
        }
        for (place, guidance) in SCALES.into_iter().enumerate() {
            let labels = vec![Some(3)];
            let denoiser =
                LearnedDenoiser::new(network.clone(), kind, labels, guidance).unwrap();
            let x = &sampled(&denoiser, &scheduler, 4, 7)[back];
            figure.sheet(&mut page, place, 4).unwrap();
            let picture = Picture {
                x: DMatrix::from_fn(3, 64, |_, pixel| x[(pixel, 0)]),
                width: 8,
                height: 8,
            };
            for (column, row, pixel) in picture.pixels_of(&picture.x).enumerate_pixels() {
                let place = row as usize * (4 * 9 - 1) + column as usize;
                let shown = &page.frame[4 * place..][..3];
                assert_eq!(shown, pixel.0, "{guidance}, {back} steps back");
            }
        }
    }
}

/// Whatever the bytes are, the page has no network, or one.
#[test]
fn bytes_that_are_no_network_are_refused() {
    let bytes = learned().to_bytes();
    let (mut figure, mut page) = (PartHDigits::default(), Page::default());
    assert_eq!(figure.begin(&mut page, 1, 5, 0), REFUSED);
    assert_eq!(figure.guide(&mut page, 1.0), REFUSED);
    assert_eq!(figure.advance(&mut page), REFUSED);
    assert_eq!(figure.sheet(&mut page, 0, 3), REFUSED);
    for length in [0, 3, 19, 20, 21, 67, 68, 69, bytes.len() - 4, bytes.len() - 1] {
        assert_eq!(figure.network(&bytes[..length]), REFUSED, "{length} bytes");
    }
    assert_eq!(figure.network(&[&bytes[..], &[0; 4]].concat()), REFUSED);
    for place in 0..5 {
        for number in [4, 3, 0, 1, 17, 1001, u32::MAX] {
            let mut changed = bytes.clone();
            changed[4 * place..][..4].copy_from_slice(&u32::to_le_bytes(number));
            let is_one = place == 0 && number < 4;
            assert_eq!(figure.network(&changed).is_ok(), is_one, "{place}: {number}");
        }
    }
    let mut changed = bytes.clone();
    changed[20..28].copy_from_slice(&2.0_f64.to_le_bytes());
    assert_eq!(figure.network(&changed), REFUSED, "a beta of 2");
    figure.network(&bytes).unwrap();
}
