"""Writes reference.csv beside this file: a small network, its loss and its gradient by PyTorch, and what PyTorch's Adam,
its cosine schedule and a moving average make of numbers.

Needs torch (written with 2.15), on any processor. Everything is computed in float64, from weights and examples that
float32 holds exactly. A line is a name and numbers, a matrix row by row.
"""
import math
import pathlib

import torch

torch.set_default_dtype(torch.float64)
torch.manual_seed(0)
lines = []


def write(name, numbers):
    numbers = torch.as_tensor(numbers, dtype=torch.float64).detach().flatten().tolist()
    lines.append(",".join([name] + [f"{number:.17g}" for number in numbers]))


def drawn(*shape):
    return torch.randn(*shape).float().double()


# A network for points in the plane, with 10 timesteps, 3 labels, 6 hidden values and 2 residual layers.
D, STEPS, LABELS, HIDDEN, N = 2, 10, 3, 6, 70
FREQUENCIES = 2.0 ** torch.arange(8) / 2
TIME_FREQUENCIES = 2.0 ** (torch.arange(16) / 2)
layers = [torch.nn.Linear(a, b) for a, b in [(16 * D + 32, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, D)]]
embedding = torch.nn.Embedding(LABELS + 1, HIDDEN)
for module in [*layers, embedding]:
    for parameter in module.parameters():
        parameter.data = parameter.data.float().double()

x, answers = drawn(N, D), drawn(N, D)
t, labels = torch.randint(0, STEPS, (N,)), torch.randint(0, LABELS + 1, (N,))
position = (x[:, :, None] * FREQUENCIES).flatten(1)
time = t[:, None] / STEPS * TIME_FREQUENCIES
features = torch.cat([position.sin(), position.cos(), time.sin(), time.cos()], 1)
silu = torch.nn.functional.silu
hidden = silu(layers[0](features) + embedding(labels))
for layer in layers[1:-1]:
    hidden = hidden + silu(layer(hidden))
guesses = layers[-1](hidden)
loss = torch.nn.functional.mse_loss(guesses, answers)
loss.backward()

write("x", x)
write("t", t)
write("labels", labels)
write("answers", answers)
for i, layer in enumerate(layers):
    write(f"layers.{i}.weight", layer.weight)
    write(f"layers.{i}.bias", layer.bias)
    write(f"layers.{i}.weight.gradient", layer.weight.grad)
    write(f"layers.{i}.bias.gradient", layer.bias.grad)
write("labels.weight", embedding.weight)
write("labels.weight.gradient", embedding.weight.grad)
write("features", features[:4])
write("guesses", guesses)
write("loss", loss)

# 36 numbers after 100 updates of Adam, with a gradient that has a formula. Each has a slope of its own size.
COUNT, UPDATES = 36, 100
numbers = torch.nn.Parameter(torch.arange(COUNT) / 8.0)
optimizer = torch.optim.Adam([numbers], lr=0.01)
for update in range(UPDATES):
    k = torch.arange(COUNT)
    numbers.grad = ((7 * update + 13 * k) % 17 - 6.0) * 2.0 ** (k % 7 - 3.0)
    optimizer.step()
write("adam", numbers)

# The cosine schedule, and its warm-up over 100 updates: every tenth rate.
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(torch.optim.SGD([numbers], lr=0.5), T_max=400)
rates = []
for update in range(400):
    rates.append(schedule.get_last_lr()[0] * min((update + 1) / 100, 1))
    schedule.optimizer.step()
    schedule.step()
write("learning_rate", rates[::10])

# The average of the numbers 1, 2, ... 300, one at each update, with a decay of 0.95, from 7 on: every tenth.
model = torch.nn.Linear(1, 1, bias=False)
model.weight.data.fill_(7)
kept = lambda n: min(0.95, (1 + n) / (10 + n))
average = torch.optim.swa_utils.AveragedModel(
    model, avg_fn=lambda average, number, count: average + (1 - kept(int(count) - 1)) * (number - average))
average.update_parameters(model)
averages = []
for n in range(300):
    model.weight.data.fill_(n + 1)
    average.update_parameters(model)
    averages.append(average.module.weight.item())
write("average", averages[::10])

pathlib.Path(__file__).with_name("reference.csv").write_text("\n".join(lines) + "\n")
