"""What a stream keeps: comments, scores, series, alerts, events; SQLite by default, PostgreSQL by URL."""
