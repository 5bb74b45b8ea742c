"""Which words say that a post is paid: labels by country as dated data, and the exact line to paste."""

from campaigns.disclosure.labels import Label, accepted_labels, labels_for, read_labels

__all__ = ["Label", "accepted_labels", "labels_for", "read_labels"]
