"""The whole of Fieldline at work: server, scripted customers, a desktop, and a story that proves what it shows."""
