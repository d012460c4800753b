"""Writes reference.csv and names.csv beside this file: what diffusers' UNet2DModel computes of small configs, the
gradients of its loss, and the names of all numbers of one network.

Needs torch and diffusers (written with 2.15 and 0.42.1), on any processor. Everything but the features of the time is
computed in float64. All numbers that go in are made of their names (formula.py, and formula.rs), so that what is
stored is what comes out: of each gradient, in the order of the names, its products with two vectors of such numbers.
"""
import logging
import pathlib
import sys

import torch
from diffusers import UNet2DModel

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[4] / "testing/src"))
from formula import config, noise, number

logging.disable(logging.WARNING)

GREY = dict(in_channels=1, out_channels=1)
DDPM = dict(attention_head_dim=None, downsample_padding=0, flip_sin_to_cos=False, freq_shift=1, norm_eps=1e-6)
CONFIGS = {
    "ddpm": config([8, 16, 16], "DAD", "DAD", layers_per_block=2, **DDPM),
    "butterflies": config([8, 16], "DA", "AD"),
    "grey": config([8, 16], "AA", "AA", in_channels=1, out_channels=1, layers_per_block=3, attention_head_dim=4),
    "labels": config([8, 8], "DD", "DD", num_class_embeds=4, center_input_sample=True, add_attention=False, norm_eps=0.01,
                     time_embedding_dim=20),
    "oblong": config([16, 8, 24], "DAD", "DDA", out_channels=6, sample_size=(4, 8)),
    "scale and shift": config([8, 16], "DA", "AD", resnet_time_scale_shift="scale_shift", mid_block_scale_factor=2.0,
                              norm_eps=0.01),
    "groups in the middle": config([8, 16], "DD", "DD", resnet_time_scale_shift="scale_shift", attn_norm_num_groups=2,
                                   in_channels=1, out_channels=1),
    "one level": config([8], "A", "D", sample_size=3, **GREY),
    "four levels": config([8, 8, 16, 12], "DADA", "DAAD", attention_head_dim=4, sample_size=16, **GREY),
    "padding below and cosines first": config([8, 12, 8], "DDA", "DAD", downsample_padding=0, freq_shift=1,
                                             sample_size=(16, 8), attention_head_dim=2, in_channels=1, out_channels=2),
    "many labels": config([8, 16], "DD", "AA", num_class_embeds=11, norm_eps=0.1, flip_sin_to_cos=False, sample_size=4,
                          **GREY),
    "one head and centered": config([8, 16], "AD", "DA", attention_head_dim=None, center_input_sample=True,
                                    norm_num_groups=2, sample_size=4, in_channels=2, out_channels=1),
    "labels that scale and shift": config([8, 8], "DA", "DD", resnet_time_scale_shift="scale_shift", num_class_embeds=5,
                                          time_embedding_dim=12, attn_norm_num_groups=8, add_attention=True,
                                          downsample_padding=0, sample_size=4, **GREY),
    "no attention in the middle": config([8, 16], "DA", "AD", add_attention=False, mid_block_scale_factor=1.5,
                                         freq_shift=1, layers_per_block=2, sample_size=4, **GREY),
    "a head for each channel": config([8, 8], "AD", "AA", attention_head_dim=1, norm_num_groups=1, time_embedding_dim=6,
                                      norm_eps=0.03, sample_size=(2, 6), in_channels=1, out_channels=1),
    "blocks to the next size": config([8, 16, 8], "RDR", "DRR", sample_size=(4, 8), **GREY),
    "attention and blocks to the next size": config([8, 8, 16], "DAR", "AAD", downsample_type="resnet",
                                                    upsample_type="resnet", **GREY),
    "blocks down and convolutions up": config([8, 16], "AD", "AD", downsample_type="resnet", sample_size=4,
                                              resnet_time_scale_shift="scale_shift", **GREY),
    "blocks up and convolutions down": config([8, 16], "AD", "AR", upsample_type="resnet", downsample_type=None,
                                              downsample_padding=0, mid_block_scale_factor=2.0, sample_size=4, **GREY),
    "no middle": config([8, 16], "DA", "AD", mid_block_type=None, sample_size=4, **GREY),
    "fourier": config([8, 16], "DD", "DD", time_embedding_type="fourier", sample_size=4, **GREY),
    "learned times": config([8, 16], "DD", "DD", time_embedding_type="learned", num_train_timesteps=20, sample_size=4,
                            **GREY),
    "labels as times": config([8, 8], "DD", "DD", class_embed_type="timestep", sample_size=4, **GREY),
    "fourier with labels": config([8, 8], "DD", "DD", class_embed_type="timestep", time_embedding_type="fourier",
                                  sample_size=4, **GREY),
    "learned times with labels": config([8, 8], "DD", "DD", class_embed_type="timestep", time_embedding_type="learned",
                                        num_train_timesteps=30, sample_size=4, **GREY),
    "given labels": config([8, 8], "DD", "DD", class_embed_type="identity", time_embedding_dim=12, sample_size=4,
                           **GREY),
}
# Two of the timesteps are also labels; only a network that learns them by heart needs whole ones.
TIMES, LEARNED_TIMES, PICTURES = [999, 17, 250.5], [19, 5, 2], 3

lines = []


def write(name, numbers):
    lines.append(",".join([name] + [f"{value:.7g}" for value in torch.as_tensor(numbers).flatten().tolist()]))


for name, options in CONFIGS.items():
    network = UNet2DModel(**options).double()
    for tensor, parameter in network.named_parameters():
        parameter.data.copy_(number(tensor, parameter.shape))
    size = options["sample_size"]
    size = size if isinstance(size, tuple) else (size, size)

    def pictures(name, channels):
        return 4 * noise(name, PICTURES * channels * size[0] * size[1]).reshape(PICTURES, channels, *size)

    count, kind = network.config.num_class_embeds, network.config.class_embed_type
    labels = torch.tensor([2, 0, count - 1]) if count else None
    if kind == "identity":
        labels = noise("labels", PICTURES * options["time_embedding_dim"]).reshape(PICTURES, -1)
    is_learned = network.config.time_embedding_type == "learned"
    exact = torch.int64 if is_learned else torch.float64
    times = torch.tensor(LEARNED_TIMES if is_learned else TIMES, dtype=exact)
    if kind == "timestep":
        labels = torch.tensor([2, 5, 7], dtype=exact)
        # The features of labels stay in 32 bits otherwise, which no layer here has.
        network.time_proj.register_forward_hook(lambda module, inputs, features: features.double())
    outputs = network(pictures("x", network.config.in_channels), times, class_labels=labels).sample
    loss = torch.nn.functional.mse_loss(outputs, pictures("targets", network.config.out_channels))
    loss.backward()
    write(name, outputs)
    write(name + ": loss", loss)
    products = []
    for tensor, parameter in sorted(network.named_parameters()):
        if not parameter.requires_grad:
            continue
        gradient = parameter.grad.flatten()
        products += [gradient @ noise(f"{which} {tensor}", len(gradient)) for which in ("one", "other")]
    write(name + ": gradient", torch.stack(products))
HERE.with_name("reference.csv").write_text("\n".join(lines) + "\n")

# The names and shapes of the grey network of 28 x 28.
network = UNet2DModel(
    sample_size=28, in_channels=1, out_channels=1, block_out_channels=[32, 64, 64],
    down_block_types=["DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"],
    up_block_types=["AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"])
names = [f"{name},{' '.join(map(str, tensor.shape))}" for name, tensor in network.state_dict().items()]
HERE.with_name("names.csv").write_text("\n".join(sorted(names)) + "\n")
