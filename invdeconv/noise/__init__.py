"""Noise: what is known of it, how much of it the data carry, and how to draw it."""

from invdeconv.noise._estimate import estimate_noise_std, generator, white_noise, windowed
from invdeconv.noise._gaussian import Gaussian

__all__ = ["Gaussian", "estimate_noise_std", "generator", "white_noise", "windowed"]
