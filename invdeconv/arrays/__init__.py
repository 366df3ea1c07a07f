"""The only code that knows array libraries: namespace, precision, the FFT layer, the compiler.

Everything above writes array-API code and calls these few functions where libraries differ.
"""

from invdeconv.arrays._compiled import compiled, has_compiler, reassociated
from invdeconv.arrays._fft import dct2, fft_options, filtered, idct2, next_fast_length, signal, spectrum
from invdeconv.arrays._namespace import (
    Array,
    add_at,
    add_scaled,
    along,
    as_working,
    divide,
    dot,
    is_complex,
    is_numpy,
    like,
    maximum,
    namespace,
    norm,
    precision_key,
    take,
    to_numpy,
    zeros_like_data,
)

__all__ = [
    "Array",
    "add_at",
    "add_scaled",
    "along",
    "as_working",
    "compiled",
    "dct2",
    "divide",
    "dot",
    "fft_options",
    "filtered",
    "has_compiler",
    "idct2",
    "is_complex",
    "is_numpy",
    "like",
    "maximum",
    "namespace",
    "next_fast_length",
    "norm",
    "precision_key",
    "reassociated",
    "signal",
    "spectrum",
    "take",
    "to_numpy",
    "zeros_like_data",
]
