"""Samples with the book's Python from a folder and a noise on stdin, and prints the samples and their pixels; or, in no
steps, prints the outputs of the network."""

import published as book
import torch
from diffusers.utils import logging
from lists import read, show

logging.set_verbosity_error()
given = read()
folder = bytes(given["folder"].int().tolist()).decode()
unet, scheduler = book.load(folder)
noise = book.noise(unet, 2, 0)
assert noise.equal(book.noise(unet, 2, 0))
x = given["x"].reshape(noise.shape)
if not int(given["steps"]):
    with torch.no_grad():
        show("outputs", unet(x, given["t"]).sample)
else:
    x = book.sample(unet, scheduler, x, int(given["steps"]), given["labels"].long())
    show("samples", x)
    show("pixels", torch.tensor(book.pictures(x)).flatten())
