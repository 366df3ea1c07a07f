"""What the world did: y = C x."""

from invdeconv.operators._check import check_operator
from invdeconv.operators._differences import Differences, laplacian
from invdeconv.operators._extension import Extension
from invdeconv.operators._linear_operator import Batched, Identity, LinearOperator, Stacked
from invdeconv.operators.convolution import Convolution
from invdeconv.operators.decomposition import Decomposition, decompose

__all__ = [
    "Batched",
    "Convolution",
    "Decomposition",
    "Differences",
    "Extension",
    "Identity",
    "LinearOperator",
    "Stacked",
    "check_operator",
    "decompose",
    "laplacian",
]
