"""Noise: what is known of it, how much of it the data carry, and how to draw it."""

from invdeconv.noise._affine import estimate_noise_variance
from invdeconv.noise._estimate import estimate_noise_std, generator, white_noise, windowed
from invdeconv.noise._gaussian import Gaussian
from invdeconv.noise._laplace import Laplace, without_outliers
from invdeconv.noise._poisson import Poisson, expected_divergence

__all__ = [
    "Gaussian",
    "Laplace",
    "Poisson",
    "estimate_noise_std",
    "estimate_noise_variance",
    "expected_divergence",
    "generator",
    "white_noise",
    "windowed",
    "without_outliers",
]
