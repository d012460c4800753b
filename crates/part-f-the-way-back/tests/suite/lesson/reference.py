"""Writes reference.csv beside this file: the way back for three data in the plane, in exact arithmetic.

Needs Python alone. The schedule has four steps, data and states are fractions, and what is no fraction (roots and
exponentials) is computed with fifty digits. So every digit of what it writes is right.
"""
import pathlib
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 50
BETA = [Fraction(1, 100), Fraction(1, 10), Fraction(3, 10), Fraction(7, 10)]
DATA = [(Fraction(-1), Fraction(1, 2)), (Fraction(1), Fraction(-1, 4)), (Fraction(1, 2), Fraction(1))]
STATES = [(Fraction(1, 4), Fraction(1, 2)), (Fraction(-2), Fraction(3, 4)), (Fraction(5, 4), Fraction(-3, 2))]


def decimal(fraction):
    return Decimal(fraction.numerator) / Decimal(fraction.denominator)


lines = ["t,x0_factor,x_t_factor,variance," + ",".join(f"guess_{s}_{v},mean_{s}_{v}" for s in range(3) for v in "xy")]
alpha_bar = Fraction(1)
for t, beta in enumerate(BETA):
    before, alpha_bar = alpha_bar, alpha_bar * (1 - beta)
    x0_factor = decimal(before).sqrt() * decimal(beta / (1 - alpha_bar))
    x_t_factor = decimal(1 - beta).sqrt() * decimal((1 - before) / (1 - alpha_bar))
    variance = decimal(beta * (1 - before) / (1 - alpha_bar))
    a = decimal(alpha_bar).sqrt()
    cells = [x0_factor, x_t_factor, variance]
    for state in STATES:
        weights = []
        for datum in DATA:
            square = sum((decimal(x) - a * decimal(m)) ** 2 for x, m in zip(state, datum))
            weights.append((-square / decimal(2 * (1 - alpha_bar))).exp())
        for value in range(2):
            guess = sum(w * decimal(m[value]) for w, m in zip(weights, DATA)) / sum(weights)
            cells += [guess, x0_factor * guess + x_t_factor * decimal(state[value])]
    lines.append(",".join([str(t)] + [f"{cell:.20f}" for cell in cells]))
pathlib.Path(__file__).with_name("reference.csv").write_text("\n".join(lines) + "\n")
