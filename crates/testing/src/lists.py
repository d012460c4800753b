"""The lists that a test in Rust hands over on stdin, a name and numbers a line, and those that it gets back."""

import sys

import torch


def read():
    lines = (line.split() for line in sys.stdin)
    return {name: torch.tensor([float(value) for value in values]) for name, *values in lines}


def show(name, values):
    print(name, *values.double().flatten().tolist())
