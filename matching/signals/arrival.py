"""How quickly reactions arrive: the lognormal curve F(age) and its use for young posts.

Defaults measured on 5,251 Instagram posts (comments, SIGNALS.md section 12: median 3.9 h, 7.7 % after seven
days) and, for YouTube, on the share of last-seen views at days 1 to 5. TikTok and X have no measured curve
yet: an interpolation between the two, to be refitted from counter snapshots.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from matching.signals.segments import Floats

# per platform (Instagram, TikTok, YouTube, X): median in hours, sigma of log hours
MEDIAN_HOURS = np.array([3.9, 20.0, 34.0, 2.0])
SIGMA = np.array([2.64, 1.6, 0.95, 2.2])
YOUNGEST = 0.6
"""Posts whose expected share of reactions is below this are left out: dividing by less multiplies noise."""


def arrived(age_days: Floats, platform: NDArray[np.int8]) -> Floats:
    """(p,) expected share 0..1 of the reactions a post will get that it has at this age."""
    hours = np.maximum(age_days * 24.0, 1e-3)
    return ndtr((np.log(hours) - np.log(MEDIAN_HOURS[platform])) / SIGMA[platform])
