"""The live monitor, pure: scored comments in, alerts and segments out; no clock, no file, no network."""
