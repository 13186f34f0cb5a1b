"""Text in, scores out: polarity and audience circles of Chinese comments.

>>> from model import Scorer
>>> Scorer.load().score(["太好看了"]).polarity
['positive']
"""

from model.author_gender import AuthorGender, GenderCounts, author_gender, count_gender
from model.explain import WordEffect
from model.facets import FacetNames, FacetScores
from model.files import DamagedModel, ModelError, NewerFormat
from model.heads import POLARITIES
from model.mix import Mix, audience_mix
from model.scorer import Scorer, Scores

__all__ = [
    "POLARITIES",
    "AuthorGender",
    "DamagedModel",
    "FacetNames",
    "FacetScores",
    "GenderCounts",
    "Mix",
    "ModelError",
    "NewerFormat",
    "Scorer",
    "Scores",
    "WordEffect",
    "audience_mix",
    "author_gender",
    "count_gender",
]
