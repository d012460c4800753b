"""Flows of the book's Python, from the noise on stdin: a name and numbers a line. Prints the samples likewise."""

import flow as book
import torch
from lists import read, show

# What is compared is the method, and not how it rounds.
torch.set_default_dtype(torch.float64)
given = read()

# For normal data of the standard deviation 1/2.
def exact(x, t):
    a, b = 1 - t, t
    return (x - a * 0.25 / (a * a * 0.25 + b * b) * x) / t


def noise_of(alpha_bar):
    def noise(x, timestep):
        a, b = alpha_bar[timestep].sqrt(), (1 - alpha_bar[timestep]).sqrt()
        return b / (a * a * 0.25 + b * b) * x

    return noise


x, alpha_bar = given["x"], given["alpha_bar"]
show("samples", book.sample(exact, x, 10, 3.0))
show("loss", book.flow_loss(exact, given["x0"], x, torch.tensor(0.4)).reshape(1))
for name, t in [("early", 1.0), ("flow", 0.4), ("late", 0.002)]:
    show(name, book.flow_of_noise(noise_of(alpha_bar), alpha_bar)(x, torch.tensor(t)))
