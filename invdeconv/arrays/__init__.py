"""The only code that knows array libraries: namespace, precision, pool, FFTs, elementwise work, compiler.

Everything above writes array-API code and calls these few functions where libraries differ.
"""

from invdeconv.arrays._compiled import Kernel, compiled, has_compiler, reassociated
from invdeconv.arrays._dct import dct2, idct2
from invdeconv.arrays._elementwise import (
    absolute,
    add,
    add_scaled,
    conjugate,
    divide,
    dot,
    elementwise,
    log1p,
    maximum,
    multiply,
    norm,
    total,
)
from invdeconv.arrays._engines import by_threads, fft_options
from invdeconv.arrays._fft import fast_frame, filtered, next_fast_length, signal, spectrum, spectrum_of_taps
from invdeconv.arrays._namespace import (
    Array,
    add_at,
    along,
    as_working,
    constant,
    is_complex,
    is_constant,
    is_numpy,
    like,
    namespace,
    precision_key,
    put_at,
    take,
    to_numpy,
    zeros_like_data,
)
from invdeconv.arrays._pool import empty, recycling
from invdeconv.arrays._sweep import is_swept, sweep

__all__ = [
    "Array",
    "Kernel",
    "absolute",
    "add",
    "add_at",
    "add_scaled",
    "along",
    "as_working",
    "by_threads",
    "compiled",
    "conjugate",
    "constant",
    "dct2",
    "divide",
    "dot",
    "elementwise",
    "empty",
    "fast_frame",
    "fft_options",
    "filtered",
    "has_compiler",
    "idct2",
    "is_complex",
    "is_constant",
    "is_numpy",
    "is_swept",
    "like",
    "log1p",
    "maximum",
    "multiply",
    "namespace",
    "next_fast_length",
    "norm",
    "precision_key",
    "put_at",
    "reassociated",
    "recycling",
    "signal",
    "spectrum",
    "spectrum_of_taps",
    "sweep",
    "take",
    "to_numpy",
    "total",
    "zeros_like_data",
]
