"""The claims ledger: what four well-read posts say of the layer, each with the number that decides it."""

from invdeconv.report._claims._ledger import VERDICTS, Claim, claims

__all__ = ["VERDICTS", "Claim", "claims"]
