//! What rounding to 16 bits costs.

use part_h_learning_to_denoise::TrainableNetwork;

use super::judged::fraction_right;
use super::{
    DIGITS, Measured, asked_in_turn, evaluation, learned, losses, noise, sampled,
    scheduler, stored,
};
use part_f_the_way_back::NoiseLevel;

/// How many digits are compared.
const COMPARED: usize = 200;

/// Measures it: of 32 and of 16 bits the bytes, the loss, and how many digits are right;
/// and how far outputs and digits are apart.
pub fn measure(measured: &mut Measured) {
    let whole = learned::model();
    let names: Vec<String> = (0..10).map(|digit| digit.to_string()).collect();
    let unseen = evaluation(&DIGITS.held_out);
    let x = noise(COMPARED, 0);
    let middle = NoiseLevel::of_timestep(&scheduler(), 500).expect("it is one of them");
    let (mut outputs, mut samples) = (Vec::new(), Vec::new());
    let digits = DIGITS.held_out.x.columns(0, COMPARED);
    let labels_of_digits = DIGITS.held_out.labels.as_deref().expect("digits have labels");
    let labels_of_digits: Vec<Option<usize>> =
        labels_of_digits[..COMPARED].iter().copied().map(Some).collect();
    let state = digits * middle.a as f32 + &x * middle.b as f32;
    for (name, network, half) in
        [("whole", &whole.network, false), ("half", &stored().network, true)]
    {
        let files = whole.to_files(&names, half).expect("its numbers are small");
        let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).max().unwrap_or(0);
        let levels = vec![middle; COMPARED];
        outputs.push(network.outputs(&state, &levels, &labels_of_digits));
        let made = sampled(&asked_in_turn(network.clone()), x.clone());
        let loss = losses(&unseen, network)[0];
        measured
            .put(&format!("bits_{name}"), [bytes as f64, loss, fraction_right(&made)]);
        samples.push(made);
    }
    let apart = (&outputs[0] - &outputs[1]).amax() / outputs[0].amax();
    measured.put("bits_outputs_apart", [f64::from(apart)]);
    let apart = (&samples[0] - &samples[1]).abs();
    let mean = apart.iter().map(|&value| f64::from(value)).sum::<f64>();
    let most = f64::from(apart.amax());
    // In steps of a pixel of 256 values.
    measured.put("bits_samples_apart", [127.5 * mean / apart.len() as f64, 127.5 * most]);
}
