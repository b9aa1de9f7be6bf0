"""What comes in: one pipeline, one module per source."""
