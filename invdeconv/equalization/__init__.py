"""Deconvolution in a modem: channels, symbols, and what an equalizer gets wrong.

Cᵀ is the matched filter, C⁺ zero forcing, Wiener the MMSE equalizer: the functions are the ones
that images use, on ``channel.operator(n)``.
"""

from invdeconv.equalization import theory
from invdeconv.equalization._adaptive import Adaptation, AdaptiveState
from invdeconv.equalization._bits import bits_to_picture, picture_to_bits
from invdeconv.equalization._channel import Channel
from invdeconv.equalization._cma import cma
from invdeconv.equalization._constellation import Constellation
from invdeconv.equalization._cyclic_prefix import CyclicPrefix
from invdeconv.equalization._decision_feedback import DecisionFeedbackEqualizer
from invdeconv.equalization._design import mmse, mmse_dfe, zero_forcing, zf_dfe
from invdeconv.equalization._equalizer import LinearEqualizer
from invdeconv.equalization._error_rate import ErrorRate, error_rate
from invdeconv.equalization._errors import ErrorCount, bit_error_rate
from invdeconv.equalization._estimate import ChannelEstimate, estimate_channel
from invdeconv.equalization._lms import lms, nlms
from invdeconv.equalization._mlse import MlseState, SequenceEstimate, mlse
from invdeconv.equalization._modulation import bpsk_bits, bpsk_symbols, n0_from_ebn0_db
from invdeconv.equalization._ofdm import ofdm_demodulate, ofdm_modulate
from invdeconv.equalization._pulses import raised_cosine, root_raised_cosine
from invdeconv.equalization._rls import rls

__all__ = [
    "Adaptation",
    "AdaptiveState",
    "Channel",
    "ChannelEstimate",
    "Constellation",
    "CyclicPrefix",
    "DecisionFeedbackEqualizer",
    "ErrorCount",
    "ErrorRate",
    "LinearEqualizer",
    "MlseState",
    "SequenceEstimate",
    "bit_error_rate",
    "bits_to_picture",
    "bpsk_bits",
    "bpsk_symbols",
    "cma",
    "error_rate",
    "estimate_channel",
    "lms",
    "mlse",
    "mmse",
    "mmse_dfe",
    "n0_from_ebn0_db",
    "nlms",
    "ofdm_demodulate",
    "ofdm_modulate",
    "picture_to_bits",
    "raised_cosine",
    "rls",
    "root_raised_cosine",
    "theory",
    "zero_forcing",
    "zf_dfe",
]
