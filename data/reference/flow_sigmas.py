"""Sigmas of flow models as diffusers 0.42 has them: writes flow_sigmas.csv.

    python3 flow_sigmas.py > flow_sigmas.csv

It needs diffusers, torch and scipy. A case is a scheduler's config, and how its `set_timesteps` is called: with a number of steps, or
with sigmas, and with a mu where the shift is dynamic. That mu is given, or Flux' pipeline computes it of a number of tokens.
"""

import ast
import json
import warnings
from pathlib import Path

import diffusers
import numpy as np
from diffusers import schedulers

warnings.simplefilter("ignore")
diffusers.utils.logging.set_verbosity_error()

FLOWS = Path(__file__).parents[2] / "crates/part-e-schedules/tests/suite/configs/flows"
EULER = "FlowMatchEulerDiscreteScheduler"
HEUN = "FlowMatchHeunDiscreteScheduler"
DPM = "DPMSolverMultistepScheduler"
UNIPC = "UniPCMultistepScheduler"
SHIFTS = {"1/3": 1 / 3, "1": 1.0, "3": 3.0, "7": 7.0}
STEPS = (1, 2, 4, 10, 28, 50)
FLUX = {
    "shift": 3.0,
    "use_dynamic_shifting": True,
    "base_shift": 0.5,
    "max_shift": 1.15,
    "base_image_seq_len": 256,
    "max_image_seq_len": 4096,
}


def calculate_shift():
    """The function of that name in Flux' pipeline, which can't be imported without transformers."""
    source = (Path(diffusers.__file__).parent / "pipelines/flux/pipeline_flux.py").read_text()
    function = next(node for node in ast.parse(source).body if getattr(node, "name", "") == "calculate_shift")
    scope = {}
    exec(compile(ast.Module([function], []), "pipeline_flux.py", "exec"), scope)
    return scope["calculate_shift"]


def even(steps):
    """The sigmas that Flux' pipeline passes."""
    return np.linspace(1.0, 1 / steps, steps).tolist()


