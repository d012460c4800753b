//! Does the page learn what the command learns, and draw what it draws?

mod learned;

use diffusion_core::{Picture, generator, points, randn_like};
use diffusion_live::{LearnedDigits, Page, Refused};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine;
use part_f_the_way_back::{DdpmSampler, NoiseLevel, PredictionType, Variance};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::{
    Data, EvaluationSet, LearnedDenoiser, NetworkConfig, Training, TrainingConfig,
};

use learned::learned;

const REFUSED: Result<(), Refused> = Err(Refused::OutOfRange);

fn values(x: &DMatrix<f32>) -> Vec<f64> {
    x.iter().map(|&value| f64::from(value)).collect()
}

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
    let mut live = Page::default();
    let scheduler = cosine(8).unwrap();
    let mut rng = generator(points::SEED);
    let of_kinds = [
        points::spiral(60, &mut rng.clone()),
        points::moons(60, &mut rng.clone()),
        points::checkerboard(60, &mut rng),
    ];
    for (number, kind) in (0..).zip(PredictionType::ALL) {
        // There is one prediction type more than there are kinds of data.
        let of_data = number % 3;
        let x = of_kinds[of_data as usize].clone();
        live.part_h_data(of_data, 60, 8).unwrap();
        assert_eq!(live.numbers, values(&x));
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
        live.part_h(number, 12, 70, 30, 0.01, 5).unwrap();
        let first = live.numbers[1];
        assert_eq!(live.numbers[0], count as f64);

        let rng = &mut generator(u64::MAX - 1);
        let levels = NoiseLevel::all(&scheduler);
        let evaluation = EvaluationSet::draw(12_800 / 8, &data, &levels, kind, rng);
        live.part_h_optimal_loss().unwrap();
        assert_eq!(live.numbers, [mean(&evaluation.optimal_loss(&data).unwrap())]);
        let optimal_loss = live.numbers[0];
        for update in 0..30 {
            let loss = training.update().unwrap();
            live.part_h_update().unwrap();
            assert_eq!(live.numbers, [loss], "update {update}");
            assert!(update > 0 || loss == first, "the loss that was told of");
            if ![0, 17, 29].contains(&update) {
                continue;
            }
            live.part_h_loss().unwrap();
            assert_eq!(live.numbers, [mean(&evaluation.losses(training.ema()))]);
            assert!(live.numbers[0] > optimal_loss);
            let denoiser = LearnedDenoiser::unconditional(training.ema().clone(), kind);
            live.part_h_sample(40).unwrap();
            assert_eq!(live.numbers, [8.0]);
            let states = sampled(&denoiser, &scheduler, 40, 5);
            for (back, state) in states.iter().enumerate() {
                live.part_h_samples().unwrap();
                assert_eq!(live.numbers, values(state), "{back} steps back");
                if back < 8 {
                    live.part_h_step().unwrap();
                    assert_eq!(live.numbers, [7.0 - back as f64]);
                }
            }
            assert_eq!(live.part_h_step(), REFUSED, "there is no step left");
        }
        assert_eq!(live.part_h_update(), REFUSED, "there is no update left");
    }
}

#[test]
fn what_cannot_be_learned_is_refused() {
    let mut live = Page::default();
    assert_eq!(live.part_h(0, 8, 8, 8, 0.01, 0), REFUSED, "there are no data");
    assert_eq!(live.part_h_data(3, 50, 10), REFUSED);
    assert_eq!(live.part_h_data(0, 0, 10), REFUSED);
    assert_eq!(live.part_h_data(0, 2001, 10), REFUSED);
    assert_eq!(live.part_h_data(0, 50, 0), REFUSED);
    assert_eq!(live.part_h_data(0, 50, 129), REFUSED);
    live.part_h_data(0, 50, 10).unwrap();
    assert_eq!(live.part_h_update(), REFUSED, "there is no network");
    assert_eq!(live.part_h_optimal_loss(), REFUSED);
    assert_eq!(live.part_h_sample(9), REFUSED);
    assert_eq!(live.part_h(4, 8, 8, 8, 0.01, 0), REFUSED);
    for hidden in [0, 257] {
        assert_eq!(live.part_h(0, hidden, 8, 8, 0.01, 0), REFUSED);
    }
    for batch in [0, 513] {
        assert_eq!(live.part_h(0, 8, batch, 8, 0.01, 0), REFUSED);
    }
    for updates in [0, 10_001] {
        assert_eq!(live.part_h(0, 8, 8, updates, 0.01, 0), REFUSED);
    }
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(live.part_h(0, 8, 8, 8, rate, 0), REFUSED);
    }
    live.part_h(0, 8, 8, 8, 0.01, 0).unwrap();
    assert_eq!(live.part_h_loss(), REFUSED, "nothing to judge it by");
    assert_eq!(live.part_h_step(), REFUSED, "no sampling has begun");
    assert_eq!(live.part_h_samples(), REFUSED);
    assert_eq!(live.part_h_sample(0), REFUSED);
    assert_eq!(live.part_h_sample(2001), REFUSED);

    // So far that the loss is no number.
    live.part_h(0, 8, 8, 8, 1e39, 0).unwrap();
    let ended = (0..8).find_map(|_| live.part_h_update().err());
    assert_eq!(ended, Some(Refused::Explained));
    assert!(live.text.contains("is no number"), "{}", live.text);
}

