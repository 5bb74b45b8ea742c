"""The only bridge between the database and the numpy scoring: batches in, signals and index rows out."""

from matching.repository.loading import Loaded, load_batch
from matching.repository.storing import Stored, store
from matching.repository.versions import current_priors, save_priors

__all__ = ["Loaded", "Stored", "current_priors", "load_batch", "save_priors", "store"]
