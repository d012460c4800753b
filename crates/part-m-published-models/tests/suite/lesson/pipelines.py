"""Writes pipelines.csv beside this file: what diffusers' pipelines make of three small networks, state by state.

Needs torch and diffusers (written with 2.15 and 0.42.1), on any processor. Everything but the features of the time is
computed in float64. All numbers that go in are made of their names, by formula.py and by formula.rs. A line is the name of a network, of a pipeline, and of a state's number, and the state.
"""
import pathlib
import sys

import torch
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    HeunDiscreteScheduler,
    UNet2DModel,
)
from diffusers.schedulers import scheduling_ddpm

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[4] / "testing/src"))
from formula import config, noise, number

DDPM = dict(attention_head_dim=None, downsample_padding=0, flip_sin_to_cos=False, freq_shift=1, norm_eps=1e-6)
GREY = dict(in_channels=1, out_channels=1, sample_size=4)
NETWORKS = {
    "ddpm": (config([8, 16], "DA", "AD", **DDPM, **GREY), dict(variance_type="fixed_large")),
    "butterflies": (config([8, 16], "DA", "AD", **GREY), dict(beta_schedule="squaredcos_cap_v2")),
    "velocity": (config([8, 8], "AD", "DA", resnet_time_scale_shift="scale_shift", **GREY),
                 dict(prediction_type="v_prediction", timestep_spacing="trailing", steps_offset=1,
                      beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, clip_sample=False)),
}
STEPS = 10

lines = []
torch.set_grad_enabled(False)
for name, (options, settings) in NETWORKS.items():
    network = UNet2DModel(**options).double()
    for tensor, parameter in network.named_parameters():
        parameter.data.copy_(number(tensor, parameter.shape))

    def drawn(i):
        return 4 * noise(f"{name} {i}", 16).reshape(1, 1, 4, 4)

    # What a config doesn't say is the default of whichever class reads it, and DDPM's betas are not Heun's.
    own = DDPMScheduler(**dict(beta_start=0.0001, beta_end=0.02) | settings)
    trailing = dict(timestep_spacing="trailing")
    pipelines = {
        "ddpm": own,
        "ddim": DDIMScheduler.from_config(own.config),
        "ddim 7": DDIMScheduler.from_config(own.config, set_alpha_to_one=False),
        "dpm-solver++": DPMSolverMultistepScheduler.from_config(own.config, **trailing),
        "euler": EulerDiscreteScheduler.from_config(own.config, **trailing),
        "heun": HeunDiscreteScheduler.from_config(own.config, **trailing, clip_sample=False),
    }
    for pipeline, scheduler in pipelines.items():
        scheduler.set_timesteps(7 if pipeline == "ddim 7" else STEPS)
        count = iter(range(STEPS))
        scheduling_ddpm.randn_tensor = lambda *_, **__: drawn(next(count))
        x = drawn("x") * scheduler.init_noise_sigma
        for i, t in enumerate(scheduler.timesteps):
            # As a tensor: of a number of Python's, what is behind the point would be cut off.
            outputs = network(scheduler.scale_model_input(x, t), torch.as_tensor(t, dtype=torch.float64)).sample
            x = scheduler.step(outputs, t, x).prev_sample
            values = ",".join(f"{value:.7g}" for value in x.flatten().tolist())
            lines.append(f"{name},{pipeline},{i},{values}")
HERE.with_name("pipelines.csv").write_text("\n".join(lines) + "\n")