#[test]
fn digits_are_drawn_as_in_part_h() {
    let LearnedDigits { network, kind, scheduler } = learned();
    let mut live = Page::default();
    live.set_network(&learned().to_bytes()).unwrap();
    for (label, guidance) in [(7, 2.0), (3, 0.0), (10, 1.0)] {
        let labels = match label {
            10 => (0..10).map(Some).collect(),
            label => vec![Some(label as usize)],
        };
        let denoiser =
            LearnedDenoiser::new(network.clone(), kind, labels, guidance).unwrap();
        live.part_h_digits(label, guidance, 5, 9).unwrap();
        assert_eq!(live.numbers, [6.0]);
        for (back, x) in sampled(&denoiser, &scheduler, 5, 9).iter().enumerate() {
            live.part_h_digits_sheet(3).unwrap();
            // The last pixel of the last digit, and the line before it.
            let (width, height) = (3 * 9 - 1, 2 * 9 - 1);
            assert_eq!(live.frame.len(), 4 * width * height);
            let at = |column: usize, row: usize| {
                <[u8; 4]>::try_from(&live.frame[4 * (row * width + column)..][..4])
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
            assert!((live.numbers[0] - mean(&differences)).abs() < 1e-6);
            if back < 6 {
                live.part_h_digits_step().unwrap();
                assert_eq!(live.numbers, [5.0 - back as f64]);
            }
        }
        assert_eq!(live.part_h_digits_step(), REFUSED, "no step is left");
    }
    assert_eq!(live.part_h_digits(11, 1.0, 5, 0), REFUSED);
    assert_eq!(live.part_h_digits(1, -0.5, 5, 0), REFUSED);
    assert_eq!(live.part_h_digits(1, f32::NAN, 5, 0), REFUSED);
    assert_eq!(live.part_h_digits(1, 1.0, 1, 0), REFUSED, "nothing to differ from");
    assert_eq!(live.part_h_digits(1, 1.0, 101, 0), REFUSED);
    assert_eq!(live.part_h_digits_sheet(0), REFUSED);
    assert_eq!(live.part_h_digits_sheet(101), REFUSED);
}

/// Whatever the bytes are, the page has no network, or one.
#[test]
fn bytes_that_are_no_network_are_refused() {
    let bytes = learned().to_bytes();
    let mut live = Page::default();
    assert_eq!(live.part_h_digits(1, 1.0, 5, 0), REFUSED);
    assert_eq!(live.part_h_digits_step(), REFUSED);
    assert_eq!(live.part_h_digits_sheet(3), REFUSED);
    for length in [0, 3, 19, 20, 21, 67, 68, 69, bytes.len() - 4, bytes.len() - 1] {
        assert_eq!(live.set_network(&bytes[..length]), REFUSED, "{length} bytes");
    }
    assert_eq!(live.set_network(&[&bytes[..], &[0; 4]].concat()), REFUSED);
    for place in 0..5 {
        for number in [4, 3, 0, 1, 17, 1001, u32::MAX] {
            let mut changed = bytes.clone();
            changed[4 * place..][..4].copy_from_slice(&u32::to_le_bytes(number));
            let is_one = place == 0 && number < 4;
            assert_eq!(live.set_network(&changed).is_ok(), is_one, "{place}: {number}");
        }
    }
    let mut changed = bytes.clone();
    changed[20..28].copy_from_slice(&2.0_f64.to_le_bytes());
    assert_eq!(live.set_network(&changed), REFUSED, "a beta of 2");
    live.set_network(&bytes).unwrap();
}
