//! How good a network is, and how good it could be.

use diffusion_core::generator;
use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{DataError, Denoiser, ExactDenoiser, Prediction};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::{
    Data, HeldOut, LearnedDenoiser, Network, Parameters, Shape, Target,
};

use crate::{LABELLED, labelled_data, normal, scheduler, spiral};

/// Of normal data with a standard deviation s, the best guess of `x0` is off by the variance
/// s² b² / (a² s² + b²), and the loss of another target is as many times that as its weight says.
#[test]
fn of_normal_data_the_floor_has_a_closed_form() {
    let s = 0.6;
    let scheduler = scheduler(10);
    let data = Data::unlabelled(s * normal(1, 4000, &mut generator(0)));
    let s = f64::from(s);
    for target in [Target::Noise, Target::X0, Target::Velocity] {
        let held_out = HeldOut::draw(4000, &data, &scheduler, target, &mut generator(1));
        let floor = held_out.floor(&data).unwrap();
        // With less noise, the exact denoiser sees that there are 4,000 data and no more.
        for (t, loss) in floor.into_iter().enumerate().skip(2) {
            let (a, b) = scheduler.factors(t).unwrap();
            let of_x0 = s * s * b * b / (a * a * s * s + b * b);
            let expected = of_x0 * target.weight(scheduler.alpha_bar()[t]);
            assert!(
                (loss / expected - 1.0).abs() < 0.1,
                "{target:?}, t = {t}: {loss}, {expected}"
            );
        }
    }
}

/// Who always answers 0 is as far from the exact denoiser as its answers are from 0.
#[test]
fn what_could_be_learned_is_the_distance_from_the_exact_denoiser() {
    let (data, scheduler) = (labelled_data(40), scheduler(10));
    for target in [Target::Noise, Target::X0] {
        let held_out = HeldOut::draw(50, &data, &scheduler, target, &mut generator(5));
        let zeros = Network::with(LABELLED, Parameters::zeros(&LABELLED));
        let loss = held_out.losses(&zeros);
        let floor = held_out.floor(&data).unwrap();
        let excess = held_out.excess(&zeros, &data).unwrap();
        // Of what is no answer, only the average over many examples is 0.
        let difference = mean(&loss) - mean(&floor);
        assert!(
            (mean(&excess) / difference - 1.0).abs() < 0.1,
            "{excess:?} {difference}"
        );
        assert!(mean(&excess) > 0.1);
    }
}

/// A denoiser that moves the exact guess.
struct Moved<'a>(&'a ExactDenoiser, f32);

impl Denoiser for Moved<'_> {
    fn predict(&self, x: &DMatrix<f32>, t: usize) -> Result<Prediction, TimestepError> {
        Ok(Prediction::X0(self.0.mean_of_data(x, t)?.add_scalar(self.1)))
    }
}

#[test]
fn no_other_guess_is_below_the_floor() {
    let (data, scheduler) = (spiral(), scheduler(20));
    let held_out = HeldOut::draw(400, &data, &scheduler, Target::X0, &mut generator(2));
    let exact = ExactDenoiser::new(&data.x, scheduler.clone()).unwrap();
    let floor = held_out.floor(&data).unwrap();
    assert_eq!(held_out.losses_of(&exact).unwrap(), floor);
    // Moved to either side, it is off by the square of that more, in the mean of the two.
    let moved = |by: f32| held_out.losses_of(&Moved(&exact, by)).unwrap();
    for ((one, other), floor) in moved(-0.1).iter().zip(moved(0.1)).zip(&floor) {
        let more = (one + other) / 2.0 - floor;
        assert!((more - 0.01).abs() < 1e-5, "{more}");
    }
    let fewer = NoiseScheduler::from_betas(vec![0.1; 5]).unwrap();
    let fewer = ExactDenoiser::new(&data.x, fewer).unwrap();
    assert_eq!(held_out.losses_of(&fewer), Err(TimestepError { t: 5, steps: 5 }));
}

/// Two data, each with its label: whoever is told the label knows the datum.
#[test]
fn labels_lower_the_floor() {
    let scheduler = scheduler(10);
    let x = DMatrix::from_row_slice(1, 2, &[-0.2, 0.2]);
    let told = Data { x: x.clone(), labels: Some(vec![1, 4]) };
    let untold = Data::unlabelled(x);
    let floor = |data: &Data| {
        let held_out =
            HeldOut::draw(500, data, &scheduler, Target::X0, &mut generator(3));
        held_out.floor(data).unwrap()
    };
    assert!(floor(&told).iter().all(|&loss| loss < 1e-12));
    let expected = 0.04;
    assert!((floor(&untold)[9] / expected - 1.0).abs() < 0.1, "{:?}", floor(&untold));
    let none = Data::unlabelled(DMatrix::zeros(1, 0));
    let held_out = HeldOut::draw(1, &untold, &scheduler, Target::X0, &mut generator(3));
    assert_eq!(held_out.floor(&none), Err(DataError::Empty));
}

/// A network of zeros answers 0, and is off by all of the noise.
#[test]
fn the_loss_of_a_network_is_its_mean_squared_error() {
    let scheduler = scheduler(10);
    let data = labelled_data(50);
    let held_out =
        HeldOut::draw(2000, &data, &scheduler, Target::Noise, &mut generator(4));
    let zeros = Network::with(LABELLED, Parameters::zeros(&LABELLED));
    let losses = held_out.losses(&zeros);
    assert_eq!(losses.len(), 10);
    assert!(losses.iter().all(|loss| (loss - 1.0).abs() < 0.06), "{losses:?}");
    assert!((mean(&losses) - 1.0).abs() < 0.02);
    assert_eq!(mean(&[1.0, 2.0, 6.0]), 3.0);

    // It is the loss of the same network as a denoiser, if that is told no label either.
    let shape = Shape { labels: 0, ..LABELLED };
    let network = Network::new(shape, &mut generator(5));
    let unlabelled = Data::unlabelled(data.x);
    let held_out =
        HeldOut::draw(100, &unlabelled, &scheduler, Target::Noise, &mut generator(4));
    let denoiser = LearnedDenoiser {
        network: network.clone(),
        target: Target::Noise,
        scheduler,
        labels: vec![None],
        guidance: 1.0,
    };
    assert_eq!(held_out.losses(&network), held_out.losses_of(&denoiser).unwrap());
}
