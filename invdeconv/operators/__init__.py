"""What the world did: y = C x."""

from invdeconv.operators._check import check_operator
from invdeconv.operators._diagonal import Diagonal, Samples
from invdeconv.operators._differences import Differences, laplacian
from invdeconv.operators._extension import BOUNDARIES, Extension
from invdeconv.operators._linear_operator import Batched, Identity, LinearOperator, Stacked
from invdeconv.operators._output_of_kernel import OutputOfKernel
from invdeconv.operators._regularizers import (
    REGULARIZERS,
    Regularizer,
    describe_regularizer,
    regularizer_for,
)
from invdeconv.operators._wavelets import Wavelets, wavelet_details
from invdeconv.operators.convolution import Convolution
from invdeconv.operators.decomposition import Decomposition, decompose

__all__ = [
    "BOUNDARIES",
    "REGULARIZERS",
    "Batched",
    "Convolution",
    "Decomposition",
    "Diagonal",
    "Differences",
    "Extension",
    "Identity",
    "LinearOperator",
    "OutputOfKernel",
    "Regularizer",
    "Samples",
    "Stacked",
    "Wavelets",
    "check_operator",
    "decompose",
    "describe_regularizer",
    "laplacian",
    "regularizer_for",
    "wavelet_details",
]
