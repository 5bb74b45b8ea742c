"""The words of the interface as catalogues: found in the source, translated in `locale/`, compiled by Babel."""
