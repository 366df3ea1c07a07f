"""What the world did: y = C x."""

from invdeconv.operators._check import check_operator
from invdeconv.operators._differences import Differences, laplacian
from invdeconv.operators._extension import BOUNDARIES, Extension
from invdeconv.operators._linear_operator import Batched, Identity, LinearOperator, Stacked
from invdeconv.operators._output_of_kernel import OutputOfKernel
from invdeconv.operators._regularizers import REGULARIZERS, regularizer_for
from invdeconv.operators.convolution import Convolution
from invdeconv.operators.decomposition import Decomposition, decompose

__all__ = [
    "BOUNDARIES",
    "REGULARIZERS",
    "Batched",
    "Convolution",
    "Decomposition",
    "Differences",
    "Extension",
    "Identity",
    "LinearOperator",
    "OutputOfKernel",
    "Stacked",
    "check_operator",
    "decompose",
    "laplacian",
    "regularizer_for",
]
