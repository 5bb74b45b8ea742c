"""How each signal is reported: intervals, percentiles among comparable creators, proofs, further figures."""
