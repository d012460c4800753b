// Made by `cargo xtask live` of the crates' own lists: a title, and the command's name.
window.liveParts.Names = {
  data: [["Spiral","spiral"],["Moons","moons"],["Checkerboard","checkerboard"]],
  predictions: ["noise","x0","velocity","flow"],
  samplers: [["DDPM","ddpm"],["Euler ancestral","euler-ancestral"],["DDIM","ddim"],["Euler","euler"],["Heun","heun"],["DPM-Solver++","dpm-solver++"]],
  spacings: [["Leading","leading"],["Linspace","linspace"],["Trailing","trailing"],["Karras","karras"]],
  schedules: [["Linear","linear",[0.0001,0.02]],["Scaled linear","scaled-linear",[0.00085,0.012]],["Cosine","cosine",null],["Sigmoid","sigmoid",[0.0001,0.02]]],
};
