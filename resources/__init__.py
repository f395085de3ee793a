"""What the programs ship besides code: the businesses as data, the customer page, pictures and words."""
