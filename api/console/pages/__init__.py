"""The screens: each reads, asks deeds, and hands plain facts to its template."""

from api.console.pages import door, files, inbox, live, log, recommendation, whatif

CONSOLE = (
    door.router,
    files.router,
    inbox.router,
    recommendation.router,
    whatif.router,
    live.router,
    log.router,
)
"""The routers of all screens."""
