"""Part E's schedules and configs as diffusers 0.42 has them: writes schedules_diffusers.csv.

    python3 schedules_diffusers.py > schedules_diffusers.csv

It needs diffusers, torch, torchsde and scipy. Each schedule is computed twice with diffusers' own code: as it is, in float32, and with
float64 in the place of float32.
"""

import json
import warnings
from pathlib import Path

import torch
from diffusers import schedulers

from schedules import STEPS, shown

warnings.simplefilter("ignore")
CONFIGS = Path(__file__).parents[2] / "crates/part-e-schedules/tests/suite/configs"
CLASSES = """DDIMInverse DDIMParallel DDIM DDPMParallel DDPM DEISMultistep DPMSolverMultistepInverse DPMSolverMultistep
DPMSolverSDE DPMSolverSinglestep EulerAncestralDiscrete EulerDiscrete HeunDiscrete KDPM2AncestralDiscrete KDPM2Discrete LCM LMSDiscrete
PNDM RePaint SASolver TCD UnCLIP UniPCMultistep""".split()


def cases():
    """The name of each case, and its config."""
    latent = {"beta_start": 0.00085, "beta_end": 0.012}
    kinds = [("linear", {}), ("scaled_linear", latent), ("squaredcos_cap_v2", {}), ("laplace", {}), ("sigmoid", {})]
    for kind, ends in kinds:
        for steps in STEPS:
            for is_mended in (False, True):
                yield (
                    f"{kind}-{steps}-{int(is_mended)}",
                    {
                        "_class_name": "DDPMScheduler",
                        "beta_schedule": kind,
                        "num_train_timesteps": steps,
                        "rescale_betas_zero_snr": is_mended,
                        **ends,
                    },
                )
    yield "exp-24", {"_class_name": "HeunDiscreteScheduler", "beta_schedule": "exp", "num_train_timesteps": 24}
    for name in CLASSES:
        yield name, {"_class_name": f"{name}Scheduler", "num_train_timesteps": 24}
        # Those that do not know the key go on without it.
        mended = {"_class_name": f"{name}Scheduler", "num_train_timesteps": 24, "rescale_betas_zero_snr": True}
        yield f"{name}-mended", mended
    for path in sorted(CONFIGS.glob("*.json")):
        yield path.name, json.loads(path.read_text())


def schedule(config):
    """The betas and the alpha_bars of a config's scheduler."""
    scheduler = getattr(schedulers, config["_class_name"]).from_config(config)
    return scheduler.betas.tolist(), scheduler.alphas_cumprod.tolist()


if __name__ == "__main__":
    all_cases = list(cases())
    in_f32 = [schedule(config) for _, config in all_cases]
    torch.float32 = torch.float64
    torch.set_default_dtype(torch.float64)
    in_f64 = [schedule(config) for _, config in all_cases]
    print("case;config;t;beta_f32;alpha_bar_f32;beta_f64;alpha_bar_f64")
    for (name, config), (beta32, bar32), (beta64, bar64) in zip(all_cases, in_f32, in_f64):
        # A file's config is in the file.
        text = "" if name.endswith(".json") else json.dumps(config)
        for t in shown(len(beta64)):
            values = (beta32[t], bar32[t], beta64[t], bar64[t])
            print(name, text if t == 0 else "", t, *map(repr, values), sep=";")