def cases():
    """The name of each case, its config and its call."""
    for name, shift in SHIFTS.items():
        for steps in STEPS:
            yield f"euler-{name}-{steps}", {"_class_name": EULER, "shift": shift}, {"steps": steps}
            yield f"euler-{name}-{steps}-given", {"_class_name": EULER, "shift": shift}, {"sigmas": even(steps)}
            yield f"heun-{name}-{steps}", {"_class_name": HEUN, "shift": shift}, {"steps": steps}
            for kind, solver in (("dpm", DPM), ("unipc", UNIPC)):
                yield f"{kind}-{name}-{steps}", {"_class_name": solver, "use_flow_sigmas": True, "flow_shift": shift}, {"steps": steps}
    own = [1.0, 0.9, 0.725, 0.4, 0.05]
    low = [0.6, 0.3, 0.1]
    for name, sigmas in (("own", own), ("low", low)):
        yield f"euler-{name}", {"_class_name": EULER, "shift": 3.0}, {"sigmas": sigmas}
        yield f"unipc-{name}", {"_class_name": UNIPC, "use_flow_sigmas": True, "flow_shift": 3.0}, {"sigmas": sigmas}
    for train_steps in (1, 20, 4000):
        few = {"num_train_timesteps": train_steps, "shift": 3.0}
        yield f"euler-of-{train_steps}", {"_class_name": EULER, **few}, {"steps": 1 if train_steps == 1 else 10}
        yield f"heun-of-{train_steps}", {"_class_name": HEUN, **few}, {"steps": 1 if train_steps == 1 else 10}
    for solver in (EULER, HEUN):
        yield f"{solver}-default", {"_class_name": solver}, {"steps": 5}
    for solver in (DPM, UNIPC):
        yield f"{solver}-default", {"_class_name": solver, "use_flow_sigmas": True}, {"steps": 5}
        few = {"use_flow_sigmas": True, "flow_shift": 5.0, "num_train_timesteps": 40}
        yield f"{solver}-of-40", {"_class_name": solver, **few}, {"steps": 10}
        last = {"use_flow_sigmas": True, "flow_shift": 3.0, "final_sigmas_type": "sigma_min"}
        yield f"{solver}-sigma-min", {"_class_name": solver, **last}, {"steps": 10}
        scaled = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
        yield f"{solver}-sigma-min-scaled", {"_class_name": solver, **last, **scaled}, {"steps": 10}
    for kind in ("exponential", "linear"):
        dynamic = {**FLUX, "time_shift_type": kind}
        for mu in (0.5, 1.0, 1.15, 3.0):
            call = {"mu": mu}
            yield f"{kind}-{mu}", {"_class_name": EULER, **dynamic}, {"steps": 10, **call}
            yield f"{kind}-{mu}-given", {"_class_name": EULER, **dynamic}, {"sigmas": even(10), **call}
    yield "exponential--1", {"_class_name": EULER, **FLUX}, {"steps": 10, "mu": -1.0}
    for tokens in (64, 256, 1024, 4096, 16384):
        yield f"tokens-{tokens}", {"_class_name": EULER, **FLUX}, {"sigmas": even(10), "tokens": tokens}
    other = {**FLUX, "base_shift": 0.95, "max_shift": 2.05, "base_image_seq_len": 1024}
    yield "tokens-ltx", {"_class_name": EULER, **other, "shift_terminal": 0.1}, {"sigmas": even(20), "tokens": 2000}
    dynamic = {"use_flow_sigmas": True, "use_dynamic_shifting": True}
    for solver in (DPM, UNIPC):
        for mu in (0.5, 1.15):
            yield f"{solver}-mu-{mu}", {"_class_name": solver, **dynamic}, {"steps": 10, "mu": mu}
    yield "unipc-linear", {"_class_name": UNIPC, **dynamic, "time_shift_type": "linear"}, {"steps": 10, "mu": 2.0}
    for terminal in (0.02, 0.1, 0.5):
        for steps in (2, 10):
            yield f"terminal-{terminal}-{steps}", {"_class_name": EULER, "shift": 3.0, "shift_terminal": terminal}, {"steps": steps}
            given = {"sigmas": even(steps)}
            yield f"terminal-{terminal}-{steps}-given", {"_class_name": EULER, "shift": 3.0, "shift_terminal": terminal}, given
        stretched = {"use_flow_sigmas": True, "flow_shift": 3.0, "shift_terminal": terminal}
        yield f"unipc-terminal-{terminal}", {"_class_name": UNIPC, **stretched}, {"steps": 10}
    yield "terminal-0", {"_class_name": EULER, "shift": 3.0, "shift_terminal": 0}, {"steps": 4}
    for spacing in ("karras", "exponential", "beta"):
        key = f"use_{spacing}_sigmas"
        for steps in (1, 2, 10, 50):
            yield f"{spacing}-{steps}", {"_class_name": EULER, "shift": 3.0, key: True}, {"steps": steps}
            yield f"{spacing}-{steps}-given", {"_class_name": EULER, "shift": 3.0, key: True}, {"sigmas": even(steps)}
        yield f"{spacing}-mu", {"_class_name": EULER, **FLUX, key: True}, {"sigmas": even(10), "mu": 1.15}
        yield f"{spacing}-terminal", {"_class_name": EULER, "shift": 3.0, "shift_terminal": 0.1, key: True}, {"steps": 10}
        # Keys that the class does not know, and goes by.
        ends = {"sigma_max": 0.98, "sigma_min": 0.02}
        yield f"{spacing}-ends", {"_class_name": EULER, "shift": 3.0, key: True, **ends}, {"steps": 10}
        yield f"{spacing}-inverted", {"_class_name": EULER, key: True, "invert_sigmas": True}, {"steps": 10}
    for name, shift in SHIFTS.items():
        yield f"inverted-{name}", {"_class_name": EULER, "shift": shift, "invert_sigmas": True}, {"steps": 10}
        yield f"inverted-{name}-given", {"_class_name": EULER, "shift": shift, "invert_sigmas": True}, {"sigmas": even(10)}
    calls = {
        "auraflow": {"steps": 50},
        "flux-dev": {"sigmas": even(28), "tokens": 4096},
        "lumina-2": {"sigmas": even(30)},
        "sana": {"steps": 20},
        "stable-diffusion-3": {"steps": 28},
        "wan-2.1": {"steps": 50},
    }
    for name, call in calls.items():
        yield name, json.loads((FLOWS / f"{name}.json").read_text()), call


def sigmas_and_timesteps(config, call):
    """What a scheduler says after its call."""
    scheduler = getattr(schedulers, config["_class_name"]).from_config(config)
    keywords = {} if call["mu"] is None else {"mu": call["mu"]}
    if call["sigmas"] is None:
        scheduler.set_timesteps(call["steps"], **keywords)
    else:
        # UniPC multiplies them, which it can't do with a list.
        scheduler.set_timesteps(sigmas=np.array(call["sigmas"]), **keywords)
    return scheduler.sigmas.tolist(), scheduler.timesteps.tolist()


def main():
    """Writes all cases."""
    mu_of_tokens = calculate_shift()
    print("case;config;steps;given;tokens;mu;sigmas;timesteps")
    for name, config, call in cases():
        call = {"steps": None, "sigmas": None, "tokens": None, "mu": None, **call}
        if call["tokens"] is not None:
            keys = ("base_image_seq_len", "max_image_seq_len", "base_shift", "max_shift")
            call["mu"] = mu_of_tokens(call["tokens"], *(config[key] for key in keys))
        sigmas, timesteps = sigmas_and_timesteps(config, call)
        given = " ".join(map(repr, call["sigmas"] or []))
        values = ["" if call[key] is None else repr(call[key]) for key in ("steps", "tokens", "mu")]
        # Nine digits are those of a float32.
        sigmas, timesteps = (" ".join(f"{value:.9g}" for value in values) for values in (sigmas, timesteps))
        print(name, json.dumps(config), values[0], given, *values[1:], sigmas, timesteps, sep=";")


if __name__ == "__main__":
    main()
