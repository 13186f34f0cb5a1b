"""Text in, scores out: the polarity of Chinese audience comments.

>>> from model import Scorer
>>> Scorer.load().score(["太好看了"]).polarity
['positive']
"""

from model.explain import WordEffect
from model.files import DamagedModel, ModelError, NewerFormat
from model.heads import POLARITIES
from model.scorer import Scorer, Scores

__all__ = ["POLARITIES", "DamagedModel", "ModelError", "NewerFormat", "Scorer", "Scores", "WordEffect"]
