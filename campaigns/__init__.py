"""What brands and creators do together: campaigns, briefs, partnerships, offers."""
