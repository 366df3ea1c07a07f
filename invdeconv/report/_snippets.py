"""The Python shown on the tutorial page; a test runs every piece."""

__all__ = ["SNIPPETS"]

SNIPPETS = {
    "experiment": """\
import numpy as np
from invdeconv import report

print(report.experiment([[1, 0], [-1, -2]], np.ones((4, 4)), stride=2))
""",
    "photograph": """\
from invdeconv import compare, psf, samples
from invdeconv.simulate import observe

scene = samples.camera()[20:300, 110:390] / 255
print(compare(observe(scene, psf.gaussian((25, 25), 3), noise_std=0.005, rng=0)))
""",
    "clock": """\
from invdeconv import Observation, compare, psf, samples

picture = samples.clock() / 255
motion = psf.motion_from_cepstrum(picture)
blur = psf.motion((5, 39), motion.length, motion.angle)
print(motion, compare(Observation(picture, blur)), sep="\\n")
""",
    "channel": """\
import numpy as np
from invdeconv import adjoint, pseudo_inverse, samples, wiener
from invdeconv import equalization as eq

picture = np.round(samples.camera().reshape(64, 8, 64, 8).mean((1, 3))).astype(np.uint8)
bits = eq.picture_to_bits(picture)
line, n0 = eq.Channel.proakis_b(), eq.n0_from_ebn0_db(12)
y = line.transmit(eq.bpsk_symbols(bits), n0=n0, rng=0, boundary="periodic")
C = line.operator(bits.size)
mmse = wiener(y, C, noise_to_signal=n0 / 2)
for z in (y, adjoint(y, C).estimate, pseudo_inverse(y, C).estimate, mmse.estimate):
    print(eq.bit_error_rate(eq.bpsk_bits(z), bits).rate)
""",
    "modem": """\
from invdeconv import equalization as eq

line, n0 = eq.Channel.proakis_b(), eq.n0_from_ebn0_db(10)
linear = eq.mmse(line, n0=n0, taps=31, real_symbols=True)
feedback = eq.mmse_dfe(line, n0=n0, taps=16, feedback=15, real_symbols=True)
print(eq.theory.linear_bit_error_rate(linear))
print(eq.theory.linear_bit_error_rate(feedback))
print(eq.theory.mlse_union_bound(line, n0=n0))
""",
}
