"""Charts and maps as shapes that a template writes down: the same on screen, in print, without scripts."""
