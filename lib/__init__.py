"""Driftline's library: everything the pages show, without the pages."""
