"""Samples with the book's Python, from the noise on stdin: a name and numbers a line. Prints the samples likewise."""

import sys

import torch

sys.path.insert(0, sys.argv[1])
import way_back as book

# What is compared is the method, and not how it rounds.
torch.set_default_dtype(torch.float64)
given = {}
for line in sys.stdin:
    name, *values = line.split()
    given[name] = torch.tensor([float(value) for value in values])

x = given["x"]
drawn = iter([*given["noise"].reshape(-1, len(x)), torch.zeros_like(x)])
torch.randn_like = lambda x: next(drawn)
for name, samples in [
    ("ddpm", book.sample(lambda x, t: 0.6 * x, given["beta"], x)),
    ("ddim", book.sample_with_ddim(lambda x, t: 0.6 * x, given["beta"], given["timesteps"].long(), x)),
]:
    print(name, *samples.tolist())
