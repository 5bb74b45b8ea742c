"""The chance of acceptance, calibrated on the installation's own answers. Fitted with the scores at night."""

from __future__ import annotations

from django.utils import timezone

from matching.history import past_answers
from matching.models import FittedCalibration
from matching.ranking.calibration import Calibration, fit_calibration

NAME = "acceptance"


def refresh_calibration() -> Calibration:
    """Fits on every answer there is and keeps the result."""
    answers = past_answers()
    found = fit_calibration(answers.chance, answers.accepted)
    FittedCalibration.objects.update_or_create(
        name=NAME,
        defaults={"shift": found.shift, "slope": found.slope, "n": found.n, "fitted_at": timezone.now()},
    )
    return found


def current_calibration() -> Calibration:
    row = FittedCalibration.objects.filter(name=NAME).first()
    return Calibration(row.shift, row.slope, row.n) if row else Calibration()
