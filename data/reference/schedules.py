"""Part E's schedules from their formulas, in float64 and without libraries: writes schedules.csv.

    python3 schedules.py > schedules.csv
"""

from math import cos, exp, pi, sqrt

STEPS = (24, 50, 1000)


def linear(steps, start=1e-4, end=0.02):
    return [start + (end - start) * t / (steps - 1) for t in range(steps)]


def scaled_linear(steps, start=0.00085, end=0.012):
    return [root**2 for root in linear(steps, sqrt(start), sqrt(end))]


def cosine(steps):
    """Nichol & Dhariwal 2021, equation 17."""
    f = [cos((t / steps + 0.008) / 1.008 * pi / 2) ** 2 for t in range(steps + 1)]
    return [min(1 - f[t + 1] / f[t], 0.999) for t in range(steps)]


def sigmoid(steps, start=1e-4, end=0.02):
    x = [-6 + 12 * t / (steps - 1) for t in range(steps)]
    return [start + (end - start) / (1 + exp(-x)) for x in x]


def alpha_bar(betas):
    product, products = 1.0, []
    for beta in betas:
        product *= 1 - beta
        products.append(product)
    return products


def zero_snr(betas):
    """Lin et al. 2023, algorithm 1."""
    factors = [sqrt(product) for product in alpha_bar(betas)]
    first, last = factors[0], factors[-1]
    factors = [(factor - last) * first / (first - last) for factor in factors]
    products = [factor**2 for factor in factors]
    return [1 - products[0]] + [1 - after / before for before, after in zip(products, products[1:])]


def shown(steps):
    """All timesteps of a few, and of many both ends and some between them."""
    return [t for t in range(steps) if steps <= 50 or t < 5 or t >= steps - 5 or t % 37 == 0]


if __name__ == "__main__":
    print("schedule,steps,zero_snr,t,beta,alpha_bar")
    for schedule in (linear, scaled_linear, cosine, sigmoid):
        for steps in STEPS:
            for is_mended in (False, True):
                betas = schedule(steps)
                if is_mended:
                    betas = zero_snr(betas)
                products = alpha_bar(betas)
                for t in shown(steps):
                    values = (betas[t], products[t])
                    print(schedule.__name__, steps, int(is_mended), t, *map(repr, values), sep=",")
