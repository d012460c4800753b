"""Networks of random weights, which formula.rs makes of the same numbers."""

import numpy
import torch


def noise(name, count):
    """Numbers from -1/2 to 1/2, which float32 holds exactly: FNV-1a of the name, and SplitMix64 from there on."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * 0x100000001B3 % 2**64
    with numpy.errstate(over="ignore"):
        z = numpy.uint64(seed) + numpy.arange(1, count + 1, dtype=numpy.uint64) * numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        z = z ^ (z >> numpy.uint64(31))
    return torch.tensor((z >> numpy.uint64(40)).astype(numpy.float64) / 2**24 - 0.5)


def number(name, shape):
    """The numbers of a layer. Gains are about 1, biases about 0, and weights the smaller the more inputs there are."""
    values = noise(name, shape.numel()).reshape(shape)
    if "norm" in name and name.endswith("weight"):
        return 1 + values
    if len(shape) == 1 or name.startswith("class"):
        return values
    inputs = shape[1:].numel()
    # By the largest power of two that is not above the root.
    return values * 4 / 2 ** ((inputs.bit_length() - 1) // 2)


def config(widths, down, up, **others):
    return dict(
        block_out_channels=widths,
        down_block_types=[
            {"A": "AttnDownBlock2D", "D": "DownBlock2D", "R": "ResnetDownsampleBlock2D"}[letter] for letter in down],
        up_block_types=[
            {"A": "AttnUpBlock2D", "D": "UpBlock2D", "R": "ResnetUpsampleBlock2D"}[letter] for letter in up],
        norm_num_groups=4,
    ) | dict(sample_size=8, layers_per_block=1) | others
