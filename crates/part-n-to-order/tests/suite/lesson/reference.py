"""Writes reference.csv beside this file: what each method makes of two samples, written down independently.

Needs Python alone. Where noise would be drawn, there is a sine, so that the tests can draw the same. Derivatives are
taken by complex steps, and so know nothing of covariances. A line is a method and its two samples of three values.
"""
import cmath
import math
import pathlib

DATA = [(-0.8, 0.3, 0.5), (0.6, -0.4, 0.1), (0.2, 0.9, -0.7), (-0.1, -0.6, -0.3), (0.9, 0.5, 0.8)]
SPREAD = 0.2
SEEN, Y, NOISE = [0, 2], [0.35, -0.15], 0.25
LEVELS = [(math.sqrt(1 - b * b), b) for b in (0.98, 0.9, 0.75, 0.55, 0.35, 0.15)]
CLEAN = (1.0, 0.0)
SAMPLES = 2


class Noise:
    """Numbers that look like noise, one after the other."""

    def __init__(self):
        self.drawn = 0

    def draw(self, rows):
        """Of this many values for each sample."""
        values = [1.4 * math.sin(12.9898 * (self.drawn + i) + 1) for i in range(rows * SAMPLES)]
        self.drawn += rows * SAMPLES
        return [values[i * rows:(i + 1) * rows] for i in range(SAMPLES)]


def expected(x, level):
    """E[x0 | x] of a mixture of normal distributions. x may be complex."""
    a, b = level
    total = b * b + a * a * SPREAD * SPREAD
    logs = [-sum((u - a * m) ** 2 for u, m in zip(x, datum)) / (2 * total) for datum in DATA]
    largest = max(log.real if isinstance(log, complex) else log for log in logs)
    likely = [cmath.exp(log - largest) for log in logs]
    mean = [sum(w * datum[i] for w, datum in zip(likely, DATA)) / sum(likely) for i in range(3)]
    # The mean of a normal prior and a normal measurement of it, each by its precision.
    prior, of_state = 1 / SPREAD ** 2, a * a / (b * b)
    return [(prior * m + of_state * u / a) / (prior + of_state) for m, u in zip(mean, x)]


def real(values):
    return [value.real for value in values]


def gradient(function, x):
    h = 1e-30
    return [function([u + (1j * h if i == j else 0) for j, u in enumerate(x)]).imag / h for i in range(len(x))]


def ddim(x, x0, at, to, eta, noise):
    """Song, Meng & Ermon 2021, equations 12 and 16. Draws no noise if it adds none."""
    (a, b), (c, d) = at, to
    ratio = a / c
    std = eta * d / b * math.sqrt(b * b - ratio * ratio * d * d) if eta > 0 and d > 0 else 0.0
    kept = math.sqrt(max(d * d - std * std, 0.0))
    drawn = noise.draw(3) if std > 0 else [[0.0] * 3] * SAMPLES
    return [
        [c * m + kept * (u - a * m) / b + std * n for u, m, n in zip(*sample)] for sample in zip(x, x0, drawn)
    ]


def pairs(levels):
    return list(zip(levels, levels[1:] + [CLEAN]))


def predict(x, at):
    return [real(expected(sample, at)) for sample in x]


def put(x, at, noise):
    """What was seen, with as much noise as there is."""
    a, b = at
    drawn = noise.draw(len(SEEN)) if b > 0 else [[0.0] * len(SEEN)] * SAMPLES
    for sample, values in zip(x, drawn):
        for place, y, n in zip(SEEN, Y, values):
            sample[place] = a * y + b * n
    return x


def replacement(x, noise):
    for at, to in pairs(LEVELS):
        x = put(ddim(x, predict(x, at), at, to, 1.0, noise), to, noise)
    return x


