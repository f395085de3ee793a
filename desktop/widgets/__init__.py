"""What is drawn: plain values in, past-tense signals out."""
