"""The other meaning of the word: networks call Cᵀ, the transposed convolution, "deconvolution".

Layers of TensorFlow, Keras, PyTorch, JAX and ONNX as operators in their own layouts, so that every method
of this library takes them; the arithmetic of their shapes; pooling and upsampling; gradients.
"""

from invdeconv.neural import tf_nn
from invdeconv.neural._average_pool import average_pool
from invdeconv.neural._code_lines import FrameworkShapes
from invdeconv.neural._gradients import OutputOfKernel, kernel_gradient
from invdeconv.neural._jax import from_jax
from invdeconv.neural._keras import from_keras
from invdeconv.neural._layer import Layer
from invdeconv.neural._max_pool import MaxPooled, max_pool
from invdeconv.neural._max_unpool import best_unpooling_kernel, max_unpool
from invdeconv.neural._onnx import from_onnx
from invdeconv.neural._overlap import overlap_map, phase_gains
from invdeconv.neural._permuted import Permuted
from invdeconv.neural._recipe import Recipe, RecipeStep, literal_recipe_grid, recipe
from invdeconv.neural._selection import Selection
from invdeconv.neural._shapes import Shapes, shapes
from invdeconv.neural._tensorflow import from_tensorflow
from invdeconv.neural._torch import from_torch
from invdeconv.neural._upsampling import bilinear, nearest, pixel_shuffle, sub_pixel

__all__ = [
    "FrameworkShapes",
    "Layer",
    "MaxPooled",
    "OutputOfKernel",
    "Permuted",
    "Recipe",
    "RecipeStep",
    "Selection",
    "Shapes",
    "average_pool",
    "best_unpooling_kernel",
    "bilinear",
    "from_jax",
    "from_keras",
    "from_onnx",
    "from_tensorflow",
    "from_torch",
    "kernel_gradient",
    "literal_recipe_grid",
    "max_pool",
    "max_unpool",
    "nearest",
    "overlap_map",
    "phase_gains",
    "pixel_shuffle",
    "recipe",
    "shapes",
    "sub_pixel",
    "tf_nn",
]
