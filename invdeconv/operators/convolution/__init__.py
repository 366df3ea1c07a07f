"""Convolution: geometry, direct and Fourier engines, the operator."""

from invdeconv.operators.convolution._convolution import Convolution
from invdeconv.operators.convolution._geometry import Axis

__all__ = ["Axis", "Convolution"]
