"""Telling others of alerts: webhooks with retries and dead letters."""