def repaint(x, noise, resamplings=2, jump=2):
    """The paper's schedule, with one draw for a jump. Time counts the levels from the last, which is 0."""
    count = len(LEVELS)
    jumps = {t: resamplings - 1 for t in range(0, count - jump, jump)}
    level = lambda t: LEVELS[count - 1 - t] if t >= 0 else CLEAN
    t = count - 1
    while t >= 0:
        if jumps.get(t, 0) > 0:
            jumps[t] -= 1
            (a, b), (c, d) = level(t), level(t + jump)
            std = math.sqrt(d * d - (c / a * b) ** 2)
            x = [[c / a * u + std * n for u, n in zip(*sample)] for sample in zip(x, noise.draw(3))]
            t += jump
        else:
            x = put(ddim(x, predict(x, level(t)), level(t), level(t - 1), 1.0, noise), level(t - 1), noise)
            t -= 1
    return x


def dps(x, noise, scale, power):
    for at, to in pairs(LEVELS):
        def miss(sample):
            x0 = expected(sample, at)
            square = sum((y - x0[place]) ** 2 for place, y in zip(SEEN, Y))
            return square if power == 2 else cmath.sqrt(square)

        slopes = [gradient(miss, sample) for sample in x]
        x = ddim(x, predict(x, at), at, to, 1.0, noise)
        x = [[u - scale * slope for u, slope in zip(*sample)] for sample in zip(x, slopes)]
    return x


def pigdm(x, noise):
    for at, to in pairs(LEVELS):
        a, b = at
        variance = b * b / (a * a + b * b) + NOISE ** 2
        x0 = predict(x, at)
        guided = []
        for sample, mean in zip(x, x0):
            pull = {place: (y - mean[place]) / variance for place, y in zip(SEEN, Y)}
            score = gradient(lambda it: sum(pull[place] * expected(it, at)[place] for place in SEEN), sample)
            guided.append([m + b * b / a * s for m, s in zip(mean, score)])
        x = ddim(x, guided, at, to, 1.0, noise)
    return x


def ddrm(x, noise, eta=0.85, eta_b=1.0):
    """In x / a, where the variance explodes, as the paper has it."""
    for at, to in pairs(LEVELS):
        x0 = predict(x, at)
        if to == CLEAN:
            return x0
        sigma, before = to[1] / to[0], at[1] / at[0]
        unseen, seen = noise.draw(3), noise.draw(len(SEEN))
        states = []
        for sample, mean, n, of_seen in zip(x, x0, unseen, seen):
            state = [
                m + math.sqrt(1 - eta ** 2) * sigma * (u / at[0] - m) / before + eta * sigma * k
                for u, m, k in zip(sample, mean, n)
            ]
            for place, y, k in zip(SEEN, Y, of_seen):
                m = mean[place]
                if sigma < NOISE:
                    middle, std = m + math.sqrt(1 - eta ** 2) * sigma * (y - m) / NOISE, eta * sigma
                else:
                    middle, std = (1 - eta_b) * m + eta_b * y, math.sqrt(sigma ** 2 - (NOISE * eta_b) ** 2)
                state[place] = middle + std * k
            states.append([to[0] * u for u in state])
        x = states
    return x


def sdedit(picture, noise, levels):
    a, b = levels[0]
    x = [[a * u + b * n for u, n in zip(picture, drawn)] for drawn in noise.draw(3)]
    for at, to in pairs(levels):
        x = ddim(x, predict(x, at), at, to, 1.0, noise)
    return x


def inversion(pictures, noise):
    x = pictures
    rising = LEVELS[::-1]
    for at, to in zip(rising, rising[1:]):
        x = ddim(x, predict(x, at), at, to, 0.0, noise)
    return x


PICTURES = [[0.5, -0.2, 0.3], [-0.6, 0.1, 0.2]]


def made(method, *arguments):
    noise = Noise()
    return method(noise.draw(3), noise, *arguments)


RESULTS = {
    "replacement": made(replacement),
    "repaint": made(repaint),
    "dps": made(dps, 0.4, 1),
    "dps-square": made(dps, 0.4, 2),
    "pigdm": made(pigdm),
    "ddrm": made(ddrm),
    "sdedit": sdedit(PICTURES[0], Noise(), LEVELS[3:]),
    "inversion": inversion(PICTURES, Noise()),
}
lines = [",".join([name] + [f"{u:.12f}" for sample in x for u in sample]) for name, x in RESULTS.items()]
pathlib.Path(__file__).with_name("reference.csv").write_text("method,values\n" + "\n".join(lines) + "\n")
