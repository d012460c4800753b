"""Writes reference.csv beside this file: guesses of a local denoiser, computed by PyTorch in f64.

Needs torch. Photograph and state are made of whole numbers, so that both sides have the same. All patches are cut
out and compared, one with another: nothing is shared between them.
"""
import math
import pathlib

import torch
import torch.nn.functional as F

WIDTH, HEIGHT, STEPS = 11, 9, [0.01, 0.1, 0.3, 0.7]
byte = torch.arange(3 * WIDTH * HEIGHT).reshape(HEIGHT, WIDTH, 3).permute(2, 0, 1)
photo = (byte * byte * 7 + byte * 13) % 256 / 127.5 - 1
photo = photo.double()
noisy = ((byte * byte * 5 + byte * 29) % 193 / 64 - 1.5).double()


def patches(picture, side):
    return F.unfold(picture[None], side)[0].T


def views(side):
    """For each pixel, how far its patch goes within the picture in each direction."""
    y, x = torch.meshgrid(torch.arange(HEIGHT), torch.arange(WIDTH), indexing="ij")
    four = torch.stack([x, WIDTH - 1 - x, y, HEIGHT - 1 - y]).clamp(max=side // 2)
    return four.reshape(4, -1).T


lines = ["border,patch,t,pixel,red,green,blue"]
for border, mode in (("mirrored", "reflect"), ("wrapped", "circular"), ("seen", "constant")):
    for side in (1, 3, 7):
        reach = side // 2
        padded = F.pad(noisy[None], (reach,) * 4, mode=mode)[0]
        if border == "seen":
            known, middles = F.pad(photo, (reach,) * 4), photo
            alike = (views(side)[:, None] == views(side)[None]).all(2)
        else:
            known = photo
            middles = photo[:, reach:HEIGHT - reach, reach:WIDTH - reach]
            alike = torch.ones(1, dtype=torch.bool)
        alpha_bar = 1.0
        for t, beta in enumerate(STEPS):
            alpha_bar *= 1 - beta
            squares = torch.cdist(patches(padded, side), math.sqrt(alpha_bar) * patches(known, side),
                                  compute_mode="donot_use_mm_for_euclid_dist") ** 2
            weights = torch.softmax((-squares / (2 * (1 - alpha_bar))).masked_fill(~alike, -math.inf), 1)
            guess = weights @ middles.reshape(3, -1).T
            for pixel in range(0, WIDTH * HEIGHT, 7):
                cells = ",".join(f"{value:.15f}" for value in guess[pixel].tolist())
                lines.append(f"{border},{side},{t},{pixel},{cells}")
pathlib.Path(__file__).with_name("reference.csv").write_text("\n".join(lines) + "\n")
