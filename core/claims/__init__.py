"""What the article and popular answers say, tested."""
