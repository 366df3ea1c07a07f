"""The claims ledger: every number again in plain NumPy, every verdict in line with its number."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from claims_numpy import claims_numbers

from invdeconv.report._claims import VERDICTS, claims
from invdeconv.report._messages import LANGUAGES, catalogue, placeholders

DOCS = Path(__file__).parents[2] / "docs"
LEDGER = {claim.id: claim for claim in claims()}
FAR, NEAR = 0.1, 1e-9

# One worker computes both ledgers.

# What each verdict rests on.
EVIDENCE = {
    "learn": lambda n: n["error"] < 0.01,
    "similar": lambda n: n["smooth"] > 0.7 > 0.2 > n["edge"],
    "uses": lambda n: n["wiener"] < n["data"] < n["adjoint"],
    "inverse": lambda n: n["adjoint"] > FAR and abs(n["factor"] - 1) > FAR,
    "cannot": lambda n: n["best"] > FAR and n["rank"] < n["size"],
    "transposed": lambda n: n["transposed"] > FAR,
    "maximal": lambda n: n["own"] < NEAR and n["pinv"] < NEAR < FAR < n["best"],
    "can": lambda n: n["haar"] < NEAR < FAR < n["best"],
    "reversed": lambda n: n["reversed"] < NEAR,
    "recipe": lambda n: n["own"] < NEAR and n["strided"] < n["same"] < n["valid"] < 1,
    "pads": lambda n: n["error"] > FAR and n["right"] == n["cases"],
    "partial": lambda n: n["rank"] < n["size"] and n["pinv"] > FAR,
    "padding": lambda n: n["both"] > 0 == n["differing"],
    "output_shape": lambda n: n["valid_high"] < n["tried"] and n["same_low"] < n["valid_low"],
    "backprop": lambda n: n["error"] < NEAR,
    "same_valid": lambda n: n["four"] == 0 and n["valid"] != n["same"],
    "listing": lambda n: n["difference"] == 0,
    "reverse": lambda n: n["size"] == 4 and n["low"] > 1 + FAR,
    "shapes": lambda n: (n["there"], n["size"]) == (2, 4),
    "kernel_shape": lambda n: (n["there"], n["back"]) == (5, 3),
    "unchanged": lambda n: n["one"] == 1 < n["two"],
    "special": lambda n: n["right"] == n["cases"],
    "unpool": lambda n: n["again"] < NEAR < FAR < n["error"],
    "parameters": lambda n: n["weights"] > 0 and n["error"] < 0.01,
    "unpooling": lambda n: n["coincide"] < NEAR < FAR < n["random"],
    "copying": lambda n: n["difference"] < NEAR,
    "opposite": lambda n: n["transposed"] < NEAR,
    "matrix": lambda n: n["nonzero"] < n["rows"] * n["columns"],
    "not_inverse": lambda n: n["adjoint"] > n["best"] > n["pinv"] > FAR,
    "upsampling": lambda n: abs(n["middle"] - 1) < NEAR and abs(n["sum"] - 4) < NEAR,
    "dense": lambda n: n["difference"] < NEAR and (n["rows"], n["columns"]) == (3, 6),
    "name": lambda n: n["pinv"] < NEAR < FAR < n["adjoint"],
    "faster": lambda n: n["nonzero"] < n["entries"] and n["small"] < n["fft"] < n["large"],
    "matrix_inverse": lambda n: n["nullity"] > 0 and n["pinv"] > FAR,
    "trained": lambda n: n["learned"] < n["own"] and abs(n["learned"] - n["pinv"]) < 0.01,
}


@pytest.fixture(scope="module")
def recomputed():
    return claims_numbers()


def test_every_claim_is_recomputed(recomputed):
    assert len(LEDGER) == len(claims())
    assert recomputed.keys() == LEDGER.keys() == EVIDENCE.keys()


@pytest.mark.parametrize("name", LEDGER)
def test_number_in_plain_numpy(name, recomputed):
    numbers = LEDGER[name].numbers
    assert numbers.keys() == LEDGER[name].styles.keys() == recomputed[name].keys()
    for key, value in numbers.items():
        assert value == pytest.approx(recomputed[name][key], rel=1e-9, abs=1e-12), key


@pytest.mark.parametrize("name", LEDGER)
def test_verdict_follows_from_the_number(name):
    assert EVIDENCE[name](LEDGER[name].numbers)


def test_ledger_covers_all_posts_and_verdicts():
    assert [claim.post for claim in LEDGER.values()] == sorted(claim.post for claim in LEDGER.values())
    assert {claim.post for claim in LEDGER.values()} == {0, 1, 2, 3}
    assert {claim.verdict for claim in LEDGER.values()} == set(VERDICTS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_judgements_quote_every_number(lang):
    for claim in LEDGER.values():
        assert placeholders(catalogue(lang)[f"claims.{claim.id}.judgement"]) == set(claim.styles)
        assert not placeholders(catalogue(lang)[f"claims.{claim.id}.quote"])
        only_if = {"en": ("Only if",), "zh-CN": ("只有",)}[lang]
        starts = catalogue(lang)[f"claims.{claim.id}.judgement"].startswith(only_if)
        assert starts == (claim.verdict == "only if"), claim.id


def test_documents_are_what_the_script_writes():
    script = runpy.run_path(str(DOCS / "claims.py"))
    for lang, text in script["documents"]().items():
        assert (DOCS / script["FILES"][lang]).read_text("utf-8") == text, "run python docs/claims.py"
