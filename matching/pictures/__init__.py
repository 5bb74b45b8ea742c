"""A drawn illustration for every post: nothing is fetched from a network, and a page of posts looks alive."""

from matching.pictures.drawing import motif_of, svg_for_post

__all__ = ["motif_of", "svg_for_post"]
