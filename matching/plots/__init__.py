"""Figures drawn on the server: one description, shown as SVG on pages (two widths) and on paper alike."""
