"""Gradients of a convolution layer: Cᵀ for its input, the correlation with its input for its kernel."""

from __future__ import annotations

from invdeconv.arrays import Array
from invdeconv.operators import Convolution, OutputOfKernel

__all__ = ["OutputOfKernel", "kernel_gradient"]


def kernel_gradient(convolution: Convolution, data: Array, output_gradient: Array) -> Array:
    """Return the gradient of a loss with respect to a layer's kernel.

    The gradient with respect to its input is ``convolution.H(output_gradient)``.

    Parameters
    ----------
    convolution : Convolution
        The canonical form of the layer, ``layer.convolution``.
    data : array, shape ``convolution.input_shape``
        The layer's input.
    output_gradient : array, shape ``convolution.output_shape``
        Gradient of the loss with respect to the layer's output.

    Returns
    -------
    array, shape ``convolution.kernel.shape``

    Raises
    ------
    InvalidInputError
        As `OutputOfKernel`.
    """
    return OutputOfKernel(convolution, data).H(output_gradient)
