"""Trains the book's network on the batches from stdin: a name and numbers a line. Prints what it has learned likewise."""

import learning as book
import torch
from lists import read, show

# What is compared is the method, and not how it rounds.
torch.set_default_dtype(torch.float64)
given = read()

values, steps, labels, hidden, residual_layers, updates, batch = given["sizes"].long().tolist()
network = book.Network(values, steps, labels, hidden, residual_layers)
for name, parameter in network.named_parameters():
    parameter.data = given[name].reshape(parameter.shape)

x, targets = (given[name].reshape(updates, batch, values) for name in ("x", "targets"))
t, labels = (given[name].long().reshape(updates, batch) for name in ("t", "labels"))
average = book.train(network, lambda batches=zip(x, t, labels, targets): next(batches), updates, given["peak"].item())
for prefix, learned in [("network", network), ("average", average)]:
    for name, parameter in learned.named_parameters():
        show(f"{prefix}.{name}", parameter)
