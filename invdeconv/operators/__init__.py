"""What the world did: y = C x."""

from invdeconv.operators._basis import Basis
from invdeconv.operators._check import check_operator
from invdeconv.operators._differences import Differences, laplacian
from invdeconv.operators._extension import BOUNDARIES, Extension
from invdeconv.operators._golub_kahan import golub_kahan
from invdeconv.operators._krylov_decomposition import KrylovDecomposition, bidiagonalize, projected
from invdeconv.operators._linear_operator import Batched, Identity, LinearOperator, Stacked
from invdeconv.operators._regularizers import REGULARIZERS, regularizer_for
from invdeconv.operators.convolution import Convolution
from invdeconv.operators.decomposition import Decomposition, decompose

__all__ = [
    "BOUNDARIES",
    "REGULARIZERS",
    "Basis",
    "Batched",
    "Convolution",
    "Decomposition",
    "Differences",
    "Extension",
    "Identity",
    "KrylovDecomposition",
    "LinearOperator",
    "Stacked",
    "bidiagonalize",
    "check_operator",
    "decompose",
    "golub_kahan",
    "laplacian",
    "projected",
    "regularizer_for",
]
