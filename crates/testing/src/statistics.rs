//! Statistics that judge noise.

/// The Kolmogorov–Smirnov distance of a sample from N(0, 1): the largest difference
/// between the sample's distribution function and the normal one.
///
/// For `n` values that really are from N(0, 1), it is above `1.95 / sqrt(n)` once in a
/// thousand samples.
pub fn distance_from_normal(sample: &[f32]) -> f64 {
    let sample = sorted(sample);
    let n = sample.len() as f64;
    let distance = |(rank, &value): (usize, &f32)| {
        let expected = normal_distribution(value.into());
        (expected - rank as f64 / n).abs().max((expected - (rank + 1) as f64 / n).abs())
    };
    sample.iter().enumerate().map(distance).fold(0.0, f64::max)
}

/// The Kolmogorov–Smirnov distance of two samples: the largest difference between their
/// distribution functions.
///
/// For two samples of `n` independent values of the same distribution, it is above
/// `1.95 * sqrt(2 / n)` once in a thousand pairs.
pub fn distance_of_samples(one: &[f32], other: &[f32]) -> f64 {
    let (one, other) = (sorted(one), sorted(other));
    let (mut i, mut j) = (0, 0);
    let mut distance = 0.0_f64;
    while i < one.len() && j < other.len() {
        let value = one[i].min(other[j]);
        i += one[i..].iter().take_while(|&&x| x <= value).count();
        j += other[j..].iter().take_while(|&&x| x <= value).count();
        let difference = i as f64 / one.len() as f64 - j as f64 / other.len() as f64;
        distance = distance.max(difference.abs());
    }
    distance
}

/// The correlation of two samples of the same length, from -1 to 1.
///
/// For `n` independent pairs it is normal with standard deviation `1 / sqrt(n)`.
pub fn correlation(pairs: impl Iterator<Item = (f32, f32)> + Clone) -> f64 {
    let n = pairs.clone().count() as f64;
    let mean_of = |term: &dyn Fn(f64, f64) -> f64| {
        pairs.clone().map(|(x, y)| term(x.into(), y.into())).sum::<f64>() / n
    };
    let (mean_x, mean_y) = (mean_of(&|x, _| x), mean_of(&|_, y| y));
    let covariance = mean_of(&|x, y| (x - mean_x) * (y - mean_y));
    let variance_x = mean_of(&|x, _| (x - mean_x).powi(2));
    let variance_y = mean_of(&|_, y| (y - mean_y).powi(2));
    covariance / (variance_x * variance_y).sqrt()
}

/// The probability that a standard normal value is at most `x`.
fn normal_distribution(x: f64) -> f64 {
    (1.0 + libm::erf(x / std::f64::consts::SQRT_2)) / 2.0
}

fn sorted(sample: &[f32]) -> Vec<f32> {
    let mut sample = sample.to_vec();
    sample.sort_unstable_by(f32::total_cmp);
    sample
}
