"""What `print(model)` shows, read and judged layer by layer."""
