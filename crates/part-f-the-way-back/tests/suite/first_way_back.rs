//! Does the first way back lead to digits, and print what the book shows?

use diffusion_cli::load;
use diffusion_kernels::likelihoods::nearest;

#[allow(dead_code, reason = "the example's own main")]
#[path = "../../examples/first_way_back.rs"]
mod example;

#[test]
fn it_leads_to_digits() {
    let states = example::way_back(4).unwrap();
    let distances = nearest(&states[24], &load::digits().unwrap());
    assert!(distances.iter().all(|&distance| distance < 1e-3), "{distances:?}");
    let command = "$ cargo run -p part-f-the-way-back --example first_way_back";
    crate::command::hold(
        "first_way_back",
        format!("{command}\n{}", example::drawn(&states)),
    );
}
