"""How scripted a brief is: measured on its own words, sentence by sentence, in French and English."""

from campaigns.rigidity.advice import CLAIM, MANY, Advice, Claim, advise
from campaigns.rigidity.measure import Finding, Rigidity, Wording, measure

__all__ = ["CLAIM", "MANY", "Advice", "Claim", "Finding", "Rigidity", "Wording", "advise", "measure"]
