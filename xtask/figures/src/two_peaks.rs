//! A density with two peaks in one dimension, and what a step of the forward process does
//! to it. Everything about it is known exactly, a step back among it.

use std::f64::consts::TAU;

use diffusion_core::mathematics::f64::exp;

/// Two normal densities of the same weight and the same variance, at `mean` and at
/// `-mean`.
#[derive(Clone, Copy, Debug)]
pub struct TwoPeaks {
    mean: f64,
    variance: f64,
}

impl TwoPeaks {
    /// The data: two narrow peaks, with a variance of 1 together.
    pub fn data() -> Self {
        TwoPeaks { mean: 0.9, variance: 1.0 - 0.9 * 0.9 }
    }

    /// What a step with this `beta` makes of it: each peak is one again, by the formula
    /// of part B.
    pub fn step(self, beta: f64) -> Self {
        let variance = (1.0 - beta) * self.variance + beta;
        TwoPeaks { mean: (1.0 - beta).sqrt() * self.mean, variance }
    }

    /// The density at `x`.
    pub fn density(self, x: f64) -> f64 {
        let peak = |mean| normal(x, mean, self.variance);
        (peak(self.mean) + peak(-self.mean)) / 2.0
    }

    /// The density before a step with this `beta`, when the value after it is `x_t`.
    ///
    /// By Bayes' rule it is proportional to the density before, times that of `x_t` given
    /// the value before. For each peak, both are normal, and so is their product.
    pub fn step_back(self, beta: f64, x_t: f64) -> StepBack {
        let a = (1.0 - beta).sqrt();
        let after = self.step(beta);
        let variance = 1.0 / (1.0 / self.variance + a * a / beta);
        let means = [self.mean, -self.mean]
            .map(|mean| variance * (mean / self.variance + a * x_t / beta));
        // How much more likely `x_t` comes from the upper peak than from the lower one.
        let odds = normal(x_t, after.mean, after.variance)
            / normal(x_t, -after.mean, after.variance);
        StepBack { upper: odds / (1.0 + odds), means, variance }
    }

    /// The part of the probability that the normal density that fits a step back has in
    /// another place than the step back itself, on average over the values after the
    /// step.
    pub fn mean_misfit(self, beta: f64) -> f64 {
        let after = self.step(beta);
        let misfit = |x_t| after.density(x_t) * self.step_back(beta, x_t).misfit();
        sum(-5.0, 5.0, 200, misfit)
    }
}

/// The density of the value before a step, given the one after it: two peaks of their
/// own.
#[derive(Clone, Copy, Debug)]
pub struct StepBack {
    /// The weight of the first of the two.
    upper: f64,
    means: [f64; 2],
    variance: f64,
}

impl StepBack {
    /// The density at `x`.
    pub fn density(self, x: f64) -> f64 {
        let [upper, lower] = self.means.map(|mean| normal(x, mean, self.variance));
        self.upper * upper + (1.0 - self.upper) * lower
    }

    /// The density at `x` of the normal distribution with the same mean and variance.
    pub fn as_normal(self, x: f64) -> f64 {
        let (mean, variance) = self.moments();
        normal(x, mean, variance)
    }

    fn moments(self) -> (f64, f64) {
        let [upper, lower] = self.means;
        let mean = self.upper * upper + (1.0 - self.upper) * lower;
        let between = self.upper * (1.0 - self.upper) * (upper - lower).powi(2);
        (mean, self.variance + between)
    }

    /// The part of the probability that the normal density has in another place.
    fn misfit(self) -> f64 {
        let (mean, variance) = self.moments();
        let reach = 7.0 * variance.sqrt();
        let difference = |x| (self.density(x) - self.as_normal(x)).abs() / 2.0;
        sum(mean - reach, mean + reach, 400, difference)
    }
}

fn normal(x: f64, mean: f64, variance: f64) -> f64 {
    exp(-(x - mean).powi(2) / (2.0 * variance)) / (TAU * variance).sqrt()
}

/// The integral of a function that is nearly 0 at both ends.
fn sum(from: f64, to: f64, pieces: u32, function: impl Fn(f64) -> f64) -> f64 {
    let width = (to - from) / f64::from(pieces);
    let at = |piece| function(from + (f64::from(piece) + 0.5) * width);
    width * (0..pieces).map(at).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bayes' rule as it is written down, without what is known of normal densities.
    #[test]
    fn a_step_back_is_what_bayes_rule_says() {
        let data = TwoPeaks::data();
        for (beta, x_t) in [(0.02_f64, 0.2), (0.6, 0.2), (0.3, -1.1)] {
            let given = |x: f64| normal(x_t, (1.0 - beta).sqrt() * x, beta);
            let joint = |x: f64| data.density(x) * given(x);
            let evidence = sum(-8.0, 8.0, 20_000, joint);
            assert!((evidence - data.step(beta).density(x_t)).abs() < 1e-9, "{beta}");
            let back = data.step_back(beta, x_t);
            for x in [-1.5, -0.4, 0.0, 0.3, 1.0] {
                let expected = joint(x) / evidence;
                assert!((back.density(x) - expected).abs() < 1e-9, "{beta}, {x}");
            }
            let mean = sum(-8.0, 8.0, 20_000, |x| x * back.density(x));
            let variance =
                sum(-8.0, 8.0, 20_000, |x| (x - mean).powi(2) * back.density(x));
            assert!((mean - back.moments().0).abs() < 1e-9);
            assert!((variance - back.moments().1).abs() < 1e-9);
        }
    }

    #[test]
    fn densities_have_all_of_the_probability() {
        let data = TwoPeaks::data();
        let back = data.step_back(0.6, 0.2);
        for total in [
            sum(-8.0, 8.0, 4000, |x| data.density(x)),
            sum(-8.0, 8.0, 4000, |x| data.step(0.6).density(x)),
            sum(-8.0, 8.0, 4000, |x| back.density(x)),
            sum(-8.0, 8.0, 4000, |x| back.as_normal(x)),
        ] {
            assert!((total - 1.0).abs() < 1e-9, "{total}");
        }
    }

    /// One peak has a normal step back, however large the step.
    #[test]
    fn only_where_there_are_two_peaks_nothing_normal_fits() {
        let one_peak = TwoPeaks { mean: 0.0, variance: 1.0 };
        assert!(one_peak.mean_misfit(0.6) < 1e-9);
        let misfits =
            [0.001, 0.02, 0.1, 0.6].map(|beta| TwoPeaks::data().mean_misfit(beta));
        assert!(misfits.windows(2).all(|pair| pair[0] < pair[1]), "{misfits:?}");
    }
}
