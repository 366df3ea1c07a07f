"""The other meaning of the word: networks call Cᵀ, the transposed convolution, "deconvolution".

Layers of TensorFlow, Keras, PyTorch, JAX and ONNX as operators in their own layouts, so that every method
of this library takes them.
"""

from invdeconv.neural import tf_nn
from invdeconv.neural._jax import from_jax
from invdeconv.neural._keras import from_keras
from invdeconv.neural._layer import Layer
from invdeconv.neural._onnx import from_onnx
from invdeconv.neural._permuted import Permuted
from invdeconv.neural._tensorflow import from_tensorflow
from invdeconv.neural._torch import from_torch

__all__ = [
    "Layer",
    "Permuted",
    "from_jax",
    "from_keras",
    "from_onnx",
    "from_tensorflow",
    "from_torch",
    "tf_nn",
]
