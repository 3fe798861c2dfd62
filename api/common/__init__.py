"""What several callers share: events, operations, webhooks, privacy requests, problem pages."""
