//! Real runs of the real command. Their transcripts are what the book shows.

diffusion_testing::command_tests! {
    program: "part-a-very-simple-diffusion",
    shown: [help, default_run],
    filmstrip: (2592, 512),
    csv: "--size 64 --steps 2 --csv",
    errors: [
        "--a nan",
        "--a -0.5",
        "--a 1e39",
        "--b inf",
        "--b -0.1",
        "--b little",
        "--steps 0",
        "--steps 10001",
        "--steps 2.5",
        "--a 1000 --steps 40",
        "--b",
        "--c 1",
    ],
}
