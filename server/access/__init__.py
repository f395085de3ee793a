"""Who someone is (passwords, tokens, links) and what they may see: one rule in two forms."""
