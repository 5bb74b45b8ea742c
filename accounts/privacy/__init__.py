"""What a person may ask about the data kept on them: finding it, handing it over, removing it."""
