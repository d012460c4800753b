//! Does a trajectory go step by step, and stay where it is when a step fails?

use diffusion_core::{Trajectory, generator, randn_like};
use nalgebra::DMatrix;

#[test]
fn each_state_is_made_from_the_one_before() {
    let start = DMatrix::from_element(2, 3, 1.0_f32);
    let mut trajectory = Trajectory::new(start.clone(), generator(0));
    let mut rng = generator(0);
    let mut expected = start;
    for t in 0..5 {
        assert_eq!((trajectory.t(), trajectory.x()), (t, &expected));
        expected = 0.5 * &expected + randn_like(&expected, &mut rng);
        assert_eq!(trajectory.step(|x, _, rng| 0.5 * x + randn_like(x, rng)), &expected);
    }
}

#[test]
fn a_step_that_fails_leaves_the_trajectory_as_it_was() {
    let mut trajectory = Trajectory::new(DMatrix::from_element(1, 1, 7.0), generator(0));
    trajectory.step(|x, _, _| 2.0 * x);
    assert_eq!(trajectory.try_step(|_, t, _| Err(t)), Err(1));
    assert_eq!((trajectory.t(), trajectory.x()[0]), (1, 14.0));
}
