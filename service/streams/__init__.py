"""The streams of the running service: comments accepted, scored, watched and told of."""
