"""Pages of campaigns: for the brand, for the creator signed in, and for the holder of an invitation link."""
