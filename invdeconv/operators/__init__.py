"""What the world did: y = C x."""

from invdeconv.operators._basis import Basis
from invdeconv.operators._check import check_operator
from invdeconv.operators._composites import Batched, Identity, Stacked
from invdeconv.operators._diagonal import Diagonal, Samples
from invdeconv.operators._differences import Differences, laplacian
from invdeconv.operators._extension import BOUNDARIES, Extension
from invdeconv.operators._golub_kahan import golub_kahan
from invdeconv.operators._krylov_decomposition import KrylovDecomposition, bidiagonalize, projected
from invdeconv.operators._linear_operator import LinearOperator
from invdeconv.operators._output_of_kernel import OutputOfKernel
from invdeconv.operators._regularizers import (
    REGULARIZERS,
    Regularizer,
    describe_regularizer,
    regularizer_for,
)
from invdeconv.operators._undecimated_wavelets import UndecimatedDetails
from invdeconv.operators._wavelets import Wavelets, wavelet_details
from invdeconv.operators.convolution import Convolution
from invdeconv.operators.decomposition import Decomposition, decompose

__all__ = [
    "BOUNDARIES",
    "REGULARIZERS",
    "Basis",
    "Batched",
    "Convolution",
    "Decomposition",
    "Diagonal",
    "Differences",
    "Extension",
    "Identity",
    "KrylovDecomposition",
    "LinearOperator",
    "OutputOfKernel",
    "Regularizer",
    "Samples",
    "Stacked",
    "UndecimatedDetails",
    "Wavelets",
    "bidiagonalize",
    "check_operator",
    "decompose",
    "describe_regularizer",
    "golub_kahan",
    "laplacian",
    "projected",
    "regularizer_for",
    "wavelet_details",
]
