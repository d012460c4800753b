"""Runs the book's Python on values from stdin: a name and numbers a line. Prints results likewise."""

import sys

import torch
from lists import read, show

given = read()
if sys.argv[1] == "torch":
    import forward_process as book

    # The Rust's noise in the place of PyTorch's, so that values can be compared.
    torch.randn_like = lambda x: given["noise"].reshape(x.shape)
    show("normalize", book.normalize(given["pixels"]))
    show("denormalize", book.denormalize(given["x"]))
    show("part_a", book.part_a(given["x"], 0.5, 0.1))
    show("part_b", book.part_b(given["x"], 0.3))
    ours = book.NoiseScheduler(24, 1e-4, 0.6)
    show("jump", ours.add_noise(given["x"], 11))
    papers = book.NoiseScheduler(1000, 1e-4, 0.02)
    show("alpha_bar", papers.alpha_bar)
    show("first_noise", (1 - papers.alpha_bar[0]).sqrt())
    tiny = book.NoiseScheduler(1, 1e-8, 1e-8)
    show("first_noise_too_small", (1 - tiny.alpha_bar[0]).sqrt())
    show("std", given["x"].std())
    # A network that guesses nothing loses the mean square of the noise.
    points = given["x"].reshape(-1, 2)
    show("loss", book.loss(lambda x_t, t: torch.zeros_like(x_t), ours, points))
    # One that hands back its input loses more, and how much depends on the timesteps drawn.
    torch.manual_seed(0)
    drawn = torch.randint(0, 24, (len(points),))
    torch.manual_seed(0)
    show("loss_of_x_t", book.loss(lambda x_t, t: x_t, ours, points))
    show("drawn", drawn)
else:
    import forward_process_with_diffusers as book

    for t in given["t"].long():
        show(f"jump_{t}", book.jump(given["x"], given["noise"], t[None]))
