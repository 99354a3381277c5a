"""From subjects and behaviors to rulings."""
